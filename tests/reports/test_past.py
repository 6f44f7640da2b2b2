"""One account of an earlier week, read from the published file alone.

Truths: reference (every key as the documents of the whole week say it). Requirements: R3, H4; decision 12.
"""

from __future__ import annotations

import pytest

from barograph.pipeline.score_store import published_weeks
from barograph.reports.context import week_context
from barograph.reports.explain import explain_document
from barograph.reports.past import past_entry
from barograph.reports.scores import scores_document
from barograph.workspace import Workspace


def test_every_week_and_account_is_as_published(scored: Workspace) -> None:
    for day in published_weeks(scored.lake.manifest()):
        context = week_context(scored, day)
        for said in scores_document(context)["accounts"]:
            found = past_entry(scored, day, said["account_id"])
            assert found is not None
            assert {key: found[key] for key in said} == said
            told = explain_document(context, said["account_id"])
            for key in ("ledger", "tier_labels", "tier_lines"):
                assert found[key] == told[key], (day, said["account_id"], key)


def test_what_is_not_there_is_none(scored: Workspace) -> None:
    day = next(iter(published_weeks(scored.lake.manifest())))
    account_id = scores_document(week_context(scored, day))["accounts"][0]["account_id"]
    assert past_entry(scored, day + 1, account_id) is None
    assert past_entry(scored, day, "nobody") is None


@pytest.mark.parametrize("account_id", ["' OR 1=1 --", "", "a\x1fb"])
def test_ids_are_values_not_expressions(scored: Workspace, account_id: str) -> None:
    day = next(iter(published_weeks(scored.lake.manifest())))
    assert past_entry(scored, day, account_id) is None
