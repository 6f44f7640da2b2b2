"""Property: what is recorded at or after D, or happens at or after D, changes nothing at D (S3).

The future of a workspace is rewritten as wildly as the contract allows: every key gets later versions with
other values and owners, every table gets rows that have not happened yet, some of them known long before D,
and accounts and products that nobody has heard of. Each template must give the same numbers to the last bit.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from barograph.definitions.model import Population
from barograph.definitions.tables import TABLES
from barograph.engines.base import SignalEngine
from support.oracle import compute
from support.oracle_compare import changed_cells, run
from support.oracle_draws import MAKERS, Draw
from support.oracle_facts import calendar_day, day_number, local_day, midnight
from support.oracle_signals import ALL_SIGNALS, SIGNALS, TEMPLATE_NAMES
from support.signal_data import Raw, RawTables, build_raw

ZONE = "Europe/Berlin"
AS_OF = day_number(date(2024, 4, 1))
DAYS = (AS_OF - 14, AS_OF - 7, AS_OF)
SEED = 31
EVERYBODY = Population(rule="accounts")


def known_before(raw: Raw) -> Raw:
    """Only what was recorded before D."""
    return {table: [row for row in rows if row["_known_day"] < AS_OF] for table, rows in raw.items()}


def with_another_future(raw: Raw, seed: int) -> Raw:
    """`raw` with rows added that nobody could have known of, or that had not happened, at AS_OF."""
    zone = ZoneInfo(ZONE)
    planted, rng = RawTables(ZONE), random.Random(seed)  # noqa: S311 - test data
    draw = Draw(seed, zone, (AS_OF + 60,))
    start = midnight(AS_OF, zone)

    def moment() -> datetime:
        return start + timedelta(seconds=rng.choice((0, 1, 3600, rng.randrange(40 * 86_400))))

    for table, (maker, _) in MAKERS.items():
        keys = TABLES[table].identity
        for row in raw[table]:
            if keys and rng.random() < 0.6:
                fresh = {**maker(draw), "account_id": rng.choice((row["account_id"], "nobody yet"))}
                planted.add(table, known=moment(), **{**fresh, **{c: row.get(c) for c in keys}})
        for i in range(25):
            fresh = {"account_id": rng.choice(raw["accounts"])["account_id"], **maker(draw)}
            planted.add(table, known=moment(), **fresh)
            if TABLES[table].occurred is None:
                continue
            not_yet = {**fresh, **{c: to_come(table, c, moment()) for c in fresh if is_time(table, c)}}
            unheard = {c: f"new {i}" for c in keys if c.endswith("_id") and c != "account_id"}
            unheard |= {c: f"new {i}" for c in ("product", "milestone", "source") if c in fresh}
            known = start - timedelta(days=rng.randint(0, 90), seconds=1)
            planted.add(table, known=known, **{**not_yet, **unheard})
    shift = 1 + max(row["_seq"] for rows in raw.values() for row in rows)
    for rows in planted.tables.values():
        for row in rows:
            row["_seq"] += shift
    return {table: [*raw[table], *planted.tables.get(table, [])] for table in raw}


def is_time(table: str, column: str) -> bool:
    return (
        TABLES[table].by_name[column].type in ("instant", "day") if column in TABLES[table].by_name else False
    )


def to_come(table: str, column: str, moment: datetime) -> date:
    """`moment` as the column writes it: an instant or a local day."""
    if TABLES[table].by_name[column].type == "instant":
        return moment
    return calendar_day(local_day(moment, ZoneInfo(ZONE)))


@pytest.fixture(scope="module")
def raw() -> Raw:
    return known_before(build_raw(SEED, DAYS, timezone=ZONE))


@pytest.fixture(scope="module")
def futures(raw: Raw) -> list[Raw]:
    return [with_another_future(raw, seed) for seed in (1, 2)]


@pytest.fixture(scope="module")
def tables(
    engine: SignalEngine, raw: Raw, futures: list[Raw], tmp_path_factory: pytest.TempPathFactory
) -> list[pa.Table]:
    """All signals at AS_OF: without a future, and with two different ones."""
    return [at_the_day(engine, tmp_path_factory.mktemp("raw"), world) for world in (raw, *futures)]


def at_the_day(
    engine: SignalEngine,
    folder: Path,
    raw: Raw,
    signals: tuple[Any, ...] = ALL_SIGNALS,
    population: Population = EVERYBODY,
    unit: str = "account",
) -> pa.Table:
    """The last of three weeks, so that what the engine carries from week to week is in it."""
    table = run(engine, folder, raw, signals, DAYS, population=population, timezone=ZONE, unit=unit)
    return table.filter(pa.compute.equal(table["as_of"], AS_OF))


def columns_of(template: str) -> list[str]:
    return [s.name + part for s in SIGNALS[template] for part in ("", "__n", "__why")]


def test_the_future_that_is_planted_is_one(raw: Raw, futures: list[Raw]) -> None:
    """It reaches every table, and later weeks do see it."""
    for future in futures:
        assert all(len(future[table]) > len(raw[table]) for table in raw)
    later = [compute(world, ALL_SIGNALS, EVERYBODY, [AS_OF + 70], ZONE) for world in (raw, *futures)]
    answers = [[row.answers for row in rows] for rows in later]
    assert answers[0] != answers[1] != answers[2]


def test_the_oracle_does_not_see_it(raw: Raw, futures: list[Raw]) -> None:
    now = compute(raw, ALL_SIGNALS, EVERYBODY, [AS_OF], ZONE)
    assert all(compute(future, ALL_SIGNALS, EVERYBODY, [AS_OF], ZONE) == now for future in futures)


@pytest.mark.parametrize("template", TEMPLATE_NAMES)
def test_template_does_not_see_the_future(tables: list[pa.Table], template: str) -> None:
    now, *others = (table.select(["account_id", *columns_of(template)]).to_pylist() for table in tables)
    assert now
    assert [changed_cells(now, other)[:8] for other in others] == [[], []]


def test_account_state_does_not_see_the_future(tables: list[pa.Table]) -> None:
    signals = {column for template in TEMPLATE_NAMES for column in columns_of(template)}
    now, *others = (
        table.select(
            [c for c in table.column_names if c not in signals and not c.startswith("attr_")]
        ).to_pylist()
        for table in tables
    )
    assert [changed_cells(now, other)[:8] for other in others] == [[], []]


@pytest.mark.parametrize("unit", ["account", "product"])
@pytest.mark.parametrize(
    "population",
    [
        Population(),
        EVERYBODY,
        Population(rule="activity", source="tickets", active_days=14),
    ],
    ids=lambda population: population.rule,
)
def test_population_does_not_see_the_future(
    engine: SignalEngine, tmp_path: Path, raw: Raw, futures: list[Raw], population: Population, unit: str
) -> None:
    now, *others = (
        at_the_day(engine, tmp_path / str(i), world, (), population, unit)["account_id"].to_pylist()
        for i, world in enumerate((raw, *futures))
    )
    assert now
    assert all(other == now for other in others)


def test_accounts_named_elsewhere(engine: SignalEngine, tmp_path: Path, raw: Raw, futures: list[Raw]) -> None:
    now, *others = (
        at_the_day(engine, tmp_path / str(i), {t: rows for t, rows in world.items() if t != "accounts"}, ())
        for i, world in enumerate((raw, *futures))
    )
    assert all(other["account_id"].to_pylist() == now["account_id"].to_pylist() for other in others)
