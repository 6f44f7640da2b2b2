"""The review in words, before it is laid out. Truths: sentences and figures by hand from one small document (R1,
R2, L3: the label is told; deadlines are judged at the as_of)."""

from __future__ import annotations

from typing import Any

import pytest

from barograph.core import attention as formula
from barograph.reports.render.account_view import AccountView, Duty, account_view, duties
from barograph.reports.render.review_view import SECTIONS, footer, review_view
from support.review_document import bare, empty, entry, review

AS_OF = "2026-11-16"


def view_of(document: dict[str, Any]) -> AccountView:
    return account_view(document, as_of=AS_OF, currency="EUR", labels={})


def test_an_account_in_words() -> None:
    view = view_of(entry("harbour", opt_out="2026-09-27"))
    assert (view.score, view.change, view.revenue) == ("62", "-8.6", "EUR 100,000")
    assert (view.way, view.move) == ("down", "down from Healthy")
    assert (view.opt_out, view.opt_out_date, view.opt_out_near) == (
        "passed 50 days ago",
        "27 Sep 2026",
        False,
    )
    assert view.place == "enterprise · harbour", "segment and plan of the same name are said once"
    assert view.ledger_title == "-8.6 points since 9 Nov"
    assert view.widest == 10


def test_a_change_since_an_unknown_day() -> None:
    change = entry("a")["change"] | {"since": None}
    assert view_of(entry("a", change=change)).ledger_title == "-8.6 points"


@pytest.mark.parametrize(
    ("opt_out", "near"),
    [("2026-11-15", False), ("2026-11-16", True), ("2027-01-15", True), ("2027-01-16", False)],
)
def test_when_an_opt_out_is_near(opt_out: str, near: bool) -> None:
    assert view_of(entry("a", opt_out=opt_out)).opt_out_near is near


def test_an_account_that_is_gone_asks_for_nothing() -> None:
    account = review_view(review()).sections[-1].accounts[0]
    assert (account.name, account.tier_label, account.move) == ("Umber", "At Risk", "when last seen")
    assert (account.dates, account.owner, account.duties) == ("term to 12 Nov 2026", "no owner named", ())


def test_a_date_between_two_weeks_is_said_so() -> None:
    assert "between two weeks" in review_view(review() | {"between_weeks": True}).as_of
    assert "between" not in review_view(review()).as_of


def test_revenue_that_is_known_of_nobody() -> None:
    view = review_view(review() | {"arr": None})
    assert view.size == "9 accounts, revenue unknown"
    assert {tier.share for tier in view.tiers} == {0.0}


def plan(**changes: Any) -> dict[str, Any]:
    base = {"owner": None, "owner_by": None, "touch_by": None, "plan_by": None, "touched_since": False}
    return base | changes


@pytest.mark.parametrize(
    ("given", "last_touch", "expected"),
    [
        (plan(owner_by="2026-11-13"), None, Duty("owner", "by 13 Nov, overdue by 3 days", "overdue")),
        (plan(owner="m", owner_by="2026-11-13"), None, Duty("", "this tier asks for no deadline", "none")),
        (plan(touch_by="2026-11-16"), None, Duty("customer touch", "by 16 Nov, due today", "due")),
        (plan(touch_by="2026-11-13", touched_since=True), "2026-11-12",
         Duty("customer touch", "done, last 12 Nov", "done")),
        (plan(plan_by="2026-11-15"), "2026-11-12", Duty("plan", "by 15 Nov, overdue by 1 day", "overdue")),
        ({}, None, Duty("", "this tier asks for no deadline", "none")),
    ],
)  # fmt: skip
def test_deadlines_at_the_as_of(given: dict[str, Any], last_touch: str | None, expected: Duty) -> None:
    assert duties(given, last_touch, AS_OF) == (expected,)


def test_the_head_of_a_review() -> None:
    view = review_view(review())
    assert (view.label, view.label_words) == (
        "HEURISTIC",
        "expert weights, not validated against renewals yet",
    )
    assert (view.week, view.compared) == ("week of 16 Nov 2026", "compared with 9 Nov")
    assert view.size == "9 accounts with EUR\u00a0811,310 of recurring revenue"
    assert view.narrowed == "Only segment enterprise"
    assert view.attention_note.startswith(
        "1 more account with EUR 12 k has a reason to be here and ranks lower"
    )
    counts = {headline.what: (headline.count, headline.detail) for headline in view.headlines}
    assert counts["on the list for attention"] == ("2", "EUR 311 k")
    assert counts["went down"] == ("2", "EUR 200 k")
    assert counts["gone"] == ("1", "revenue unknown")
    assert counts["data warnings"] == ("2", "")


def test_a_predictive_label_says_on_how_many_outcomes() -> None:
    view = review_view(review() | {"label": "predictive", "outcomes": 1412})
    assert (view.label, view.label_words) == ("PREDICTIVE", "weights from 1,412 outcomes")


def test_every_list_has_its_section() -> None:
    view = review_view(review())
    assert [s.key for s in view.sections] == [key for key, *_ in SECTIONS]
    assert all(s.accounts for s in view.sections)
    listed = {account.account_id: account.listed for account in view.sections[0].accounts}
    assert listed == {"harbour": 2, "kiln": None}, "an account on the list is not told twice"


def test_sections_speak_the_model_own_labels() -> None:
    document = review()
    document["tiers"][2]["label"] = "Green"
    titles = [section.title for section in review_view(document).sections]
    assert "Newly Green" in titles
    assert "Better, not yet Green" in titles


def test_tiers_and_movement() -> None:
    view = review_view(review())
    watch = view.tiers[1]
    assert (watch.accounts, watch.change, watch.revenue, watch.share_words) == (4, "+2", "EUR 400,000", "49%")
    assert view.movement is not None
    assert view.movement.columns == ("At Risk", "Watch", "Healthy", "Growth", "Gone")
    cells = dict(view.movement.rows)
    assert list(cells) == ["At Risk", "Watch", "Healthy", "Growth", "New"], (
        "nobody came from insufficient data"
    )
    fell, rose = cells["Healthy"][1], cells["At Risk"][1]
    assert (fell.count, fell.revenue, fell.way, fell.shade) == ("2", "EUR 200 k", "down", "shade-down-4")
    assert (rose.way, rose.shade) == ("up", "shade-up-2")
    assert (cells["At Risk"][0].way, cells["At Risk"][0].shade) == ("same", "shade-stay-4")
    assert (cells["New"][1].count, cells["New"][1].way, cells["New"][1].shade) == ("1", "same", "")
    assert (
        view.movement.summary == "3 accounts moved up with EUR 300 k, 3 accounts moved down with EUR 300 k."
    )


def test_the_alarm_when_raised_and_when_not() -> None:
    alarm = review_view(review()).alarm
    assert alarm is not None
    assert alarm.summary.startswith(
        "The portfolio is shifting down. Since 12 Oct 2026, 9% of accounts and 15% of rev"
    )
    assert dict(alarm.breakdown).keys() == {"segment", "owner"}
    assert [(p.value, p.accounts) for p in dict(alarm.breakdown)["segment"]] == [("enterprise", "2 of 6")]
    quiet = review()
    quiet["structural_alarm"] |= {"raised": False, "share_count": 0.02, "share_arr": -0.01}
    alarm = review_view(quiet).alarm
    assert alarm is not None
    assert alarm.summary == (
        "No structural alarm: 2% of accounts and 0% of revenue shifted down net since 12 Oct 2026 "
        "(raised from 10% of accounts or of revenue)."
    )
    assert alarm.breakdown == ()
    quiet["structural_alarm"] |= {"share_count": -0.02}
    alarm = review_view(quiet).alarm
    assert alarm is not None
    assert "the portfolio did not shift down within the quarter" in alarm.summary


def test_families_take_names_from_the_review() -> None:
    family = review_view(review()).families[0]
    assert (family.name, family.decided_by, family.score) == ("Harbour & Sons", "Harbour & Sons", "65")
    assert family.parts[1] == ("harbour-north", "Insufficient data", "no score", "50%")


def test_the_footer_tells_the_formula_that_is_used() -> None:
    told, hypothesis = footer({})
    for figure in (formula.POINTS_PER_STEP, formula.MOST_POINTS, formula.FAR_DAYS, formula.NEAREST):
        assert f" {figure:g}" in told
    assert f"Plan: {formula.ON_TRACK_FACTOR:g}" in told
    assert "At Risk 1, Watch 0.6, Healthy or Growth and about to turn 0.5, Insufficient data 0.4" in told
    assert "a hypothesis" in hypothesis
    assert "higher is healthier" in hypothesis


@pytest.mark.parametrize("document", [empty(), bare()], ids=["empty", "bare"])
def test_nothing_known_is_said_so(document: dict[str, Any]) -> None:
    view = review_view(document)
    assert view.movement is None
    assert view.alarm is None
    assert view.compared == "The first scored week: there is nothing to compare with yet"
    for account in view.attention:
        assert (account.name, account.score, account.revenue, account.owner) == (
            "a-1", "no score", "revenue unknown", "nobody yet",
        )  # fmt: skip
