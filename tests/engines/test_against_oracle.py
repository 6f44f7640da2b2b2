"""Reference: engines against the naive oracle on random workspaces (S3, S4, S6).

Every template with every option it has, over corrected, late, tied and null facts at the edges of local days:
values to 1e-9, facts and reasons exactly, the same population and account state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from barograph.definitions.model import Population
from barograph.definitions.signal import Signal
from barograph.definitions.tables import TABLES
from barograph.engines.base import SignalEngine
from support.oracle import OracleRow, compute
from support.oracle_compare import disagreements, run
from support.oracle_draws import MAKERS
from support.oracle_facts import day_number
from support.oracle_signals import ALL_SIGNALS, SIGNALS, TEMPLATE_NAMES
from support.signal_data import SYSTEM_TYPES, Raw, build_raw

EVERYBODY = Population(rule="accounts")
SHOWN = 8


@dataclass(frozen=True)
class Workspace:
    """A random workspace and its weeks; `without` names absent tables, `empty` those without a row."""

    seed: int
    first: date
    weeks: int
    timezone: str
    population: Population = EVERYBODY
    without: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    unit: str = "account"
    files: int = 1

    @property
    def days(self) -> list[int]:
        return [day_number(self.first) + 7 * week for week in range(self.weeks)]


WORKSPACES = {
    "leap day, UTC": Workspace(1, date(2024, 3, 4), 5, "UTC"),
    "summer time begins, Berlin": Workspace(2, date(2024, 3, 25), 4, "Europe/Berlin", files=3),
    "summer time ends, New York": Workspace(3, date(2024, 10, 28), 3, "America/New_York", files=2),
}
ELSEWHERE = {name: w for name, w in WORKSPACES.items() if w.timezone != "UTC"}
POPULATIONS = {
    "contracts": Workspace(4, date(2024, 3, 18), 6, "Europe/Berlin", Population()),
    "contracts, no grace": Workspace(
        5, date(2024, 3, 18), 6, "America/New_York", Population(grace_days=0, onboarding_days=0)
    ),
    "accounts": Workspace(6, date(2024, 3, 18), 6, "Europe/Berlin", files=4),
    "accounts without such a table": Workspace(
        7, date(2024, 3, 18), 4, "UTC", EVERYBODY, without=("accounts",)
    ),
    "activity": Workspace(
        8,
        date(2024, 3, 18),
        6,
        "Europe/Berlin",
        Population(rule="activity", source="tickets", active_days=14),
    ),
    "activity by metrics": Workspace(
        9, date(2024, 10, 28), 4, "UTC", Population(rule="activity", source="metrics", active_days=7)
    ),
}
PRODUCTS = {
    "contracts": Workspace(10, date(2024, 3, 18), 5, "Europe/Berlin", Population(), unit="product"),
    "accounts": Workspace(11, date(2024, 3, 18), 5, "UTC", EVERYBODY, unit="product"),
}


@cache
def raw_of(workspace: Workspace) -> Raw:
    tables = [name for name in MAKERS if name not in (*workspace.without, *workspace.empty)]
    return build_raw(
        workspace.seed, workspace.days, timezone=workspace.timezone, tables=tables, empty=workspace.empty
    )


@cache
def expected_of(workspace: Workspace) -> list[OracleRow]:
    """What the oracle says of every signal there is."""
    where = {"timezone": workspace.timezone, "unit": workspace.unit}
    return compute(raw_of(workspace), ALL_SIGNALS, workspace.population, workspace.days, **where)


def computed(
    engine: SignalEngine,
    folder: Path,
    workspace: Workspace,
    signals: tuple[Signal, ...],
    raw: Raw | None = None,
) -> pa.Table:
    """What the engine says of a workspace (or of `raw` in its place)."""
    return run(
        engine,
        folder,
        raw_of(workspace) if raw is None else raw,
        signals,
        workspace.days,
        population=workspace.population,
        timezone=workspace.timezone,
        unit=workspace.unit,
        files=workspace.files,
        shuffle=workspace.seed,
    )


def assert_same(table: pa.Table, expected: list[OracleRow], signals: tuple[Signal, ...]) -> None:
    """No difference; the first few otherwise."""
    assert expected, "a workspace in which nobody is scored shows nothing"
    different = disagreements(table, expected, signals)
    assert not different, "\n".join([f"{len(different)} differences", *different[:SHOWN]])


def assert_agree(
    engine: SignalEngine, folder: Path, workspace: Workspace, signals: tuple[Signal, ...]
) -> None:
    assert_same(computed(engine, folder, workspace, signals), expected_of(workspace), signals)


@pytest.mark.parametrize("template", TEMPLATE_NAMES)
def test_template_alone(engine: SignalEngine, tmp_path: Path, template: str) -> None:
    assert_agree(engine, tmp_path, WORKSPACES["leap day, UTC"], SIGNALS[template])


@pytest.fixture(scope="module", params=ELSEWHERE.values(), ids=ELSEWHERE)
def elsewhere(
    engine: SignalEngine, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[Workspace, pa.Table]:
    """A workspace in a zone with another midnight, and all signals of it."""
    return request.param, computed(engine, tmp_path_factory.mktemp("raw"), request.param, ALL_SIGNALS)


@pytest.mark.parametrize("template", TEMPLATE_NAMES)
def test_template_beside_all_others(elsewhere: tuple[Workspace, pa.Table], template: str) -> None:
    workspace, table = elsewhere
    assert_same(table, expected_of(workspace), SIGNALS[template])


@pytest.mark.parametrize("workspace", POPULATIONS.values(), ids=POPULATIONS)
def test_population_and_account_state(engine: SignalEngine, tmp_path: Path, workspace: Workspace) -> None:
    assert_agree(engine, tmp_path, workspace, SIGNALS["milestone"] + SIGNALS["per_seat"])


@pytest.mark.parametrize("workspace", PRODUCTS.values(), ids=PRODUCTS)
def test_products_of_an_account(engine: SignalEngine, tmp_path: Path, workspace: Workspace) -> None:
    chosen = [SIGNALS[name] for name in ("count", "change", "latest", "open_as_of", "milestone", "per_seat")]
    assert_agree(engine, tmp_path, workspace, tuple(signal for many in chosen for signal in many))


SPARSE = {
    "only accounts": Workspace(
        12, date(2024, 3, 18), 2, "UTC", without=tuple(t for t in MAKERS if t != "accounts")
    ),
    "only events": Workspace(
        13, date(2024, 3, 18), 2, "UTC", without=tuple(t for t in MAKERS if t != "events")
    ),
    "every other table without a row": Workspace(
        14,
        date(2024, 3, 18),
        2,
        "Europe/Berlin",
        empty=tuple(t for t in MAKERS if t not in ("accounts", "contracts")),
    ),
}


@pytest.mark.parametrize("workspace", SPARSE.values(), ids=SPARSE)
def test_absent_and_empty_tables(engine: SignalEngine, tmp_path: Path, workspace: Workspace) -> None:
    chosen = tuple(signal for many in SIGNALS.values() for signal in many[:4])
    assert_agree(engine, tmp_path, workspace, chosen)


def bare(raw: Raw) -> Raw:
    """Only what a table must have: no closing, no flag, no scale, no attribute."""
    return {
        table: [{c: v for c, v in row.items() if c in SYSTEM_TYPES or c in required(table)} for row in rows]
        for table, rows in raw.items()
    }


def required(table: str) -> set[str]:
    contract = TABLES[table]
    return {"account_id", contract.occurred or "account_id", *contract.required, *contract.identity}


@pytest.mark.parametrize("template", TEMPLATE_NAMES)
def test_columns_that_no_source_had(engine: SignalEngine, tmp_path: Path, template: str) -> None:
    workspace = Workspace(15, date(2024, 3, 18), 2, "Europe/Berlin")
    raw, signals = bare(raw_of(workspace)), SIGNALS[template]
    expected = compute(raw, signals, workspace.population, workspace.days, workspace.timezone)
    assert_same(computed(engine, tmp_path, workspace, signals, raw), expected, signals)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_seeds(engine: SignalEngine, tmp_path: Path, seed: int) -> None:
    zones = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo")
    rules = (EVERYBODY, Population(), Population(rule="activity", source="events", active_days=28))
    workspace = Workspace(
        seed,
        date(2024, 1, 1 + seed % 28),
        1 + seed % 7,
        zones[seed % len(zones)],
        rules[seed % len(rules)],
        unit="product" if seed % 5 == 0 else "account",
        files=1 + seed % 4,
    )
    assert_agree(engine, tmp_path, workspace, ALL_SIGNALS)
