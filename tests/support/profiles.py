"""Small data profiles by hand, for tests of model proposals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from barograph.definitions.propose import ColumnProfile, DataProfile, NamedProfile, Spread, TableProfile
from barograph.definitions.tables import TABLES

NUMBERS = Spread(1, 5, 20, 0, 40)


def column(
    name: str, table: str = "", *, accounts: int = 100, words: tuple[str, ...] = (), kind: str = ""
) -> ColumnProfile:
    """A column that every account has; its type is that of the contract unless given."""
    known = TABLES[table].by_name.get(name) if table else None
    type_ = kind or (str(known.type) if known else "number")
    spread = NUMBERS if type_ in ("number", "integer") else None
    return ColumnProfile(name, type_, accounts * 3, accounts, words, spread)


def table(
    name: str,
    columns: Iterable[str | ColumnProfile] | None = None,
    *,
    accounts: int = 100,
    rows: int = 30_000,
    words: Mapping[str, tuple[str, ...]] | None = None,
    usual_gap_days: float | None = 1,
    repeat_days: float | None = 30,
) -> TableProfile:
    """A table with these columns (all of the contract by default), dated over two years."""
    names = TABLES[name].by_name if columns is None else columns
    made = [
        c
        if isinstance(c, ColumnProfile)
        else column(c, name, accounts=accounts, words=(words or {}).get(c, ()))
        for c in names
    ]
    dated = TABLES[name].occurred is not None
    return TableProfile(
        name,
        rows,
        accounts,
        {c.name: c for c in made},
        first_day=20_000 if dated else None,
        last_day=20_730 if dated else None,
        usual_gap_days=usual_gap_days if dated else None,
        repeat_days=repeat_days if dated else None,
    )


def profile(
    *tables: TableProfile,
    accounts: int = 100,
    events: tuple[NamedProfile, ...] = (),
    metrics: tuple[NamedProfile, ...] = (),
    milestones: tuple[NamedProfile, ...] = (),
    dated_contracts: float | None = None,
    survey_scales: Mapping[str, tuple[float, float]] | None = None,
) -> DataProfile:
    """A data set of these tables."""
    return DataProfile(
        accounts=accounts,
        tables={t.name: t for t in tables},
        events=events,
        metrics=metrics,
        milestones=milestones,
        dated_contracts=dated_contracts,
        survey_scales=survey_scales or {},
    )


def named(
    name: str,
    *,
    accounts: int = 100,
    users: int = 0,
    spread: Spread | None = NUMBERS,
    every_days: float | None = None,
) -> NamedProfile:
    """An event, metric or milestone."""
    return NamedProfile(name, accounts * 300, accounts, users, spread, every_days)
