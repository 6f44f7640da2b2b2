"""Account state and population at a day, the slow way. Part of the signal oracle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from barograph.definitions.model import Population
from barograph.definitions.tables import TABLES
from support.oracle_facts import Fact, Raw, facts, happened, local_day

GIVEN = ("name", "segment", "region", "industry", "touch_model", "csm_email", "am_email", "parent_account_id")
SEPARATOR = " / "


@dataclass(frozen=True, slots=True)
class Entity:
    """What gets a row: an account, or one product of it. `whole` takes every row of the account."""

    account: str
    product: str | None = None

    @property
    def name(self) -> str:
        return self.account if self.product is None else f"{self.account}{SEPARATOR}{self.product}"

    def owns(self, fact: Fact) -> bool:
        """Whether the fact is about this entity: its own product, or no product at all."""
        if fact.account != self.account:
            return False
        return self.product is None or fact.row.get("product") in (None, self.product)


@dataclass(frozen=True, slots=True)
class World:
    """Everything that exists at `as_of`: raw versions, the day, the zone and the unit."""

    raw: Raw
    as_of: int
    zone: ZoneInfo
    unit: str = "account"
    cache: dict[Any, Any] = field(default_factory=dict, repr=False)

    def visible(self, table: str, at: str | None = None) -> list[Fact]:
        """Everything a table says at the day, happened or not."""
        if (table, at) not in self.cache:
            self.cache[table, at] = facts(self.raw, table, self.as_of, self.zone, at)
        return self.cache[table, at]

    def facts(self, table: str, at: str | None = None, *, undated: bool = False) -> list[Fact]:
        """What has happened in a table; with `undated` also what has no day and counts once it is known."""
        return happened(self.visible(table, at), self.as_of, undated=undated)

    def day(self, value: object) -> int | None:
        return local_day(value, self.zone)


def named_accounts(world: World) -> set[str]:
    """Accounts that anything names which exists at `as_of`: dated facts, and records without a day."""
    dated_by_nature = {table for table in world.raw if TABLES[table].occurred not in (None, "valid_from")}
    found = [world.facts(table, undated=table not in dated_by_nature) for table in world.raw]
    return {fact.account for facts_of_table in found for fact in facts_of_table}


def entities(world: World) -> list[Entity]:
    """Every entity that anything at `as_of` could be about (the population is chosen among them)."""
    named = named_accounts(world) | {fact.account for fact in world.facts("accounts", undated=True)}
    products: dict[str, set[str]] = {}
    if world.unit == "product":
        for fact in world.facts("contracts"):
            if fact.row.get("product") is not None:
                products.setdefault(fact.account, set()).add(fact.row["product"])
    found = []
    for account in sorted(named):
        if account in products:
            found.extend(Entity(account, product) for product in sorted(products[account]))
        else:
            found.append(Entity(account))
    return found


def considered(world: World, entity: Entity, grace_days: int) -> list[Fact]:
    """Contracts in force at `as_of`, or ended within the grace period without having been cancelled."""
    chosen = []
    for fact in world.facts("contracts"):
        if not entity.owns(fact):
            continue
        end = world.day(fact.row.get("end_date"))
        cancelled = world.day(fact.row.get("cancelled_at"))
        over = cancelled is not None and cancelled < world.as_of
        in_force = not over if end is None else end >= world.as_of
        in_grace = end is not None and not over and end < world.as_of <= end + grace_days
        if in_force or in_grace:
            chosen.append(fact)
    return chosen


def total(values: Sequence[float | None]) -> float | None:
    """Sum of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def lifecycle(
    given: str | None, notice: bool, start: int | None, opt_out: int | None, as_of: int, rules: Population
) -> str:
    """The stage the accounts table gives, else notice, onboarding, renewal or mature, in that order."""
    if given is not None:
        return given
    if notice:
        return "notice"
    if start is not None and as_of - start < rules.onboarding_days:
        return "onboarding"
    if opt_out is not None and 0 <= opt_out - as_of <= rules.renewal_window_days:
        return "renewal"
    return "mature"


def attributes(world: World) -> set[str]:
    """Columns of the accounts table that the contract does not name."""
    named = TABLES["accounts"].by_name
    columns = {column for row in world.raw.get("accounts", ()) for column in row}
    return {column for column in columns if column not in named and not column.startswith("_")}


def account_state(world: World, entity: Entity, rules: Population) -> dict[str, Any]:
    """The state columns of one entity at `as_of`."""
    rows = [fact.row for fact in world.facts("accounts", undated=True) if fact.account == entity.account]
    account = rows[0] if rows else {}
    contracts = considered(world, entity, rules.grace_days)
    starts = [fact.t for fact in world.facts("contracts") if entity.owns(fact)]
    money = (
        "arr_reporting" if any("arr_reporting" in row for row in world.raw.get("contracts", ())) else "arr"
    )

    start = world.day(account.get("start_date"))
    if start is None and starts:
        start = min(starts)
    ending = [fact for fact in contracts if fact.row.get("end_date") is not None]
    term_end = notice_days = opt_out = None
    if contracts:
        notice_days = 0
    if ending:
        term_end = min(world.day(fact.row["end_date"]) for fact in ending)
        first = [fact for fact in ending if world.day(fact.row["end_date"]) == term_end]
        notice_days = int(max(fact.row.get("notice_days") or 0 for fact in first))
        opt_out = term_end - notice_days
    cancelled = [world.day(fact.row.get("cancelled_at")) for fact in contracts]
    notice = any(day is not None and day < world.as_of for day in cancelled)
    plans = [
        (-(fact.row.get(money) or 0), fact.row["plan"])
        for fact in contracts
        if fact.row.get("plan") is not None
    ]
    plan = account.get("plan")
    if plan is None and plans:
        plan = min(plans)[1]
    touches = [fact.t for fact in world.facts("interactions") if entity.owns(fact)]
    return {
        "account_id": entity.name,
        "as_of": world.as_of,
        **{column: account.get(column) for column in GIVEN},
        "plan": plan,
        "start_day": start,
        "arr": total([fact.row.get(money) for fact in contracts]),
        "seats": total([fact.row.get("seats") for fact in contracts]),
        "term_end_day": term_end,
        "notice_days": notice_days,
        "opt_out_day": opt_out,
        "notice_given": notice,
        "lifecycle": lifecycle(account.get("lifecycle_stage"), notice, start, opt_out, world.as_of, rules),
        "last_touch_day": max(touches, default=None),
        **{f"attr_{column}": account.get(column) for column in attributes(world)},
    }


def in_population(world: World, entity: Entity, rules: Population) -> bool:
    """Whether the entity is scored at `as_of`. Internal accounts never are."""
    rows = [fact.row for fact in world.facts("accounts", undated=True) if fact.account == entity.account]
    if rows and rows[0].get("is_internal"):
        return False
    if rules.rule == "contracts":
        return bool(considered(world, entity, rules.grace_days))
    if rules.rule == "activity":
        earliest = world.as_of - rules.active_days
        found = [fact for fact in world.facts(rules.source) if entity.owns(fact)]
        return any(fact.t is not None and fact.t >= earliest for fact in found)
    if "accounts" not in world.raw:
        return True
    start = world.day(rows[0].get("start_date")) if rows else None
    return bool(rows) and (start is None or start < world.as_of)
