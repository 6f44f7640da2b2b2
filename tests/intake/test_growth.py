"""The work of an import is done by the engine: as many statements for a thousand rows as for ten (growth)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from barograph.intake import run
from support.intake_lab import load, workspace, write_csv


class Counted:
    """A connection that counts its statements."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.statements = 0

    def execute(self, *args: Any) -> Any:
        self.statements += 1
        return self.connection.execute(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


@pytest.mark.parametrize("table", ["events", "tickets"])
def test_statements_do_not_grow_with_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    made: list[Counted] = []
    connect = run.connect

    def counted(folder: Path, memory: str) -> Any:
        made.append(Counted(connect(folder, memory)))
        return made[-1]

    monkeypatch.setattr(run, "connect", counted)
    for rows in (10, 1000):
        base = {"account_id": "A", "event": "e", "resolved_at": "2026-01-05"}
        days = [f"2026-01-{n % 28 + 1:02d}" for n in range(rows)]
        found = [
            base | {"ticket_id": str(n), "occurred_at": day, "opened_at": day} for n, day in enumerate(days)
        ]
        found[3] = found[3] | {"occurred_at": "x", "opened_at": "x"}
        ws = workspace(tmp_path / str(rows))
        report = load(ws, write_csv(tmp_path / f"{table}.csv", found))
        assert (report.table(table).rows, report.table(table).quarantined) == (rows, 1)
    assert made[0].statements == made[1].statements
