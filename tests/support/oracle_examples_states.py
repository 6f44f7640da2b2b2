"""Worked examples of the templates that ask what is open, due, answered, reached or in force."""

from __future__ import annotations

from typing import Any

from support.oracle_words import (
    CASES,
    OTHER,
    ago,
    contact,
    contract,
    day_ago,
    goal,
    invoice,
    one,
    reached,
    ticket,
)

# A table of examples reads best as it is written.
# fmt: off
OPEN: dict[str, Any] = {"source": "tickets", "closed": "resolved_at"}
STILL_OPEN = [ticket("t1", 10), ticket("t2", 3, 0, known=ago(1)), ticket("t3", 5, 1), ticket("t4", 0)]
OPENED = (
    one("open, and closed on D itself; closed yesterday is not", "open_as_of", OPEN, STILL_OPEN, 2, 2),
    one("the oldest has been open ten days", "open_as_of", {**OPEN, "result": "oldest_days"}, STILL_OPEN, 10,
        2),
    one("at least ten days old", "open_as_of", {**OPEN, "min_age_days": 10}, STILL_OPEN, 1, 1),
    one("at least eleven", "open_as_of", {**OPEN, "min_age_days": 11, "result": "oldest_days"}, STILL_OPEN,
        0, 0),
    one("a closing that came to light on D", "open_as_of", OPEN,
        [ticket("t1", 10), ticket("t1", 10, 8, known=ago(0))], 1, 1),
    one("reopened: the newer version has no closing", "open_as_of", OPEN,
        [ticket("t1", 10), ticket("t1", 10, 8), ticket("t1", 10, known=ago(2))], 1, 1),
)

BILLS: dict[str, Any] = {"source": "invoices"}
OWED = [
    invoice("b1", 20, 5, amount=100.0),
    invoice("b2", 20, 0, amount=7.0),
    invoice("b3", 20, 9, 2, amount=50.0),
    invoice("b4", 30, 12, 0, amount=40.0, known=ago(1)),
    invoice("b5", 30, 11, amount=None),
]
OVERDUE = (
    one("due before D and not paid before D", "overdue_as_of", BILLS, OWED, 3, 3),
    one("what is owed", "overdue_as_of", {**BILLS, "result": "sum", "measure": "amount"}, OWED, 140, 2),
    one("the oldest was due twelve days ago", "overdue_as_of", {**BILLS, "result": "oldest_days"}, OWED, 12,
        3),
    one("all paid", "overdue_as_of", {**BILLS, "result": "oldest_days"}, [invoice("b1", 20, 9, 2)], 0, 0),
    one("a payment that came to light on D", "overdue_as_of", BILLS,
        [invoice("b1", 20, 9), invoice("b1", 20, 9, 2, known=ago(0))], 1, 1),
)

ANSWER: dict[str, Any] = {**CASES, "start": "opened_at", "end": "resolved_at"}
LATENCIES = (
    one("two hours and four", "response_latency", ANSWER,
        [ticket("t1", 5, 5 - 2 / 24), ticket("t2", 6, 6 - 4 / 24), ticket("t3", 5)], 3, 2),
    one("the middle of one, two and nine", "response_latency", {**ANSWER, "aggregate": "median"},
        [ticket(f"t{h}", 5, 5 - h / 24) for h in (1, 2, 9)], 2, 3),
    one("in the window by its end: 62 - 28 days are 816 hours", "response_latency", ANSWER,
        [ticket("t1", 62, 28), ticket("t2", 62, 29)], 816, 1),
    one("never answered", "response_latency", ANSWER, [ticket("t1", 5)], None, 0, "no_recent"),
)

LIVE: dict[str, Any] = {"milestone": "live"}
MILESTONES = (
    one("reached", "milestone", LIVE, [reached("live", 3), reached("other", 9)], 1, 1),
    one("another was", "milestone", LIVE, [reached("other", 9)], 0, 0),
    one("reached on day 30 of 30", "milestone", {**LIVE, "within_days": 30}, [reached("live", 10)], 1, 1,
        start=day_ago(40)),
    one("reached on day 31", "milestone", {**LIVE, "within_days": 30}, [reached("live", 9)], 0, 0,
        start=day_ago(40)),
    one("day 30 and not reached yet", "milestone", {**LIVE, "within_days": 30}, [reached("other", 9)], None,
        0,
        "pending", start=day_ago(30)),
    one("day 31 and not reached", "milestone", {**LIVE, "within_days": 30}, [reached("other", 9)], 0, 0,
        start=day_ago(31)),
    one("nobody knows when it began", "milestone", {**LIVE, "within_days": 30}, [reached("live", 9)], None, 0,
        "undefined"),
    one("begun with its first contract", "milestone", {**LIVE, "within_days": 30},
        [reached("live", 9), contract("c1", 20, -300), contract("c2", -5, -400)], 1, 1),
)

SPONSOR: dict[str, Any] = {"source": "contacts", "where": {"role": "sponsor"}, "begins": "valid_from",
        "ends": "valid_to"}
TEAM = [
    contact("p1", "sponsor", valid_from=day_ago(90), valid_to=day_ago(1)),
    contact("p2", "champion", valid_from=day_ago(90), valid_to=day_ago(0)),
    contact("p3", "admin"),
    contact("p4", "sponsor", valid_from=day_ago(0)),
]
STATES = (
    one("the sponsor left yesterday, the next begins on D", "state_as_of", SPONSOR, TEAM, 0, 2),
    one("who leaves on D is still there, and who has no dates is", "state_as_of",
        {**SPONSOR, "where": {"role": ["champion", "admin"]}, "result": "count"}, TEAM, 2, 2),
    one("one of two is an admin", "state_as_of", {**SPONSOR, "where": {"role": "admin"}, "result": "share"},
        TEAM, 0.5, 2),
    one("none among", "state_as_of", {**SPONSOR, "among": {"role": "user"}, "result": "share"}, TEAM, None,
        0, "no_recent"),
    one("a departure that came to light on D", "state_as_of", SPONSOR,
        [contact("p1", "sponsor"), contact("p1", "sponsor", valid_to=day_ago(9), known=ago(0))], 1, 1),
    one("a contact of next week is not known of yet", "state_as_of", SPONSOR,
        [contact("p1", "sponsor", valid_from=day_ago(-7))],
        None, 0, "no_data"),
    one("dated by `at`: signed before D is enough, a later start does not matter", "state_as_of",
        {"source": "contracts", "at": "signed_at", "result": "count"},
        [contract("c1", -7, -300, signed_at=ago(3), known=ago(3))], 1, 1),
    one("dated by `at`: begun and not signed before D", "state_as_of",
        {"source": "contracts", "at": "signed_at", "result": "count"},
        [contract("c1", 9, -300, signed_at=ago(0), known=ago(9))], None, 0, "no_data"),
    one("goals need no day", "state_as_of", {"source": "goals", "where": {"confirmed_by": {"present": True}},
        "result": "share"},
        [goal("g1", confirmed_by="Ann"), goal("g2"), goal("g3", known=0)], 0.5, 2),
    one("a table that has no day of its own has begun once a record is known", "state_as_of",
        {"source": "goals", "absent": "zero", "result": "count"}, [goal("g1", account_id=OTHER)], 0, 0,
        shared=True),
)

ROLES: dict[str, Any] = {"roles": ["sponsor", "champion", "admin", "economic_buyer"]}
COVERAGE = (
    one("champion and admin of four", "stakeholder_coverage", ROLES, [*TEAM, contact("p5", "admin")], 0.5, 3),
    one("only active ones", "stakeholder_coverage", {**ROLES, "where": {"status": "active"}},
        [contact("p1", "sponsor", status="active"), contact("p2", "admin", status="departed")], 0.25, 1),
    one("a role changed hands", "stakeholder_coverage", ROLES,
        [contact("p1", "sponsor"), contact("p1", "user", known=ago(3))], 0, 0),
)
