"""The account as known at each date: attributes, contracts in force, dates that matter, and who is scored
at all."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.definitions.model import Population
from barograph.definitions.tables import TABLES
from barograph.signals.blocks import Interval
from barograph.signals.conditions import staged
from barograph.signals.grid import ALWAYS, FOREVER, Grid, earliest_of, latest_of
from barograph.signals.needs import Needs
from barograph.signals.slots import Slots
from barograph.signals.sources import Columns
from barograph.signals.sql import MICRO, quote

SYSTEM_COLUMNS = frozenset(
    {"_key", "_known_at", "_known_day", "_day", "_clock", "_digest", "_seq", "_import", "_kt"}
)
TEXT_STATE = (
    "name",
    "segment",
    "plan",
    "region",
    "industry",
    "touch_model",
    "csm_email",
    "am_email",
    "parent_account_id",
    "lifecycle_stage",
)
_NOT_ATTRIBUTES = {*TEXT_STATE, "account_id", "start_date", "is_internal", "domains", "recorded_at"}

STATE_COLUMNS = (
    "name",
    "segment",
    "plan",
    "region",
    "industry",
    "touch_model",
    "csm_email",
    "am_email",
    "parent_account_id",
    "start_day",
    "lifecycle",
    "arr",
    "seats",
    "term_end_day",
    "notice_days",
    "opt_out_day",
    "notice_given",
    "last_touch_day",
)
"""The state every row of signals carries, in this order, before `attr_*` and the signals."""


def attributes(columns: Columns) -> list[str]:
    """Columns of `accounts` beyond the contract's, in order: they become `attr_<name>` of the state."""
    return sorted(c for c in columns if c not in _NOT_ATTRIBUTES and c not in SYSTEM_COLUMNS)


def account_needs(columns: Columns) -> Needs:
    """What the state reads of `accounts`."""
    return Needs(plain={*TEXT_STATE, "is_internal", *attributes(columns)}, days={"start_date"})


CONTRACT_NEEDS = Needs(
    plain={"notice_days", "plan", "product"},
    days={"start_date", "end_date", "cancelled_at"},
    numbers={"arr", "seats"},
)


@dataclass(frozen=True, slots=True)
class State:
    """SQL that makes `state(a, k, ...)`; `known` says whether an accounts table is there."""

    statements: tuple[str, ...]
    attributes: tuple[str, ...]


def considered(population: Population) -> Interval:
    """Contract versions that count at D: begun, and in force or within the grace after their end.

    A cancelled evergreen contract is over on the day it is cancelled; a cancelled term runs to its end,
    without grace.
    """
    end, cancelled = quote("d__end_date"), quote("d__cancelled_at")
    grace = f"least({end} + {population.grace_days}, coalesce({cancelled}, {FOREVER}))"
    over = f"coalesce(greatest({end}, {grace}), {cancelled}, {FOREVER})"
    begun = quote("d__start_date")
    return Interval("contracts", f"{begun} IS NOT NULL", latest_of(begun, "kf"), earliest_of(over, "kt"))


def state_statements(grid: Grid, population: Population, columns: Columns) -> list[str]:
    """SQL that makes `accounts_at(a, k, ...)` and `contracts_at(a, k, ...)` from the `src_` sources.

    Where several contracts end on the first day the longest notice counts, so that a deadline is never missed.
    """
    texts = ", ".join(staged(c) for c in (*TEXT_STATE, "is_internal", *attributes(columns)))
    accounts = (
        f"SELECT a, unnest(range(ks, ke)) AS k, TRUE AS known, {quote('d__start_date')} AS given_start, {texts} "
        f"FROM (SELECT *, {grid.after('kf')} AS ks, {grid.after('kt')} AS ke FROM src_accounts) WHERE ks < ke"
    )
    end, cancelled = quote("d__end_date"), quote("d__cancelled_at")
    arr, seats, notice, plan = quote("m__arr"), quote("m__seats"), staged("notice_days"), staged("plan")
    terms = considered(population).cells(
        grid,
        f"{end} AS e, {cancelled} AS c, {arr} AS arr, {seats} AS seats, "
        f"coalesce(TRY_CAST({notice} AS DOUBLE), 0) AS notice, CAST({plan} AS VARCHAR) AS plan",
        group=False,
    )
    day = grid.day("k")
    first_end = "(max(struct_pack(e := -e, n := notice)) FILTER (WHERE e IS NOT NULL)).n"
    largest = "arg_min(plan, struct_pack(x := -coalesce(arr, 0), p := plan)) FILTER (WHERE plan IS NOT NULL)"
    contracts = (
        "SELECT a, k, TRUE AS considered, sum(arr) AS arr, sum(seats) AS seats, min(e) AS term_end_day, "
        f"coalesce({first_end}, 0) AS notice_days, bool_or(coalesce(c < {day}, FALSE)) AS notice_given, "
        f"{largest} AS contract_plan "
        f"FROM (SELECT *, unnest(range(ks, ke)) AS k FROM {terms}) GROUP BY a, k"
    )
    return [
        f"CREATE TEMP TABLE accounts_at AS {accounts}",
        f"CREATE TEMP TABLE contracts_at AS {contracts}",
    ]


@dataclass(frozen=True, slots=True)
class Membership:
    """Slots that decide who is scored and since when."""

    first_contract: str
    last_touch: str
    active: str
    any_fact: str
    right_unit: str


def membership(
    slots: Slots, population: Population, tables: set[str], has_accounts: bool, unit: str
) -> Membership:
    """Ask the slots for what the population rule needs.

    With unit "product" an account is one entity until the first contract that names a product is known, and one
    per such product from then on.
    """
    begun = quote("d__start_date")
    first_contract = slots.least(
        Interval("contracts", f"{begun} IS NOT NULL", latest_of(begun, "kf"), "kt"), begun
    )
    last_touch = slots.greatest(Interval("interactions", "t IS NOT NULL", latest_of("t", "kf"), "kt"), "t")
    active, any_fact = "FALSE", "FALSE"
    if population.rule == "activity" and population.source:
        window = Interval(
            population.source,
            "t IS NOT NULL",
            latest_of("t", "kf"),
            earliest_of(f"t + {population.active_days}", "kt"),
        )
        active = f"{slots.total(window)} > 0"
    if population.rule == "accounts" and not has_accounts:
        facts = [f"{slots.total(_anything_of(table))} > 0" for table in sorted(tables)]
        any_fact = f"({' OR '.join(facts)})" if facts else "FALSE"
    right_unit = "TRUE"
    if unit == "product":
        named = f"{begun} IS NOT NULL AND {staged('product')} IS NOT NULL"
        products = slots.total(Interval("contracts", named, latest_of(begun, "kf"), "kt"))
        right_unit = f"(product IS NOT NULL) = ({products} > 0)"
    return Membership(first_contract, last_touch, active, any_fact, right_unit)


def _anything_of(table: str) -> Interval:
    """Facts of a table, by their day; records of a table that need not date them, from when they are known."""
    contract = TABLES.get(table)
    if contract is None or contract.occurred in (None, "valid_from"):
        return Interval(table, "TRUE", latest_of(f"coalesce(t, {ALWAYS})", "kf"), "kt")
    return Interval(table, "t IS NOT NULL", latest_of("t", "kf"), "kt")


def scored_predicate(population: Population, member: Membership, has_accounts: bool) -> str:
    """SQL: whether the account is in the population at D (columns of the joined state)."""
    external = f"NOT coalesce(TRY_CAST({staged('is_internal')} AS BOOLEAN), FALSE)"
    match population.rule:
        case "contracts":
            rule = "coalesce(considered, FALSE)"
        case "accounts" if has_accounts:
            rule = "coalesce(known, FALSE) AND coalesce(given_start < as_of, TRUE)"
        case "accounts":
            rule = member.any_fact
        case "activity":
            rule = member.active
    return f"({rule}) AND {external} AND {member.right_unit}"


def state_select(population: Population, member: Membership, columns: Columns) -> str:
    """SQL select list of the state columns over the joined relation, which has `start_day` (see
    script.py)."""
    text = {c: staged(c) for c in TEXT_STATE}
    opt_out = "(term_end_day - CAST(notice_days AS INTEGER))"
    lifecycle = (
        f"CASE WHEN {text['lifecycle_stage']} IS NOT NULL THEN {text['lifecycle_stage']} "
        "WHEN coalesce(notice_given, FALSE) THEN 'notice' "
        f"WHEN as_of - start_day < {population.onboarding_days} THEN 'onboarding' "
        f"WHEN {opt_out} - as_of BETWEEN 0 AND {population.renewal_window_days} THEN 'renewal' ELSE "
        f"'mature' END"
    )
    parts = [f"{text[c]} AS {c}" for c in ("name", "segment")]
    parts.append(f"coalesce({text['plan']}, contract_plan) AS plan")
    parts += [f"{text[c]} AS {c}" for c in TEXT_STATE[3:9]]
    parts += [
        "CAST(start_day AS INTEGER) AS start_day",
        f"{lifecycle} AS lifecycle",
        f"CAST(arr AS DOUBLE) / {MICRO}e0 AS arr",
        f"CAST(seats AS DOUBLE) / {MICRO}e0 AS seats",
        "term_end_day",
        "CAST(CASE WHEN considered THEN notice_days END AS INTEGER) AS notice_days",
        f"CAST({opt_out} AS INTEGER) AS opt_out_day",
        "coalesce(notice_given, FALSE) AS notice_given",
        f"CAST({member.last_touch} AS INTEGER) AS last_touch_day",
    ]
    parts += [f"{staged(c)} AS {quote('attr_' + c)}" for c in attributes(columns)]
    return ", ".join(parts)
