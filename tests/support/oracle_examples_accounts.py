"""Worked examples of account state and population: a few facts, and what is known of the account "A" at D."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from barograph.definitions.model import Population
from barograph.definitions.tables import TABLES
from support.oracle_words import AS_OF, ME, OTHER, Given, ago, contact, day_ago, event, goal
from support.signal_data import RawTables

BY_CONTRACTS = Population()
BY_ACCOUNTS = Population(rule="accounts")
BY_EVENTS = Population(rule="activity", source="events", active_days=30)


@dataclass(frozen=True)
class StateExample:
    """`expect`: state columns of the account, or None when it is not in the population."""

    label: str
    facts: Sequence[Given]
    expect: dict[str, Any] | None
    population: Population = BY_CONTRACTS

    @property
    def company(self) -> str:
        """Examples of one company can be computed together: what holds for a whole workspace is the same."""
        tables = {fact.table for fact in self.facts}
        currency = any("arr_reporting" in fact.columns for fact in self.facts)
        named = "with" if "accounts" in tables else "without"
        return f"by {self.population.rule}, {named} an accounts table{', reporting currency' if currency else ''}"

    def lay(self, rows: RawTables, account: str = ME) -> None:
        """Adds the facts with "A" called `account`."""
        for fact in self.facts:
            columns = {"account_id": account, **fact.columns}
            keys = [c for c in TABLES[fact.table].identity if c.endswith("_id") and c != "account_id"]
            own = {column: f"{account} {columns[column]}" for column in keys}
            rows.add(fact.table, known=fact.known, **{**columns, **own})


def term(start: int, end: int | None, *, name: str = "c1", known: int | None = None, **columns: Any) -> Given:
    """A contract version: days before D of its start and end (negative: after), known since its start."""
    dates = {"start_date": day_ago(start), "end_date": None if end is None else day_ago(end)}
    return Given(
        "contracts", {"contract_id": name, **dates, **columns}, ago(start if known is None else known)
    )


def account(known: int = 300, **columns: Any) -> Given:
    return Given("accounts", columns, ago(known))


def touch(days: float) -> Given:
    return Given("interactions", {"interaction_id": str(days), "occurred_at": ago(days)})


# A table of examples reads best as it is written.
# fmt: off
STATE_EXAMPLES = (
    StateExample("a term that ends in 60 days with 30 days of notice",
        [term(100, -60, arr=1200.5, seats=5.0, notice_days=30.0)],
        {"start_day": AS_OF - 100, "arr": 1200.5, "seats": 5.0, "term_end_day": AS_OF + 60, "notice_days": 30,
         "opt_out_day": AS_OF + 30, "notice_given": False, "lifecycle": "renewal", "segment": None}),
    StateExample("the opt-out day is D", [term(100, -30, notice_days=30.0)],
        {"opt_out_day": AS_OF, "lifecycle": "renewal"}),
    StateExample("the opt-out day has passed", [term(100, -29, notice_days=30.0)], {"lifecycle": "mature"}),
    StateExample("the opt-out day is 90 days away", [term(100, -90)], {"lifecycle": "renewal"}),
    StateExample("day 90 is not onboarding any more", [term(90, -200)], {"lifecycle": "mature"}),
    StateExample("the opt-out day is 91 days away", [term(100, -91)],
        {"lifecycle": "mature", "notice_days": 0}),
    StateExample("day 89 is onboarding, whatever the opt-out", [term(89, -60)], {"lifecycle": "onboarding"}),
    StateExample("no arr and no seats known", [term(100, -60)], {"arr": None, "seats": None}),
    StateExample("a term ends on D", [term(100, 0)], {"term_end_day": AS_OF}),
    StateExample("30 days of grace", [term(100, 30)], {"term_end_day": AS_OF - 30}),
    StateExample("31 days after the end", [term(100, 31)], None),
    StateExample("no grace when it was cancelled", [term(100, 5, cancelled_at=ago(20), known=20)], None),
    StateExample("cancelled on D and ended: in grace", [term(100, 5, cancelled_at=ago(0), known=6)],
        {"notice_given": False}),
    StateExample("cancelled in the term: runs on, notice given",
        [term(100, -60, cancelled_at=ago(1), known=1)],
        {"notice_given": True, "lifecycle": "notice"}),
    StateExample("cancelled on D: no notice yet", [term(100, -60, cancelled_at=ago(0), known=1)],
        {"notice_given": False, "lifecycle": "renewal"}),
    StateExample("the cancellation came to light on D",
        [term(100, None), term(100, None, cancelled_at=ago(9), known=0)],
        {"notice_given": False, "term_end_day": None, "opt_out_day": None, "lifecycle": "mature"}),
    StateExample("evergreen, cancelled yesterday", [term(100, None, cancelled_at=ago(1), known=1)], None),
    StateExample("starts on D", [term(0, -300, known=9)], None),
    StateExample("known on D", [term(9, -300, known=0)], None),
    StateExample("two terms in force and one long over",
        [term(500, -90, name="a", arr=100.0, plan="basic", notice_days=10.0, seats=1.0),
         term(200, -50, name="b", arr=900.0, plan="pro", notice_days=20.0),
         term(900, 200, name="c", arr=5000.0, plan="old")],
        {"arr": 1000.0, "seats": 1.0, "term_end_day": AS_OF + 50, "notice_days": 20,
        "opt_out_day": AS_OF + 30, "plan": "pro",
         "start_day": AS_OF - 900}),
    StateExample("two terms end on one day: the longer notice binds",
        [term(100, -60, name="a", notice_days=30.0), term(100, -60, name="b", notice_days=45.0),
         term(100, -60, name="c")], {"opt_out_day": AS_OF + 15}),
    StateExample("equal terms: the plan that is first by name",
        [term(100, -60, name=n, plan=p, arr=9.0) for n, p in (("a", "b"), ("b", "a"), ("c", "c"))],
        {"plan": "a"}),
    StateExample("money in the reporting currency", [term(100, -60, arr=100.0, arr_reporting=110.25)],
        {"arr": 110.25}),
    StateExample("what the accounts table says comes first",
        [term(100, -60, plan="basic", arr=1.0),
         account(start_date=day_ago(20), plan="pro", segment="smb", region="NA", lifecycle_stage="trial",
                 csm_email="a@example.com", am_email="b@example.com", parent_account_id="P", name="Åcme",
                 industry="steel", touch_model="pooled")],
        {"start_day": AS_OF - 20, "plan": "pro", "segment": "smb", "region": "NA", "lifecycle": "trial",
        "name": "Åcme",
         "csm_email": "a@example.com", "am_email": "b@example.com", "parent_account_id": "P",
        "industry": "steel",
         "touch_model": "pooled"}),
    StateExample("a change of segment counts once it is known",
        [term(100, -60), account(segment="smb"), account(segment="enterprise", known=1),
        account(segment="none", known=0)],
        {"segment": "enterprise"}),
    StateExample("attributes of the accounts table",
        [term(100, -60), account(employees=12.5, motto='"más"'), account(employees=13.5, motto=None, known=0)],
        {"attr_employees": 12.5, "attr_motto": '"más"'}),
    StateExample("internal accounts are never scored", [term(100, -60), account(is_internal=True)], None),
    StateExample("the last touch before D", [term(100, -60), touch(9), touch(3), touch(0)],
        {"last_touch_day": AS_OF - 3}),
    StateExample("never touched", [term(100, -60)], {"last_touch_day": None}),
    StateExample("an account without a contract", [account()], None),
    StateExample("every account known by then", [account()],
        {"start_day": None, "lifecycle": "mature", "arr": None,
        "notice_given": False, "notice_days": None}, BY_ACCOUNTS),
    StateExample("known on D", [account(known=0), event(5)], None, BY_ACCOUNTS),
    StateExample("begins on D", [account(start_date=day_ago(0))], None, BY_ACCOUNTS),
    StateExample("began the day before", [account(start_date=day_ago(1))], {"start_day": AS_OF - 1},
        BY_ACCOUNTS),
    StateExample("not in the accounts table", [account(account_id=OTHER), event(5)], None, BY_ACCOUNTS),
    StateExample("internal, by the accounts rule", [account(is_internal=True)], None, BY_ACCOUNTS),
    StateExample("no accounts table: named by an event", [event(5)], {"start_day": None}, BY_ACCOUNTS),
    StateExample("no accounts table: named by an event of D", [event(0, known=ago(5))], None, BY_ACCOUNTS),
    StateExample("no accounts table: named by a goal, which has no day", [goal("g1")], {}, BY_ACCOUNTS),
    StateExample("no accounts table: named by a contact without dates", [contact("p1", "sponsor")], {},
        BY_ACCOUNTS),
    StateExample("active 30 days ago", [event(30)], {}, BY_EVENTS),
    StateExample("active 31 days ago and on D", [event(31), event(0)], None, BY_EVENTS),
)
