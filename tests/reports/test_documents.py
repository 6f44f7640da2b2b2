"""Documents against what was published (truth: property, contract; H2, H3, H6, R1, S6, L3)."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from barograph.core.calendar import WEEK, to_date
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.errors import RefusedError
from barograph.reports.context import WeekContext, day_context, week_context
from barograph.reports.explain import explain_document
from barograph.reports.heading import heading_lines, label_words
from barograph.reports.review import review_document
from barograph.reports.scores import scores_document
from barograph.reports.status import status_document
from barograph.reports.workspace_head import workspace_head
from barograph.workspace import Workspace
from support.chain import copied, refreshed, scored_rows
from support.chain_company import DAYS, Company
from support.small_workspace import AS_OF, MONDAY, made

SECTIONS = ("worse", "newly_healthy", "growth", "better", "score_lost", "score_found", "moved_by_model")


def strict_json(document: dict[str, Any]) -> None:
    """What the command line does with it: NaN would be no JSON, and a strange object no text."""
    json.dumps(document, allow_nan=False)


@pytest.fixture(scope="module")
def small(scored: Workspace) -> WeekContext:
    return week_context(scored, MONDAY)


@pytest.fixture(scope="module")
def large(company: Company) -> WeekContext:
    return week_context(company.place, DAYS[-1])


def test_every_account_can_be_explained(small: WeekContext, large: WeekContext) -> None:
    """All of the small company; of the seeded one, some of each tier, reason and change."""
    chosen: dict[tuple[Any, ...], str] = {}
    for row in large.rows:
        kinds = tuple(sorted({item["kind"] for item in row["change"]}))
        chosen[row["tier"], row["insufficient"], row["tier_reason"], row["change_statement"], kinds] = row[
            "account_id"
        ]
    assert len(chosen) >= 15
    for context, accounts in ((small, [row["account_id"] for row in small.rows]), (large, chosen.values())):
        for account in accounts:
            document = explain_document(context, account)
            strict_json(document)
            assert document["account_id"] == account
            assert document["label"] == "heuristic"
            assert document["why"].endswith(".")
            assert document["tier_why"].endswith(".")
            assert all(line["words"] for line in document["ledger"])
            assert [line["points"] for line in document["ledger"]] == [
                item["points"] for item in (document["change"] or {"items": []})["items"]
            ]


def test_an_explained_account_is_the_one_of_the_scores(small: WeekContext) -> None:
    for account in scores_document(small)["accounts"]:
        explained = explain_document(small, account["account_id"])
        assert {key: explained[key] for key in account if key != "signals"} == account


def test_a_name_finds_an_account_when_only_one_has_it(small: WeekContext) -> None:
    assert explain_document(small, "cedar bank")["account_id"] == "a03"


def test_history_is_what_was_published(small: WeekContext) -> None:
    for account in ("a02", "a06", "a16"):
        told = {
            entry["as_of"]: (entry["score"], entry["tier"])
            for entry in explain_document(small, account)["history"]
        }
        for day in small.weeks:
            row = scored_rows(small.workspace, day).get(account)
            expected = (None, None) if row is None else (row["score"], row["tier"])
            assert told[to_date(day).isoformat()] == expected


def test_the_change_names_the_week_that_it_compares_with(scored: Workspace, tmp_path: Path) -> None:
    """After a gap that is not the week before, whatever is filled in later."""
    place = copied(scored, tmp_path / "w")
    later = MONDAY + 3 * WEEK
    refreshed(place, as_of=later)
    refreshed(place, as_of=later - WEEK)
    account = explain_document(week_context(place, later), "a01")
    assert account["change"]["since"] == to_date(MONDAY).isoformat()
    assert account["change"]["from"] == scored_rows(place, MONDAY)["a01"]["score"]


def test_a_day_between_weeks_is_compared_with_the_last_monday(scored: Workspace) -> None:
    context = day_context(scored, DuckDBEngine(), MONDAY + 3)
    account = explain_document(context, "a03")
    assert account["between_weeks"]
    assert account["change"]["since"] == to_date(MONDAY).isoformat()
    assert account["change"]["from"] == scored_rows(scored, MONDAY)["a03"]["score"]
    total = sum(item["points"] for item in account["change"]["items"])
    assert account["change"]["from"] + total == pytest.approx(account["score"], abs=1e-9)
    assert len(context.rows) == 14


def test_a_monday_that_is_not_scored_shows_the_week_before(scored: Workspace) -> None:
    for context in (week_context(scored, MONDAY + WEEK), day_context(scored, DuckDBEngine(), MONDAY + WEEK)):
        assert context.head("x")["workspace_as_of"] == to_date(MONDAY).isoformat()


def test_the_account_without_a_score_is_grey_and_says_why(small: WeekContext) -> None:
    account = explain_document(small, "a06")
    assert (account["score"], account["base"], account["tier"]) == (None, None, "insufficient")
    assert account["insufficient_because"] == "low_coverage"
    assert "20%" in account["why"]
    assert "50% is needed" in account["why"]
    missing = {s["name"]: s["missing"] for c in account["components"] for s in c["signals"]}
    assert missing == {"active_users": "no_data", "usage_change": "no_data", "feature_breadth": "no_data",
                       "sponsor_active": "no_data", "oldest_p1": None}  # fmt: skip


def test_a_cap_is_a_named_line_without_points(scored: Workspace) -> None:
    account = explain_document(week_context(scored, MONDAY), "a03")
    (cap,) = account["caps"]
    assert (cap["name"], cap["tier_at_most"], cap["points"], cap["holds_tier"]) == (
        "long_p1",
        "watch",
        0.0,
        True,
    )
    assert [i["points"] for i in account["change"]["items"] if i["kind"] == "cap"] == [0.0]
    assert "P1 ticket" in account["why"]


def test_targets_are_met_or_not_or_unknown(small: WeekContext) -> None:
    met = {a: explain_document(small, a)["targets"][0]["met"] for a in ("a01", "a14", "a06")}
    assert met == {"a01": True, "a14": False, "a06": None}


@pytest.mark.parametrize("owner", [None, "cs-north@example.com", "cs-south@example.com"])
@pytest.mark.parametrize("weeks_ago", [0, 1, 2])
def test_the_review_adds_up(scored: Workspace, owner: str | None, weeks_ago: int) -> None:
    context = week_context(scored, MONDAY - weeks_ago * WEEK)
    document = review_document(context, owner)
    strict_json(document)
    mine = [row for row in context.rows if owner in (None, row["csm_email"])]
    assert document["accounts"] == len(mine) == sum(tier["accounts"] for tier in document["tiers"])
    assert document["arr"] == pytest.approx(sum(row["arr"] for row in mine))
    before = scored_rows(scored, MONDAY - (weeks_ago + 1) * WEEK)
    now = {row["account_id"]: row for row in mine}
    moved = [a for a, row in now.items() if a in before and row["tier"] != before[a]["tier"]]
    listed = [entry["account_id"] for section in SECTIONS for entry in document[section]]
    assert sorted(listed) == sorted(moved)
    assert {entry["account_id"] for entry in document["new"]} == set(now) - set(before)
    gone = {a for a, row in before.items() if owner in (None, row["csm_email"])} - {
        row["account_id"] for row in context.rows
    }
    assert {entry["account_id"] for entry in document["gone"]} == gone
    states = document["movement"]["states"]
    count = {
        (a, b): document["movement"]["count"][i][j]
        for i, a in enumerate(states)
        for j, b in enumerate(states)
    }
    stayed = sum(n for (a, b), n in count.items() if a == b)
    assert stayed == len([a for a in now if a in before]) - len(moved)
    priorities = [entry["priority"] for entry in document["attention"]]
    assert priorities == sorted(priorities, reverse=True)
    assert [entry["rank"] for entry in document["attention"]] == list(range(1, len(priorities) + 1))
    assert document["attention_eligible"] == len(priorities) + document["attention_left_out"]


def test_owners_reviews_are_parts_of_the_whole(large: WeekContext) -> None:
    owners = {row["csm_email"] for row in large.rows if row["csm_email"]}
    parts = [review_document(large, owner) for owner in sorted(owners)]
    assert len(parts) > 1
    nobody = sum(row["csm_email"] is None for row in large.rows)
    assert sum(part["accounts"] for part in parts) + nobody == review_document(large)["accounts"]


def test_the_first_week_has_nothing_to_compare_with(scored: Workspace) -> None:
    document = review_document(week_context(scored, MONDAY - 5 * WEEK))
    strict_json(document)
    assert (document["previous_as_of"], document["movement"]) == (None, None)
    assert [document[section] for section in (*SECTIONS, "new", "gone")] == [[]] * 9
    assert document["attention"]
    assert all(
        account["change"] is None
        for account in scores_document(week_context(scored, MONDAY - 5 * WEEK))["accounts"]
    )


def test_a_week_that_was_filled_in_says_so(scored: Workspace) -> None:
    earlier, last = week_context(scored, MONDAY - WEEK), week_context(scored, MONDAY)
    assert [context.head("x")["filled_in"] for context in (earlier, last)] == [True, False]
    assert "filled in afterwards" in heading_lines(earlier.head("x"))[0]
    assert "filled in" not in heading_lines(last.head("x"))[0]
    assert "filled_in" in {w["kind"] for w in review_document(earlier)["warnings"]}


def test_no_week_names_the_weeks_there_are(scored: Workspace, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"2026-10-12 to 2026-11-16.*refresh --as-of 2026-10-05"):
        week_context(scored, MONDAY - 6 * WEEK)
    with pytest.raises(RefusedError, match="no week at all"):
        week_context(made(tmp_path / "w"), MONDAY)


@pytest.mark.parametrize("label", ["heuristic", "validated_heuristic", "blended", "predictive"])
def test_each_stage_says_what_it_stands_on(label: str) -> None:
    words = label_words(label, 1234)
    assert words.startswith(label.rsplit("_", maxsplit=1)[-1].upper())
    assert ("1,234 outcomes" in words) == (label != "heuristic")
    assert ("not validated" in words) == (label == "heuristic")


def test_status_of_a_scored_workspace(scored: Workspace) -> None:
    document = status_document(scored, AS_OF)
    strict_json(document)
    tables = {table["table"]: table for table in document["tables"]}
    assert list(tables) == ["accounts", "contracts", "events", "tickets", "contacts"]
    assert tables["events"]["to"] == "2026-11-13"
    assert tables["events"]["stale_days"] == 3
    assert (tables["tickets"]["rows"], tables["tickets"]["versions"]) == (5, 8)
    assert document["weeks"] == {
        "scored": 6, "from": "2026-10-12", "to": "2026-11-16", "filled_in": 5, "restated": 0
    }  # fmt: skip
    assert document["model"]["version"] == "small-v1"
    assert not [finding for finding in document["lint"] if finding["severity"] == "error"]


def test_status_tells_of_a_broken_model_and_of_everything_else(scored: Workspace, tmp_path: Path) -> None:
    place = copied(scored, tmp_path / "w")
    place.model_file().write_text("[model", encoding="utf-8")
    document = status_document(place, AS_OF)
    assert (document["model"], document["label"], document["lint"]) == (None, None, [])
    assert "small.toml" in document["model_problem"]
    assert len(document["tables"]) == 5
    head = workspace_head(place, "x")
    assert (head["model"], head["label"], head["outcomes"]) == (None, None, None)
    assert head["workspace_as_of"] == "2026-11-16"


def test_status_of_an_empty_workspace(tmp_path: Path) -> None:
    document = status_document(made(tmp_path / "w"), AS_OF)
    strict_json(document)
    assert document["tables"] == []
    assert document["weeks"]["scored"] == 0
    assert document["workspace_as_of"] is None
    assert document["model"]["version"] is None


def test_weeks_in_tier_count_whole_weeks(scored: Workspace) -> None:
    """a09 fell to Watch on 9 November: 0 weeks in it that Monday, 1 the next."""
    seen = [scored_rows(scored, day)["a09"] for day in (MONDAY - WEEK, MONDAY)]
    assert [(row["tier"], row["weeks_in_tier"]) for row in seen] == [("watch", 0), ("watch", 1)]
    for before, after in pairwise(seen):
        assert before["tier_since"] == after["tier_since"]
