"""Planted truth: the told accounts are there, with their fixed ids, and their data tell their story.

Requirements R1 (a Monday review has something to say), H6, X5, S6, P4.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from barograph.synthetic import CompanySpec, Truth, generate, truth
from barograph.synthetic.stories import STORIES

Company = dict[str, pa.Table]
Row = dict[str, Any]
IDS = {story.key: story.account_id for story in STORIES}


def rows(company: Company, table: str, key: str) -> list[Row]:
    whole = company[table]
    return whole.filter(pc.equal(whole["account_id"], IDS[key])).sort_by("recorded_at").to_pylist()


def back(spec: CompanySpec, days: float) -> datetime:
    return datetime.combine(spec.end, time(), UTC) - timedelta(days=days)


def users(company: Company, spec: CompanySpec, key: str, first: int, last: int, power: bool = False) -> float:
    """Mean users per week, from `first` to `last` weeks before the end."""
    weeks = []
    for week in range(last, first):
        seen = {
            row["user_id"]
            for row in rows(company, "events", key)
            if back(spec, 7 * week + 7) <= row["occurred_at"] < back(spec, 7 * week) and row["user_id"]
            if row["is_power_user"] or not power
        }
        weeks.append(len(seen))
    return sum(weeks) / len(weeks)


def last_contacts(company: Company, key: str, role: str) -> dict[str, Row]:
    return {row["contact_id"]: row for row in rows(company, "contacts", key) if row["role"] == role}


def test_ids_are_fixed_and_the_truth_names_them(company: Company, planted: Truth) -> None:
    assert "larkfield-freight" in IDS.values()
    known = set(company["accounts"]["account_id"].to_pylist())
    assert {story.account_id for story in planted.stories} == set(IDS.values()) <= known
    named = {row["account_id"]: row["name"] for row in company["accounts"].to_pylist()}
    assert all(named[story.account_id] == story.name for story in STORIES)
    assert len(planted.changed_recently) >= 6


def test_told_accounts_are_not_drawn_and_can_be_left_out(planted: Truth) -> None:
    told = {row["account_id"] for row in planted.renewals.to_pylist() if not row["drawn"]}
    assert told and told <= set(IDS.values())
    plain = CompanySpec(stories=False)
    assert truth(plain).stories == ()
    assert not set(generate(plain, only=["accounts"])["accounts"]["account_id"].to_pylist()) & set(
        IDS.values()
    )


def test_migration_grows_while_its_tickets_rise(company: Company, spec: CompanySpec) -> None:
    assert users(company, spec, "migration", 4, 0) > 1.2 * users(company, spec, "migration", 32, 24)
    opened = {row["ticket_id"]: row for row in rows(company, "tickets", "migration")}
    recent = [row for row in opened.values() if row["opened_at"] >= back(spec, 56)]
    before = [row for row in opened.values() if back(spec, 112) <= row["opened_at"] < back(spec, 56)]
    assert len(recent) > 4 * max(len(before), 1)
    planned = [row for row in recent if row["kind"] == "migration"]
    assert len(planned) > 0.8 * len(recent)
    assert {row["priority"] for row in planned} == {"p3", "p4"}


def test_the_green_account_has_lost_its_sponsor(company: Company, spec: CompanySpec) -> None:
    assert users(company, spec, "green_no_sponsor", 5, 0) > 0.9 * users(
        company, spec, "green_no_sponsor", 30, 20
    )
    sponsors = last_contacts(company, "green_no_sponsor", "sponsor").values()
    assert [row["status"] for row in sponsors] == ["departed"]
    assert all(back(spec, 40) < row["recorded_at"] < back(spec, 28) for row in sponsors)


def test_the_champion_left_then_use_fell_then_it_was_lost(company: Company, spec: CompanySpec) -> None:
    (champion,) = last_contacts(company, "champion_left", "champion").values()
    assert champion["status"] == "departed"
    (lost,) = [row for row in rows(company, "outcomes", "champion_left") if row["outcome"] == "churned"]
    assert champion["recorded_at"] < lost["decided_at"] - timedelta(days=150)
    assert users(company, spec, "champion_left", 24, 16) < 0.8 * users(company, spec, "champion_left", 52, 42)
    assert lost["effective_at"] < back(spec, 0)
    assert users(company, spec, "champion_left", 1, 0) == 0


def test_the_rescued_account_dipped_was_worked_and_renewed(company: Company, spec: CompanySpec) -> None:
    before, dip, after = (users(company, spec, "rescued", a, b) for a, b in ((75, 64), (52, 45), (26, 14)))
    assert dip < 0.6 * before and after > 1.7 * dip
    worked = [
        row for row in rows(company, "interactions", "rescued") if row["kind"] in ("meeting", "training")
    ]
    assert len([row for row in worked if back(spec, 351) <= row["occurred_at"] < back(spec, 210)]) >= 20
    assert rows(company, "outcomes", "rescued")[-1]["outcome"] == "renewed"
    assert rows(company, "outcomes", "rescued")[-1]["decided_at"] > back(spec, 130)


def test_onboarding_is_young(company: Company, spec: CompanySpec) -> None:
    (row,) = rows(company, "accounts", "onboarding")
    assert row["lifecycle_stage"] == "onboarding"
    assert 28 <= (spec.end - row["start_date"]).days <= 42
    assert not rows(company, "outcomes", "onboarding")


def test_notice_was_given_within_the_last_week(company: Company, spec: CompanySpec) -> None:
    last = rows(company, "contracts", "notice_given")[-1]
    assert back(spec, 7) < last["cancelled_at"] <= last["recorded_at"] < back(spec, 0)
    assert last["end_date"] > spec.end
    assert rows(company, "contracts", "notice_given")[-2]["cancelled_at"] is None


def test_a_p1_is_open_for_longer_than_a_week_and_escalated(company: Company, spec: CompanySpec) -> None:
    latest = {row["ticket_id"]: row for row in rows(company, "tickets", "open_p1")}
    (urgent,) = [
        row
        for row in latest.values()
        if row["priority"] == "p1" and row["resolved_at"] is None and row["opened_at"] > back(spec, 14)
    ]
    assert urgent["opened_at"] < back(spec, 7)
    assert urgent["escalated_at"] is not None
    last = rows(company, "escalations", "open_p1")[-1]
    assert last["opened_at"] > back(spec, 14) and last["resolved_at"] is None


def test_power_users_went_quiet_and_the_others_did_not(company: Company, spec: CompanySpec) -> None:
    key = "power_users_dropped"
    assert users(company, spec, key, 3, 0, power=True) < 0.5 * users(company, spec, key, 12, 4, power=True)
    others = [
        users(company, spec, key, a, b) - users(company, spec, key, a, b, power=True)
        for a, b in ((3, 0), (12, 4))
    ]
    assert others[0] > 0.8 * others[1]


def test_newly_healthy_and_growth_are_on_the_way_up(company: Company, spec: CompanySpec) -> None:
    assert users(company, spec, "newly_healthy", 2, 0) > 1.8 * users(company, spec, "newly_healthy", 18, 10)
    reviews = [
        row for row in rows(company, "interactions", "newly_healthy") if row["kind"] == "business_review"
    ]
    assert reviews[-1]["occurred_at"] > back(spec, 14)
    seats = rows(company, "contracts", "growth")[-1]["seats"]
    assert users(company, spec, "growth", 2, 0) > 0.6 * seats
    deals = {row["opportunity_id"]: row for row in rows(company, "opportunities", "growth")}
    assert [row for row in deals.values() if row["kind"] == "expansion" and row["stage"] == "open"]


def test_use_collapsed_in_the_last_two_weeks(company: Company, spec: CompanySpec) -> None:
    assert users(company, spec, "usage_collapse", 2, 0) < 0.3 * users(company, spec, "usage_collapse", 12, 2)


def test_the_sponsors_departure_is_news(company: Company, spec: CompanySpec) -> None:
    (sponsor,) = last_contacts(company, "sponsor_just_left", "sponsor").values()
    assert sponsor["status"] == "departed" and sponsor["recorded_at"] > back(spec, 7)


def test_an_invoice_is_overdue_by_more_than_a_month(company: Company, spec: CompanySpec) -> None:
    latest = {row["invoice_id"]: row for row in rows(company, "invoices", "overdue")}
    unpaid = [row for row in latest.values() if row["paid_at"] is None and row["due_at"] < back(spec, 30)]
    assert len(unpaid) == 1 and unpaid[0]["account_id"] == "marlowe-packaging"


def test_parent_children_products_advocate(company: Company, spec: CompanySpec) -> None:
    children = {key for key in IDS if rows(company, "accounts", key)[0]["parent_account_id"] == IDS["parent"]}
    assert children == {"child_north", "child_south", "child_digital"}
    assert {row["product"] for row in rows(company, "contracts", "two_products")} == {"core", "insights"}
    assert {row["product"] for row in rows(company, "events", "two_products")} == {"core", "insights"}
    given = [row for row in rows(company, "references", "advocate") if row["accepted"]]
    assert len(given) >= 5 and given[-1]["occurred_at"] > back(spec, 30)


def test_the_internal_account_has_use_and_no_contract(company: Company) -> None:
    assert rows(company, "accounts", "internal")[0]["is_internal"]
    assert rows(company, "events", "internal")
    for table in ("contracts", "outcomes", "invoices", "opportunities", "goals", "pulses", "legacy_scores"):
        assert not rows(company, table, "internal"), table


def test_the_silent_account_has_a_contract_and_nothing_to_score(company: Company) -> None:
    having = {table for table in company if rows(company, table, "no_data")}
    assert having == {"accounts", "contracts", "outcomes"}


@pytest.mark.parametrize("years", [1, 4])
def test_stories_fit_shorter_and_longer_histories(years: int) -> None:
    spec = CompanySpec(accounts=100, years=years, events_per_user_week=0.3)
    short = generate(spec, only=["accounts", "outcomes", "tickets"])
    assert set(IDS.values()) <= set(short["accounts"]["account_id"].to_pylist())
    lost = [row for row in short["outcomes"].to_pylist() if row["account_id"] in IDS.values()]
    assert {row["account_id"] for row in lost if row["outcome"] == "churned"} == {
        IDS["champion_left"],
        IDS["notice_given"],
    }
