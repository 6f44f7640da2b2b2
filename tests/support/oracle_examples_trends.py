"""Worked examples of the templates that compare windows, weeks or signals."""

from __future__ import annotations

from typing import Any

from support.oracle_signals import make
from support.oracle_words import LOGINS, Example, contract, day_ago, event, one

# A table of examples reads best as it is written.
# fmt: off
LONG_KNOWN = event(56, event="other")
WATCHED: dict[str, Any] = {**LOGINS, "where": {"event": "login"}}
CHANGES = (
    one("six after four", "change", WATCHED, [LONG_KNOWN, *[event(5)] * 6, *[event(29)] * 3, event(56)], 0.5,
        4),
    one("known for 55 days only", "change", WATCHED, [event(55), event(5)], None, 1, "too_new"),
    one("something after nothing", "change", WATCHED, [LONG_KNOWN, event(5)], None, 0, "undefined"),
    one("nothing after something", "change", WATCHED, [LONG_KNOWN, event(30)], -1, 1),
    one("three facts before, four needed", "change", {**WATCHED, "min_support": 4},
        [LONG_KNOWN, *[event(30)] * 3, event(2)], None, 3, "too_little_support"),
    one("sums: 30 after 20", "change", {**WATCHED, "of": "sum", "measure": "quantity"},
        [LONG_KNOWN, event(5, quantity=30.0), event(30, quantity=15.0), event(31, quantity=5.0), event(32)],
        0.5, 2),
    one("means: no value now", "change", {**WATCHED, "of": "mean", "measure": "quantity"},
        [LONG_KNOWN, event(5), event(30, quantity=15.0)], None, 1, "undefined"),
    one("users: one after two", "change", {**WATCHED, "of": "distinct", "measure": "user_id"},
        [LONG_KNOWN, event(5, user_id="a"), event(6, user_id="a"), event(30, user_id="a"),
        event(30, user_id="b"),
         event(31, user_id="b")], -0.5, 3),
)

POWER = (
    one("three power users after two", "power_user_trend", WATCHED,
        [LONG_KNOWN, *[event(5, user_id=u, is_power_user=True) for u in "abc"],
         *[event(30, user_id=u, is_power_user=True) for u in "aab"],
         event(5, user_id="d", is_power_user=False), event(30, user_id="d"), event(30, is_power_user=True)],
        0.5, 3),
    one("no power user before", "power_user_trend", WATCHED,
        [LONG_KNOWN, event(5, user_id="a", is_power_user=True), event(30, user_id="a")], None, 0,
        "undefined"),
    one("not known long enough", "power_user_trend", WATCHED, [event(5, user_id="a", is_power_user=True)],
        None, 0,
        "too_new"),
)

STEEP: dict[str, Any] = {**LOGINS, "window_days": 21, "where": {"event": "login"}}
SLOPES = (
    one("one, two, three a week", "slope", STEEP, [event(d) for d in (21, 14, 8, 7, 2, 1)], 1, 6),
    one("three, none, none", "slope", STEEP, [event(d) for d in (21, 16, 15)], -1.5, 3),
    one("sums of 1, 0 and 4", "slope", {**STEEP, "of": "sum", "measure": "quantity"},
        [event(21, quantity=1.0), event(1, quantity=4.0), event(2)], 1.5, 2),
    one("first seen 20 days ago", "slope", STEEP, [event(20), event(1)], None, 2, "too_new"),
    one("nothing happens", "slope", STEEP, [event(30)], 0, 0),
)

TOP, BOTTOM = make("count", "top", **LOGINS), make("distinct", "bottom", **LOGINS, measure="user_id")
HALF = make("ratio", "half", numerator="top", denominator="bottom", scale=0.5)
DIVIDED = (
    Example("0.5 x four facts / two users", (TOP, BOTTOM, HALF), [event(1, user_id=u) for u in "aabb"], 1, 4),
    Example("nobody below", (TOP, BOTTOM, HALF), [event(1)], None, 1, "undefined"),
    Example("no data above", (TOP, BOTTOM, HALF), [], None, 0, "no_data"),
    Example(
        "the reason below",
        (TOP, make("mean", "bottom", **LOGINS, measure="quantity"), HALF),
        [event(1)],
        None,
        1,
        "no_recent",
    ),
    Example(
        "too few facts above for the ratio itself",
        (TOP, BOTTOM, make("ratio", "half", numerator="top", denominator="bottom", min_support=2)),
        [event(1, user_id="a")],
        None,
        1,
        "too_little_support",
    ),
    Example(
        "an account too new for the ratio itself",
        (TOP, BOTTOM, make("ratio", "half", numerator="top", denominator="bottom", min_history_days=30)),
        [event(1, user_id="a")],
        None,
        1,
        "too_new",
        start=day_ago(29),
    ),
)
SEATS = (make("distinct", "users", **LOGINS, measure="user_id"), make("per_seat", "used", numerator="users"))
SEATED = (
    Example(
        "two users of 5 + 3 seats; a term that is over has none",
        SEATS,
        [
            *(event(1, user_id=u) for u in "ab"),
            contract("c1", 90, -9, seats=5.0),
            contract("c2", 9, None, seats=3.0),
            contract("c3", 400, 90, seats=50.0),
        ],
        0.25,
        2,
    ),
    Example("no seats known", SEATS, [event(1, user_id="a"), contract("c1", 90, -9)], None, 1, "undefined"),
    Example("no seats", SEATS, [event(1, user_id="a"), contract("c1", 90, -9, seats=0.0)], None, 1,
        "undefined"),
    Example("no data", SEATS, [contract("c1", 90, -9, seats=5.0)], None, 0, "no_data"),
)
