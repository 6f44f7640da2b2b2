"""What was published about one account in any week, read without the rest of the week."""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq

from barograph.core.calendar import to_date
from barograph.core.words_ledger import item_words
from barograph.pipeline.published import ledger_of
from barograph.pipeline.registry import Registry
from barograph.pipeline.score_store import published_weeks
from barograph.reports.scores import account_entry
from barograph.reports.track_record import TrackRecordBook
from barograph.workspace import Workspace


def past_entry(workspace: Workspace, day: int, account_id: str) -> dict[str, Any] | None:
    """The account as it was published for the week of `day` (a day number); None where it was not.

    Keys as in `barograph.scores/1`, with `ledger` and `tier_labels` as in `barograph.explain/1`. The sentences that
    need the other accounts of the week, such as what would lift it a tier, are not among them. Costs one filtered
    read of a file.
    """
    manifest = workspace.lake.manifest()
    weeks = published_weeks(manifest)
    if day not in weeks:
        return None
    (path,) = workspace.lake.resolve((weeks[day].entry,))
    table = pq.read_table(path, filters=[("account_id", "=", account_id)], partitioning=None)
    if table.num_rows == 0:
        return None
    registry = Registry(workspace.path / "registry")
    version = registry.by_key(weeks[day].model)
    model = registry.model(version)
    earlier = [week for at, week in weeks.items() if at < day]
    previous = registry.model(registry.by_key(earlier[-1].model)) if earlier else None
    currency = workspace.settings.currency.reporting
    row = dict(table.to_pylist()[0])
    return {
        **account_entry(row, model, TrackRecordBook(manifest, version.key)),
        "tier_labels": {tier.name: tier.label for tier in model.tiers},
        "tier_lines": {
            tier.name: row[f"line.{tier.name}"] for tier in model.tiers if f"line.{tier.name}" in row
        },
        "ledger": [
            {
                "kind": item.kind,
                "name": item.name,
                "points": item.points,
                "words": item_words(item, model, previous, currency),
            }
            for item in ledger_of(table).items(0)
        ],
        "model_version": version.key,
        "week": to_date(day).isoformat(),
    }
