"""What the workspace holds, taken by the worker: tables, signals that need them, quarantine, a model they could feed.

A web request shows the newest `DataState`; it computes nothing.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from barograph.core.calendar import day_number
from barograph.definitions.describe import describe_signal
from barograph.definitions.lint import lint
from barograph.definitions.model import ScoreModel
from barograph.definitions.propose import propose_model
from barograph.definitions.propose.adapt import Dropped, adapt, without_orphans
from barograph.definitions.signal import FromSource, Signal
from barograph.definitions.starters import load_starter
from barograph.definitions.tables import TABLES
from barograph.definitions.toml_io import dumps_model, load_model
from barograph.engines.duckdb.connection import connect
from barograph.engines.duckdb.profile import profile_lake
from barograph.errors import BarographError
from barograph.lake import Manifest
from barograph.pipeline.score_store import published_weeks
from barograph.pipeline.signal_store import newest_days, read_week
from barograph.reports.signals import signal_entry
from barograph.reports.status import status_document
from barograph.signals.sources import files_sql
from barograph.workspace import Workspace
from barograph_web.ingest import quarantine
from barograph_web.ingest.content import storable
from barograph_web.ingest.models import DataState

MOST_UNKNOWN = 50


def take(place: Workspace, now: datetime) -> DataState:
    """Look at everything that is published, and keep it in place of what was kept before."""
    manifest = place.lake.manifest()
    today = now.astimezone(place.zone).date()
    model = _model(place)
    signals = _signals(place, model, day_number(today))
    document = {
        "tables": _tables(status_document(place, today)["tables"], signals),
        "signals": signals,
        "quarantine": [asdict(group) for group in quarantine.groups(place)],
        "proposal": _proposal(place),
        "model": None if model is None else {"name": model.name, "title": model.title, "label": model.stage},
    }
    state, _ = DataState.objects.update_or_create(
        id=1,
        defaults={"generation": data_generation(manifest), "taken_at": now, "document": storable(document)},
    )
    return state


def data_generation(manifest: Manifest) -> int:
    """The generation in which anything that the Data page shows was published last; 0 when there is nothing."""
    shown = ("raw/", "quarantine/", "signals")
    found = [
        e.generation for name in manifest.datasets if name.startswith(shown) for e in manifest.entries(name)
    ]
    return max(found, default=0)


def has_accounts(place: Workspace) -> bool:
    """Whether anything at all was imported."""
    return any(name.startswith("raw/") for name in place.lake.manifest().datasets)


def unknown_accounts(place: Workspace, brought: Workspace, import_id: str = "") -> dict[str, Any]:
    """Accounts that the rows of an import name and the accounts table does not know: how many, and the first of them.

    brought: the workspace that the rows are in (a trial has one of its own); its accounts count as known too.
    `count` is None when there is no accounts table to ask.
    """
    known = [p for lake in {place.lake.root: place.lake, brought.lake.root: brought.lake}.values()
             for p in lake.paths("raw/accounts")]  # fmt: skip
    named = []
    for table in TABLES:
        entries = brought.lake.manifest().entries(f"raw/{table}")
        kept = tuple(e for e in entries if import_id in ("", e.meta.get("import")))
        if kept and table != "accounts":
            named += brought.lake.resolve(kept)
    if not known:
        return {"count": None, "first": []}
    if not named:
        return {"count": 0, "first": []}
    with connect() as connection:
        found = connection.execute(
            f"SELECT DISTINCT account_id FROM {_ids(named)} ANTI JOIN {_ids(known)} USING (account_id) "
            "WHERE account_id IS NOT NULL ORDER BY 1"
        ).fetchall()
    return {"count": len(found), "first": [row[0] for row in found[:MOST_UNKNOWN]]}


def _ids(paths: list[Any]) -> str:
    """Account ids of files that have different columns."""
    return "(" + " UNION ALL ".join(f"SELECT account_id FROM {files_sql([path])}" for path in paths) + ")"


def _model(place: Workspace) -> ScoreModel | None:
    try:
        return load_model(place.model_file())
    except BarographError:
        return None


def _signals(place: Workspace, model: ScoreModel | None, today: int) -> list[dict[str, Any]]:
    """The signals of the model in force with coverage and freshness of the newest published week."""
    if model is None:
        return []
    manifest = place.lake.manifest()
    day = max(published_weeks(manifest), default=None)
    table = None if day is None else read_week(place.lake, manifest, day)
    newest = newest_days(place.lake, {s.source for s in model.signals if isinstance(s, FromSource)})
    return [signal_entry(signal, table, newest, today if day is None else day) for signal in model.signals]


def _tables(held: list[dict[str, Any]], signals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every table of the contract: what is there of it, what it feeds, and what it could feed."""
    there = {entry["table"]: entry for entry in held}
    starter = load_starter("saas")
    out = []
    for name, table in TABLES.items():
        needs = [
            {key: s[key] for key in ("name", "label", "weight", "coverage", "missing")}
            for s in signals
            if s["source"] == name
        ]
        out.append(
            {
                "table": name,
                "row": table.row,
                "held": there.get(name),
                "needs": needs,
                "could_feed": [
                    s.label for s in starter.signals if isinstance(s, FromSource) and s.source == name
                ],
                "required": list(table.required),
            }
        )
    return out


def _proposal(place: Workspace) -> dict[str, Any] | None:
    """The model that the data could feed: signals with weight, candidates, and what is not possible and why."""
    sources = {t: paths for t in TABLES if (paths := place.lake.paths(f"raw/{t}"))}
    if not sources:
        return None
    profile = profile_lake(sources)
    found = propose_model(profile)
    starter = load_starter(found.base)
    lacking = _lacking(starter, profile)
    return {
        "base": found.base,
        "title": found.model.title,
        "text": dumps_model(found.model),
        # Where nothing can be measured the proposal is the shipped model as it is: its signals are not possible.
        "scored": [
            _entry(s) for s in sorted(found.model.scored, key=lambda s: -s.weight) if s.name not in lacking
        ],
        "candidates": [_entry(s) for s in found.model.candidates if s.name not in lacking],
        "lacking": [
            {"name": s.name, "label": s.label, "category": s.category, "why": lacking[s.name]}
            for s in starter.signals
            if s.name in lacking
        ],
        "notes": list(found.notes),
        "lint": [
            {"id": f.rule, "severity": f.severity, "where": f.where, "text": f.message, "fix": f.fix}
            for f in lint(found.model)
        ],
    }


def _lacking(starter: ScoreModel, profile: Any) -> dict[str, str]:
    """Signal of the starter -> why this data cannot feed it."""
    kept: list[Signal] = []
    why: dict[str, str] = {}
    for signal in starter.signals:
        found = adapt(signal, profile)
        if isinstance(found, Dropped):
            why[signal.name] = found.reason
        else:
            kept.append(found)
    _, orphans = without_orphans(kept)
    return why | {name: why.get(part, f"{part} is not there") for name, part in orphans.items()}


def _entry(signal: Signal) -> dict[str, Any]:
    return {
        "name": signal.name,
        "label": signal.label,
        "category": signal.category,
        "weight": signal.weight,
        "measures": describe_signal(signal),
    }
