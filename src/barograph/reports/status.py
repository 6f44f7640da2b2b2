"""The state of a workspace: what is imported and how fresh, which weeks are scored, which model is in force."""

from __future__ import annotations

from datetime import date
from typing import Any

from barograph.core.calendar import day_number, to_date
from barograph.definitions.lint import lint
from barograph.definitions.model import ScoreModel
from barograph.definitions.tables import TABLES
from barograph.definitions.toml_io import load_model
from barograph.engines.duckdb.table_facts import table_facts
from barograph.errors import BarographError
from barograph.lake.manifest import Manifest
from barograph.pipeline.learn_compare import stored_migration
from barograph.pipeline.registry import Registry
from barograph.pipeline.score_store import published_weeks, shadow_weeks
from barograph.pipeline.shadow import shadows
from barograph.pipeline.signal_store import known_columns
from barograph.reports.quarter import last_quarter
from barograph.workspace import Workspace

SCHEMA = "barograph.status/1"


def status_document(workspace: Workspace, today: date) -> dict[str, Any]:
    """What `barograph status` shows. Everything is read from what is published; nothing is computed."""
    manifest = workspace.lake.manifest()
    weeks = published_weeks(manifest)
    last = max(weeks) if weeks else None
    return {
        "schema": SCHEMA,
        "workspace": workspace.settings.name,
        "path": str(workspace.path),
        "workspace_as_of": None if last is None else to_date(last).isoformat(),
        "timezone": workspace.settings.timezone,
        "currency": workspace.settings.currency.reporting,
        "tables": _tables(workspace, today),
        "weeks": {
            "scored": len(weeks),
            "from": to_date(min(weeks)).isoformat() if weeks else None,
            "to": None if last is None else to_date(last).isoformat(),
            "filled_in": sum(week.filled for week in weeks.values()),
            "restated": sum(week.revision > 0 for week in weeks.values()),
        },
        **_model(workspace, day_number(today)),
        "shadows": _shadows(workspace, manifest),
    }


def _shadows(workspace: Workspace, manifest: Manifest) -> list[dict[str, Any]]:
    """Versions that are scored beside the one in force, and how many accounts they put in another tier."""
    found = []
    for shadow in shadows(manifest):
        weeks = shadow_weeks(manifest, shadow.key)
        last = max(weeks, default=None)
        moved = (
            None
            if last is None
            else stored_migration(workspace, published_weeks(manifest), weeks, until=last)
        )
        found.append(
            {
                "version": shadow.key,
                "since": shadow.since,
                "weeks": len(weeks),
                "to": _day(last),
                "accounts": None if moved is None else len(moved.account_ids),
                "moved": None if moved is None else int((moved.before != moved.after).sum()),
            }
        )
    return found


def _tables(workspace: Workspace, today: date) -> list[dict[str, Any]]:
    lake, found = workspace.lake, []
    accounts = lake.paths("raw/accounts")
    for table in TABLES:
        paths = lake.paths(f"raw/{table}")
        if not paths:
            continue
        facts, share = table_facts(table, paths, accounts)
        found.append(
            {
                "table": table,
                "rows": facts.rows,
                "versions": facts.versions,
                "accounts": facts.accounts,
                "known_accounts_share": share,
                "from": _day(facts.first_day),
                "to": _day(facts.last_day),
                "fresh_as_of": facts.known_to.date().isoformat() if facts.known_to else None,
                "stale_days": None if facts.last_day is None else max(0, day_number(today) - facts.last_day),
                "clocks": list(facts.clocks),
                "quarantined": lake.manifest().rows(f"quarantine/{table}"),
            }
        )
    return found


def _model(workspace: Workspace, today: int) -> dict[str, Any]:
    try:
        file = workspace.model_file()
        model = load_model(file)
    except BarographError as e:
        nothing = dict.fromkeys(("model", "label", "outcomes", "validation"))
        return {**nothing, "model_problem": str(e), "lint": []}
    registry = Registry(workspace.path / "registry")
    version = registry.find(model)
    return {
        "model": {
            "name": model.name,
            "version": version.key if version else None,
            "title": model.title,
            "file": file.relative_to(workspace.path).as_posix()
            if file.is_relative_to(workspace.path)
            else str(file),
            "scored_signals": len(model.scored),
            "candidate_signals": len(model.candidates),
        },
        "label": model.stage,
        "outcomes": model.outcomes_behind,
        "validation": last_quarter(registry, version, today),
        "model_problem": None,
        "lint": _lint(workspace, model),
    }


def _lint(workspace: Workspace, model: ScoreModel) -> list[dict[str, str]]:
    columns = known_columns(workspace.lake)
    return [
        {"id": f.rule, "severity": f.severity, "where": f.where, "text": f.message, "fix": f.fix}
        for f in lint(model, columns or None)
    ]


def _day(day: int | None) -> str | None:
    return None if day is None else to_date(day).isoformat()
