"""Published weeks come into the database whole, once, and again after every kind of interruption.

Truths: reference (the rows are what the library's own documents say, P6, R1, R2), property (idempotent; a killed
projection leaves the former picture and the next one goes on), planted change (a restated week replaces its rows).
Requirements: R1, R2, R3, H4, P6; decisions 10, 12, 17, 18, 20.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from filelock import FileLock

from barograph.core.calendar import day_number
from barograph.errors import LockedError
from barograph.lake import Lake
from barograph.pipeline.score_store import published_weeks
from barograph.reports.context import week_context
from barograph.reports.explain import explain_document
from barograph.reports.review import review_document
from barograph.reports.scores import scores_document
from barograph.workspace import Workspace
from barograph_web.portfolio.models import Account, AccountFact, AccountWeek, Projection, Standing, Week
from barograph_web.scoring import projection
from barograph_web.scoring.projection import project
from barograph_web.scoring.queries import newest_week
from support.web_company import company_copy, open_in_application

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)


class KilledError(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def place(projected: Path) -> Workspace:
    return open_in_application(projected)


def newest(place: Workspace) -> date:
    return Week.objects.latest("as_of").as_of


def test_every_account_week_is_what_was_published(place: Workspace) -> None:
    """All kept weeks, all accounts: score, tiers and revenue as in the library's own document (H4)."""
    weeks = published_weeks(place.lake.manifest())
    assert [w.as_of for w in Week.objects.order_by("as_of")] == [
        date.fromordinal(date(1970, 1, 1).toordinal() + day) for day in weeks
    ]
    for day in list(weeks)[::5]:
        document = scores_document(week_context(place, day))
        said = {
            a["account_id"]: (a["score"], a["tier"], a["computed_tier"], a["arr"])
            for a in document["accounts"]
        }
        rows = AccountWeek.objects.filter(week__as_of=document["workspace_as_of"])
        shown = {
            r[0]: r[1:]
            for r in rows.values_list("account__account_id", "score", "tier", "computed_tier", "arr")
        }
        assert shown == said


def test_standings_hold_the_documents_of_review_and_explanation(place: Workspace) -> None:
    """The newest two weeks: every key as `barograph review` and `barograph explain` give it (R1, R3)."""
    two = list(Week.objects.all()[:2])
    assert set(Standing.objects.values_list("week", flat=True)) == {w.pk for w in two}
    for week in two:
        context = week_context(place, day_number(week.as_of))
        review, header = review_document(context), set(context.head(""))
        listed = {e["account_id"]: e for e in review["attention"]}
        for standing in Standing.objects.filter(week=week).select_related("account")[:25]:
            told = explain_document(context, standing.account.account_id)
            assert standing.detail == {k: v for k, v in told.items() if k not in header}
            assert standing.rank == listed.get(standing.account.account_id, {"rank": None})["rank"]
        assert {e["account_id"] for e in review["worse"]} == set(
            Standing.objects.filter(week=week, moved="worse").values_list("account__account_id", flat=True)
        )
        for account_id, entry in listed.items():
            assert Standing.objects.get(week=week, account__account_id=account_id).review == entry
        assert week.head["tiers"] == review["tiers"]
        assert week.head["structural_alarm"] == review["structural_alarm"]
        assert "attention" not in week.head, "entries are in the standings"


def test_totals_of_a_week_are_the_sums_of_its_rows(place: Workspace) -> None:
    for week in Week.objects.all():
        rows = list(week.accounts.values_list("tier", "arr"))
        for tier, (n, arr, unknown) in week.totals.items():
            mine = [a for t, a in rows if t == tier]
            assert n == len(mine)
            assert arr == pytest.approx(sum(a or 0.0 for a in mine))
            assert unknown == sum(a is None for a in mine)


def test_the_same_generation_twice_changes_nothing(place: Workspace) -> None:
    before = (
        list(Week.every.values("pk", "projected_at")),
        Standing.objects.count(),
        Projection.objects.count(),
    )
    report = project(place, now=NOW)
    assert report.unchanged
    assert (report.weeks, report.facts) == (0, None)
    assert (
        list(Week.every.values("pk", "projected_at")),
        Standing.objects.count(),
        Projection.objects.count(),
    ) == before


def test_accounts_carry_the_state_of_the_newest_week(place: Workspace) -> None:
    document = scores_document(week_context(place, day_number(newest(place))))
    said = {
        a["account_id"]: (a["name"], a["segment"], a["owner"], a["arr"], a["renewal"])
        for a in document["accounts"]
    }
    shown = {
        a.account_id: (a.name, a.segment, a.csm_email, a.arr, a.renewal_on and a.renewal_on.isoformat())
        for a in Account.objects.filter(is_current=True)
    }
    assert shown == said
    gone = Account.objects.filter(is_current=False)
    assert all(not a.standings.filter(week=Week.objects.latest("as_of")).exists() for a in gone)


@pytest.mark.parametrize("at", ["write_standings", "write_account_weeks", "write_accounts", "write_facts"])
def test_a_killed_projection_leaves_the_former_picture(projected: Path, tmp_path: Path, at: str) -> None:
    """A new week, and the process ends at one of its steps: pages show the former week whole, or the new one."""
    place = restated_copy(projected, tmp_path)
    Projection.objects.update(facts_from="")  # as if the raw tables had changed as well
    week = Week.objects.latest("as_of")
    shown = list(week.standings.order_by("pk").values_list("pk", "score"))
    with patch.object(projection, at, side_effect=KilledError), pytest.raises(KilledError):
        project(place, now=NOW)
    standing = Week.objects.latest("as_of")
    if at == "write_facts":
        assert standing.revision == 1
        assert standing.standings.count() == len(shown)
    else:
        assert list(standing.standings.order_by("pk").values_list("pk", "score")) == shown
        assert standing.accounts.count() == len(shown)
    report = project(place, now=NOW)
    assert not report.unchanged
    assert Week.every.filter(is_shown=False).count() == 0
    assert Week.objects.latest("as_of").revision == 1
    assert project(place, now=NOW).unchanged


def test_into_an_empty_database_the_newest_week_comes_first(place: Workspace) -> None:
    """Pages are open meanwhile: until the newest week is there they show none, and never an older one in its place."""
    expected = newest(place)
    Week.every.all().delete()
    Projection.objects.all().delete()
    seen: list[date | None] = []

    def look(_words: str) -> None:
        week = newest_week()
        seen.append(None if week is None else week.as_of)

    project(place, now=NOW, progress=look)
    assert set(seen) == {None, expected}
    assert seen == sorted(seen, key=lambda day: day is not None), "once there, it stays"
    assert Week.objects.count() == len(published_weeks(place.lake.manifest()))


def test_a_restated_week_replaces_its_rows(projected: Path, tmp_path: Path) -> None:
    """A restatement is another file of the same week: its rows take the place of the former ones (decision 12)."""
    before = Week.objects.latest("as_of")
    place = restated_copy(projected, tmp_path)
    report = project(place, now=NOW)
    after = Week.objects.latest("as_of")
    assert (after.as_of, after.revision, before.revision) == (before.as_of, 1, 0)
    assert after.generation > before.generation
    assert (report.weeks, report.documented) == (1, 1)
    assert not Week.every.filter(pk=before.pk).exists()
    assert AccountWeek.objects.filter(week=after).count() == Standing.objects.filter(week=after).count() > 0


def test_weeks_beyond_the_limit_are_dropped_and_come_back(place: Workspace) -> None:
    total = Week.objects.count()
    report = project(place, now=NOW, weeks=5)
    assert (report.dropped, Week.objects.count()) == (total - 5, 5)
    assert not AccountWeek.objects.exclude(week__in=Week.objects.all()).exists()
    assert project(place, now=NOW).weeks == total - 5
    assert Week.objects.count() == total


def test_two_at_once_is_one(place: Workspace) -> None:
    with (
        FileLock(place.path / "application" / "projection.lock"),
        pytest.raises(LockedError, match="already"),
    ):
        project(place, now=NOW)


def test_facts_are_those_known_before_the_week(place: Workspace) -> None:
    """Nothing that happened on the week's day or later, and only what the contract names (X4)."""
    assert AccountFact.objects.exists()
    assert not AccountFact.objects.filter(on__gte=newest(place)).exists()
    ticket = AccountFact.objects.filter(kind="tickets").first()
    assert ticket is not None
    assert set(ticket.data) <= {
        "ticket_id", "contact_id", "opened_at", "first_response_at", "resolved_at", "priority", "kind",
        "escalated_at", "reopened", "csat", "subject",
    }  # fmt: skip


def restated_copy(projected: Path, to: Path) -> Workspace:
    """A copy of the company whose newest week was published once more, as revision 1."""
    place = open_in_application(company_copy(projected, to / "copy"))
    lake: Lake = place.lake
    entry = list(published_weeks(lake.manifest()).values())[-1].entry
    with lake.transaction("restate") as txn:
        path = txn.new_path("scores", **dict(entry.partition))
        path.write_bytes((lake.root / entry.path).read_bytes())
        txn.add(path, entry.rows, {**entry.meta, "revision": 1})
    return place
