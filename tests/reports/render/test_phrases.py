"""Words of the outputs. Truths: sentences by hand (R1, R2: higher is healthier, dates told both ways), and that no
text can steer what prints it."""

from __future__ import annotations

import pytest

from barograph.reports.render import phrases
from barograph.reports.render.phrases import (
    change_words,
    date_words,
    due_words,
    line_points,
    line_words,
    move_words,
    printable,
    revenue_words,
    rough_money,
    score_words,
    short_date,
    sparkline,
    tier_words,
    track_words,
    until_words,
    way,
)

AS_OF = "2026-11-16"
LABELS = {"at_risk": "Red", "watch": "Amber"}


@pytest.mark.parametrize(
    ("iso", "until", "due"),
    [
        ("2026-11-15", "passed 1 day ago", "overdue by 1 day"),
        ("2026-11-16", "today", "due today"),
        ("2026-11-17", "in 1 day", "due in 1 day"),
        ("2026-09-27", "passed 50 days ago", "overdue by 50 days"),
        ("2027-01-04", "in 49 days", "due in 49 days"),
    ],
)
def test_days_around_the_as_of(iso: str, until: str, due: str) -> None:
    assert until_words(iso, AS_OF) == until
    assert due_words(iso, AS_OF) == due


def test_dates() -> None:
    assert date_words("2027-01-04") == "4 Jan 2027"
    assert short_date("2026-10-28", AS_OF) == "28 Oct"
    assert short_date("2027-01-04", AS_OF) == "4 Jan 2027"
    assert date_words(None) == short_date(None, AS_OF) == ""


@pytest.mark.parametrize(
    ("before", "after", "weeks", "direction", "told"),
    [
        ("healthy", "watch", 0, "down", "down from Healthy"),
        ("at_risk", "growth", 0, "up", "up from Red"),
        ("watch", "insufficient", 0, "aside", "from Amber"),
        ("insufficient", "watch", 0, "aside", "from Insufficient data"),
        ("watch", "watch", 1, "same", "for 1 week"),
        ("watch", "watch", 25, "same", "for 25 weeks"),
        ("watch", "watch", 0, "same", "since this week"),
        (None, "watch", 0, "same", "new"),
        (None, "watch", 3, "same", "for 3 weeks"),
        ("watch", "watch", None, "same", ""),
    ],
)
def test_moves(before: str | None, after: str, weeks: int | None, direction: str, told: str) -> None:
    assert way(before, after) == direction
    assert move_words(before, after, weeks, LABELS) == told


def test_tiers_that_the_model_does_not_name() -> None:
    assert tier_words("at_risk", {}) == "At Risk"
    assert tier_words("insufficient", {}) == "Insufficient data"


@pytest.mark.parametrize(
    ("value", "told"),
    [(0, "EUR 0"), (9_949, "EUR 9,949"), (9_950, "EUR 10 k"), (97_800, "EUR 98 k"), (999_499, "EUR 999 k"),
     (999_500, "EUR 1.0 M"), (8_589_242, "EUR 8.6 M"), (12_300_000, "EUR 12 M"), (2e9, "EUR 2.0 bn"),
     (-755_556, "EUR -756 k")],
)  # fmt: skip
def test_rough_money(value: float, told: str) -> None:
    assert rough_money(value, "EUR") == told


def test_figures() -> None:
    assert revenue_words(211_310.4, "EUR") == "EUR 211,310"
    assert revenue_words(None, "EUR") == "revenue unknown"
    assert score_words(34.6) == "35"
    assert score_words(None) == "no score"
    assert change_words({"from": 71.0, "to": 62.4}) == "-8.6"
    assert change_words({"from": 62.0, "to": 62.04}) == "±0"
    assert change_words({"from": None, "to": 62.0}) == change_words(None) == ""


def test_sparklines_use_the_whole_scale() -> None:
    assert sparkline([0.0, 12.4, 12.6, 50.0, 99.9, 100.0, None]) == "▁▁▂▅██·"


def test_track_record() -> None:
    record = {"lost": 9, "n": 22, "lead_days": 90, "low": 0.23, "high": 0.61}
    told = "9 of 22 accounts that scored like this 90 days before were lost"
    assert track_words(record) == f"{told} (23% to 61% is plausible)"
    assert track_words(record | {"low": None}) == told
    assert track_words(None) == track_words({"n": 0}) == ""


def test_ledger_lines() -> None:
    cap = {"kind": "cap", "name": "p1_open", "points": 0.0, "words": "P1 open: tier held at Watch at most"}
    assert (line_words(cap), line_points(cap)) == ("P1 open: tier held at Watch at most", "tier only")
    moved = {"kind": "data", "name": "active_users", "points": -1.0}
    assert (line_words(moved), line_points(moved)) == ("active users", "-1 point")


def test_no_text_steers_what_prints_it() -> None:
    steering = "a\x1b[31mb\x00c\r\nd\x9be\u2028f\u202eg\u2066h\ud800i"
    made = printable({"x": [steering, 1, None, {"y": steering}]})
    assert made == {"x": ["a [31mb c d e fghi", 1, None, {"y": "a [31mb c d e fghi"}]}
    assert printable("Zoë 日本 ✓ – ’") == "Zoë 日本 ✓ – ’"


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (None, ""),
        (0.0, "under 1%"),
        (0.0099, "under 1%"),
        (0.01, "1%"),
        (0.617, "62%"),
        (0.99, "99%"),
        (0.991, "over 99%"),
    ],
)
def test_a_renewal_probability_never_claims_certainty(chance: float | None, words: str) -> None:
    assert phrases.chance_share({"renewal_probability": chance}) == words


def test_probability_and_track_record_stand_side_by_side() -> None:
    record = {"n": 22, "lost": 9, "lead_days": 90, "low": 0.23, "high": 0.61}
    both = phrases.record_words({"renewal_probability": 0.62, "track_record": record})
    assert both.startswith("renewal probability 62%; 9 of 22 accounts that scored like this 90 days before")
    assert phrases.record_words({"renewal_probability": None, "track_record": None}) == ""
