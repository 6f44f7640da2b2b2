"""A company made for learning: a lake of raw tables in which one monthly metric decides renewals, or nothing does.

Accounts have a one-year term each that ends on a spread of days in 2025 and 2026. `adoption` falls for accounts that
will be lost (by `effect` standard deviations), `noise_*` never does. Facts are recorded on the day they happen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from barograph.core.calendar import day_number, to_date
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import dumps_model
from barograph.lake.transaction import NewFile
from barograph.workspace import Workspace
from support.signal_data import Raw, RawTables, write_raw

END = day_number(date(2026, 11, 16))
BEGIN = day_number(date(2024, 7, 1))
NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """A planted company. lost: by account."""

    raw: Raw
    lost: Mapping[str, bool]


def moment(day: int, hour: int = 12) -> datetime:
    """Noon of a day, as raw instants are: UTC without a zone."""
    return datetime.combine(to_date(day), datetime.min.time()) + timedelta(hours=hour)


def company(
    accounts: int = 160,
    *,
    effect: float = 1.5,
    noise: int = 2,
    seed: int = 1,
    rate: float = 0.3,
    works_until: int | None = None,
) -> Made:
    """Accounts with one decided term each, monthly metrics, an older score and one milestone.

    works_until: adoption tells nothing about terms that end on this day or later.
    """
    rng = np.random.default_rng(seed)
    raw = RawTables()
    fate: dict[str, bool] = {}
    months = list(range(BEGIN, END, 28))
    for i in range(accounts):
        account = f"c{i:04d}"
        gone = bool(rng.random() < rate)
        fate[account] = gone
        end = BEGIN + 230 + int(rng.integers(0, 560))
        start = end - 364
        segment = ("smb", "ent")[i % 2]
        raw.add("accounts", known=moment(start), account_id=account, name=f"Company {i}", segment=segment,
                start_date=to_date(start))  # fmt: skip
        raw.add("contracts", known=moment(start), contract_id=f"{account}-1", account_id=account,
                start_date=to_date(start), end_date=to_date(end), arr=1000.0 * (1 + i % 9), notice_days=30.0)  # fmt: skip  # noqa: E501
        raw.add("outcomes", known=moment(end - 29), account_id=account, contract_id=f"{account}-1",
                outcome="churned" if gone else "renewed", decided_at=moment(end - 30), effective_at=moment(end),
                arr_before=1000.0 * (1 + i % 9), arr_after=0.0 if gone else 1000.0 * (1 + i % 9))  # fmt: skip
        if not gone:
            raw.add("contracts", known=moment(end - 29), contract_id=f"{account}-2", account_id=account,
                    start_date=to_date(end + 1), end_date=to_date(end + 1095), arr=1000.0 * (1 + i % 9))  # fmt: skip
        works = works_until is None or end < works_until
        level = rng.normal() - effect * gone * works
        for day in months:
            if day < start or (gone and day > end):
                continue
            put = {"adoption": level + 0.3 * rng.normal()} | {
                f"noise_{k}": rng.normal() for k in range(noise)
            }
            for metric, value in put.items():
                raw.add("metrics", account_id=account, date=to_date(day), metric=metric, value=float(value))
            raw.add("legacy_scores", account_id=account, as_of=to_date(day), source="crm",
                    score=float(np.clip(60 + 8 * level + 10 * rng.normal(), 0, 100)))  # fmt: skip
        if rng.random() < (0.3 if gone else 0.8):
            raw.add(
                "milestones",
                account_id=account,
                milestone="live",
                reached_at=moment(start + int(rng.integers(3, 40))),
            )
    return Made(raw.tables, fate)


def planted_model(noise: int = 2, **more: Any) -> ScoreModel:
    """An expert model that believes in noise as much as in adoption."""
    names = ["adoption", *(f"noise_{k}" for k in range(noise))]
    weights = [40, *([60 / noise] * noise)] if noise else [100]
    signals = [
        {
            "name": name, "label": name.replace("_", " "), "category": "usage", "unit": "points", "template": "mean",
            "source": "metrics", "where": {"metric": name}, "measure": "value", "window_days": 56, "min_support": 1,
            "stale_after_days": 60, "component": "use", "weight": weight,
            "normalise": {"method": "range", "zero": -2, "full": 2},
        }
        for name, weight in zip(names, weights, strict=True)
    ]  # fmt: skip
    data = {
        "name": "planted",
        "title": "Planted",
        "components": [{"name": "use", "label": "Use"}],
        "signals": signals,
        "tiers": [
            {"name": n, "label": n.title(), "from_score": at, "definition": n}
            for n, at in (("at_risk", 0), ("watch", 35), ("healthy", 55))
        ],
    }
    return ScoreModel.model_validate(data | more)


def workspace(folder: Path, raw: Raw, model: ScoreModel) -> Workspace:
    """A workspace whose lake holds exactly these raw tables."""
    place = Workspace.create(folder, name="Planted", currency="EUR")
    (folder / "models" / f"{model.name}.toml").write_text(dumps_model(model), encoding="utf-8")
    add_raw(place, raw)
    return place


def add_raw(place: Workspace, raw: Raw) -> None:
    """Publish further raw rows, as an import does."""
    written = write_raw(place.path / "staged", raw)
    with place.lake.transaction("import") as txn:
        for table, paths in written.items():
            days = [row["_known_day"] for row in raw[table]]
            for path in paths:
                target = txn.new_path(f"raw/{table}")
                target.write_bytes(path.read_bytes())
                file = NewFile(target, len(days), {"known_day": [min(days, default=0), max(days, default=0)]})
                txn.add(file.path, file.rows, file.meta)
