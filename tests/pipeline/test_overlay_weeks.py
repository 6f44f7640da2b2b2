"""Pulses over published weeks (H5, decisions 7, 8, 11): truths are planted (each account's pulse and what it must do
in each week) and metamorphic: weeks at once are weeks one by one, and numbers are as they are without any pulse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from barograph.core.arrays import texts
from barograph.core.calendar import last_grid_days, to_date
from barograph.definitions.toml_io import dumps_model
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline import refresh as refresh_module
from barograph.pipeline.published import published
from barograph.pipeline.pulse_store import PulseBook
from barograph.reports.context import day_context, week_context
from barograph.reports.explain import explain_document
from barograph.reports.review import review_document
from barograph.reports.scores import scores_document
from barograph.workspace import Workspace
from support.chain import content, copied, refreshed, scored_rows, scored_table
from support.small_model import small_model
from support.small_workspace import MONDAY, bring_in, write_csv

WEEKS = 6
DAYS = last_grid_days(MONDAY, WEEKS)
RULE: dict[str, Any] = {"cadence": [{"when": {"segment": "ent"}, "every_days": 10, "valid_days": 14}]}


def pulse(account: str, at: str, **more: str) -> dict[str, str]:
    columns = ("author_email", "sponsor_status", "executive_engagement", "outcome_narrative", "reason", "wanted_tier",
               "countersigned_by", "countersigned_at")  # fmt: skip
    return {"account_id": account, "recorded_at": at, **dict.fromkeys(columns, ""), **more}


SIGNED = {"wanted_tier": "healthy", "reason": "new team starts", "countersigned_by": "lead@x.example"}
PULSES = [
    # Growth throughout. Missing a second before Monday 19 October, found again a second before 9 November.
    pulse("a01", "2026-10-18T23:59:59Z", sponsor_status="missing"),
    pulse("a01", "2026-11-08T23:59:59Z", sponsor_status="active"),
    # Growth throughout. Recorded at the very moment of 19 October: counts from the week after.
    pulse("a12", "2026-10-19T00:00:00Z", sponsor_status="missing", outcome_narrative="missing"),
    # Watch throughout. Counter-signed two weeks after it was written.
    pulse("a14", "2026-10-13T09:00:00Z", countersigned_at="2026-10-28T09:00:00Z", **SIGNED),
    # Healthy, Watch from 9 November; a P1 ticket is open until 12 November.
    pulse("a09", "2026-11-03T09:00:00Z", countersigned_at="2026-11-04T09:00:00Z", **SIGNED),
    # Growth throughout; its segment's pulses have force for 14 days, until 27 October.
    pulse("a03", "2026-10-13T09:00:00Z", sponsor_status="missing"),
    # No score.
    pulse("a06", "2026-10-13T09:00:00Z", sponsor_status="missing", outcome_narrative="missing"),
]
SHOWN = {
    "a01": [None, "watch", "watch", "watch", None, None],
    "a12": [None, None, "at_risk", "at_risk", "at_risk", "at_risk"],
    "a14": [None, None, None, "healthy", "healthy", "healthy"],
    "a09": [None, None, None, None, None, "healthy"],
    "a03": [None, "watch", "watch", None, None, None],
    "a06": [None] * 6,
}
"""The tier shown instead of the computed one, week by week."""


def with_rule(place: Workspace) -> Workspace:
    place.model_file().write_text(dumps_model(small_model(overlay=RULE)), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def pulsed(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small company with pulses and the rule, not scored. Read only."""
    place = with_rule(copied(raw, tmp_path_factory.mktemp("overlay") / "raw"))
    bring_in(place, write_csv(place.path / "more/pulses.csv", PULSES))
    return place


@pytest.fixture(scope="module")
def overlaid(pulsed: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same, six weeks in one refresh. Read only."""
    place = copied(pulsed, tmp_path_factory.mktemp("overlay") / "scored")
    refreshed(place, WEEKS)
    return place


@pytest.mark.parametrize("account", SHOWN)
def test_each_pulse_decides_from_its_day_to_its_last(overlaid: Workspace, account: str) -> None:
    found = []
    for day in DAYS:
        row = scored_rows(overlaid, day)[account]
        found.append(row["tier"] if row["tier"] != row["computed_tier"] else None)
        assert row["overlay_tier"] == found[-1]
    assert found == SHOWN[account]


def test_numbers_are_those_of_a_company_without_pulses(overlaid: Workspace, scored: Workspace) -> None:
    """Decision 7: scores, decomposition and computed tiers to the last bit; accounts without a pulse as they were."""
    shown = {"tier", "tier_since", "weeks_in_tier", "watch_days", "about_to_turn", "heading", "long_on_watch",
             "weeks_to_line", "change"}  # fmt: skip
    for day in DAYS:
        ours, theirs = scored_table(overlaid, day), scored_table(scored, day)
        same = [name for name in theirs.column_names if name not in shown]
        assert ours.select(same).equals(theirs.select(same))
        rows, plain = scored_rows(overlaid, day), scored_rows(scored, day)
        for account in plain.keys() - SHOWN.keys():
            assert {name: rows[account][name] for name in plain[account]} == plain[account]


def test_without_the_rule_pulses_change_no_byte(pulsed: Workspace, scored: Workspace, tmp_path: Path) -> None:
    place = copied(pulsed, tmp_path / "w")
    place.model_file().write_text(dumps_model(small_model()), encoding="utf-8")
    refreshed(place, WEEKS)
    there = {key: files for key, files in content(scored).items() if key[0] == "scores"}
    assert {key: files for key, files in content(place).items() if key[0] == "scores"} == there


@pytest.mark.parametrize("per_batch", [1, 4])
def test_where_batches_end_changes_nothing(
    pulsed: Workspace, overlaid: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, per_batch: int
) -> None:
    monkeypatch.setattr(refresh_module, "WEEKS_PER_BATCH", per_batch)
    place = copied(pulsed, tmp_path / "w")
    refreshed(place, WEEKS)
    assert content(place) == content(overlaid)


def test_pulses_that_arrive_week_by_week_give_the_same_weeks(
    raw: Workspace, overlaid: Workspace, tmp_path: Path
) -> None:
    """A counter-signature that is added to a pulse later counts from its own time, and no earlier week moves."""
    place = with_rule(copied(raw, tmp_path / "w"))
    for k, day in enumerate(DAYS):
        until = f"{to_date(day)}T00:00:00Z"
        known = [
            {
                **row,
                **(
                    {}
                    if row["countersigned_at"] < until
                    else {"countersigned_by": "", "countersigned_at": ""}
                ),
            }
            for row in PULSES
            if row["recorded_at"] < until
        ]
        if known:
            bring_in(place, write_csv(place.path / f"week{k}/pulses.csv", known))
        refreshed(place, as_of=day)
    for day in DAYS:
        assert scored_rows(place, day) == scored_rows(overlaid, day)


def test_the_ledger_says_what_the_overlay_changed(overlaid: Workspace) -> None:
    """Decision 8: kind overlay, 0 points, and the lines still add up to the change."""
    expected = {DAYS[1]: (None, 1.0), DAYS[4]: (1.0, None)}
    for day in DAYS[1:]:
        row = scored_rows(overlaid, day)["a01"]
        lines = [item for item in row["change"] if item["kind"] == "overlay"]
        told = [(item["value_before"], item["value_after"]) for item in lines]
        assert told == ([expected[day]] if day in expected else [])
        assert all(item["points"] == 0 and item["name"] == "sponsor_missing" for item in lines)
        moved = sum(item["points"] for item in row["change"])
        assert moved == pytest.approx(row["score"] - row["previous_score"], abs=1e-9)


def test_a_stored_week_reads_back_as_it_was_judged(overlaid: Workspace) -> None:
    context = week_context(overlaid, DAYS[3])
    week = published(context.table, DAYS[3], context.model).overlay
    assert week is not None
    history = PulseBook(overlaid.lake, "UTC").of(overlaid.lake.manifest())
    assert history is not None
    fresh = history.at(DAYS[3], week.account_ids)
    for column in (
        "day",
        "sponsor",
        "engagement",
        "narrative",
        "wanted",
        "reasoned",
        "signed_day",
        "signed_tier",
    ):
        assert getattr(week.pulses, column).tolist() == getattr(fresh, column).tolist(), column
    assert week.pulses.open_p1.tolist() == fresh.open_p1.tolist()


def test_what_is_said_of_an_account(overlaid: Workspace) -> None:
    """Explain, scores and review carry both tiers, the pulse and the words."""
    context = week_context(overlaid, DAYS[3])
    told = explain_document(context, "a01")
    assert (told["tier"], told["computed_tier"]) == ("watch", "growth")
    assert told["overlay"] == {
        "state": "in_force",
        "rule": "sponsor_missing",
        "divergence": "worse",
        "lift": "not_wanted",
        "lift_until": None,
        "pulse": {
            "recorded_on": "2026-10-18",
            "valid_until": "2026-12-02",
            "sponsor_status": "missing",
            "executive_engagement": None,
            "outcome_narrative": None,
            "wanted_tier": None,
            "opinion": "watch",
            "countersigned_on": None,
        },
        "words": "Watch is shown because the sponsor is missing (the pulse of 18 Oct), until 2 Dec; "
        "the numbers say Growth.",
    }
    assert told["tier_why"].startswith(told["overlay"]["words"] + " Growth since ")
    assert "a pulse that finds the sponsor again" in told["lift"].lower()
    scores = {entry["account_id"]: entry for entry in scores_document(context)["accounts"]}
    assert scores["a01"]["overlay"]["rule"] == "sponsor_missing"
    assert scores["a08"]["overlay"]["pulse"] is None
    assert explain_document(context, "a03")["overlay"]["words"] == (
        "The pulse of 13 Oct expired on 27 Oct and has no force."
    )
    assert explain_document(context, "a14")["overlay"]["words"] == (
        "Healthy is shown because the pulse of 13 Oct, counter-signed on 28 Oct, lifts it a tier, until 27 Nov; "
        "the numbers say Watch."
    )
    assert explain_document(week_context(overlaid, DAYS[4]), "a09")["overlay"]["words"] == (
        "The pulse of 3 Nov says Healthy, the numbers say Watch; it changes nothing: a P1 ticket is open."
    )


def test_the_review_tells_the_change_and_who_diverges(overlaid: Workspace) -> None:
    """R1: moved by the overlay is a change of status, with the reason; divergence is listed."""
    review = review_document(week_context(overlaid, DAYS[1]))
    worse = {entry["account_id"]: entry for entry in review["worse"]}
    assert worse.keys() == {"a01", "a03"}
    assert worse["a01"]["why"].startswith("The sponsor is missing: Watch is shown instead of Growth")
    assert worse["a01"]["computed_tier"] == "growth"
    found = {entry["account_id"]: entry["divergence"] for entry in review["diverging"]}
    assert found == {"a01": "worse", "a03": "worse", "a14": "better"}
    assert json.dumps(review)


def test_models_without_the_rule_keep_their_documents(scored: Workspace) -> None:
    context = week_context(scored, MONDAY)
    assert "overlay" not in explain_document(context, "a01")
    assert "diverging" not in review_document(context)


def test_between_weeks_a_pulse_counts_from_the_next_day(overlaid: Workspace) -> None:
    """H4: any date; the pulse of 3 November is there on Wednesday the 4th."""
    day = DAYS[3] + 2
    entry = explain_document(day_context(overlaid, DuckDBEngine(), day), "a09")
    assert entry["overlay"]["pulse"]["recorded_on"] == "2026-11-03"
    before = explain_document(day_context(overlaid, DuckDBEngine(), day - 1), "a09")
    assert before["overlay"]["pulse"] is None


def test_a_newer_pulse_keeps_a_standing_signature(pulsed: Workspace, tmp_path: Path) -> None:
    """Monthly pulses do not end a decision of 45 days; one that no longer wants the lift does."""
    place = copied(pulsed, tmp_path / "w")
    again = pulse("a14", "2026-11-02T09:00:00Z", wanted_tier="healthy", reason="still so")
    over = pulse("a14", "2026-11-10T09:00:00Z", sponsor_status="active")
    bring_in(place, write_csv(place.path / "again/pulses.csv", [again, over]))
    refreshed(place, WEEKS)
    tiers = [scored_rows(place, day)["a14"]["tier"] for day in DAYS]
    assert tiers == ["watch", "watch", "watch", "healthy", "healthy", "watch"]


def test_nobody_counter_signs_the_own_pulse(pulsed: Workspace, tmp_path: Path) -> None:
    place = copied(pulsed, tmp_path / "w")
    own = pulse(
        "a14",
        "2026-11-09T09:00:00Z",
        author_email="Lead@x.example ",
        countersigned_at="2026-11-10T09:00:00Z",
        **SIGNED,
    )
    other = {**own, "account_id": "a09", "author_email": "am@x.example"}
    bring_in(place, write_csv(place.path / "own/pulses.csv", [own, other]))
    history = PulseBook(place.lake, "UTC").of(place.lake.manifest())
    assert history is not None
    day = DAYS[4] + 1
    assert history.at(MONDAY, texts(["a14", "a09"])).signed_day.tolist() == [DAYS[2] + 2, day]


def test_products_have_the_pulse_of_their_account(pulsed: Workspace) -> None:
    history = PulseBook(pulsed.lake, "UTC").of(pulsed.lake.manifest())
    assert history is not None
    ids = texts(["a12", "a12 / Core / Plus", "a1 / x", "a12 /x"])
    assert (history.at(MONDAY, ids, products=True).day >= 0).tolist() == [True, True, False, False]
    assert (history.at(MONDAY, ids).day >= 0).tolist() == [True, False, False, False]
