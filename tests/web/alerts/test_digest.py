"""The weekly digest (P5): Monday 07:00 on the workspace's clocks wherever it is, once per person and week; five at
risk, five to expand, by revenue; it waits for the week's refresh and says so when it does not come. Truth: the calendar
of the zone, by example and over years of Mondays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox

from barograph_web.alerts.digest import LATEST, PATIENCE, digest_due, next_digest
from barograph_web.alerts.events import emit
from barograph_web.alerts.mailing import send_due
from barograph_web.alerts.models import Mail, Notice, OutgoingState, Preference
from barograph_web.alerts.spread import spread
from barograph_web.ops.workspace import workspace
from barograph_web.users.models import Role, User
from support.web_alerts import account, standing, week
from support.web_company import open_in_application
from support.web_receiver import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare")]
MONDAY = date(2026, 11, 16)
AT_SEVEN = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, settings: Any) -> Iterator[None]:
    """The workspace of the test, left as it was found."""
    before = settings.WORKSPACE
    place(tmp_path, "UTC")
    yield
    settings.WORKSPACE = before
    workspace.cache_clear()


def place(folder: Path, zone: str) -> None:
    (folder / "barograph.toml").write_text(
        f'name = "Northwind CS"\ntimezone = "{zone}"\n[currency]\nreporting = "EUR"\n', encoding="utf-8"
    )
    open_in_application(folder)


@pytest.fixture
def carla(db: None) -> User:
    return User.objects.create_user("carla@example.com", name="Carla", role=Role.CSM)


def company(monday: date = MONDAY) -> None:
    """Seven of carla's at risk, six in Growth, one of nora's."""
    of = week(monday)
    for n in range(7):
        standing(
            of,
            account(f"R{n}"),
            "at_risk",
            "watch" if n == 6 else "at_risk",
            arr=1000.0 * n,
            opt_out_on=MONDAY,
        )
    for n in range(6):
        standing(of, account(f"G{n}"), "growth", "growth", arr=None if n == 0 else 500.0 * n)
    standing(of, account("N", "nora@example.com"), "at_risk", "at_risk", arr=9e9)


def test_five_and_five_by_revenue_and_what_moved(carla: User) -> None:
    company()
    said = {"as_of": "2026-11-16", "before": "watch", "after": "at_risk", "direction": "down", "score": 38.0}
    emit("tier.changed", key="1", at=NOW, account_id="R6", payload=said)
    spread(NOW, MONDAY)
    assert digest_due(AT_SEVEN) == 1
    assert send_due(AT_SEVEN) == 1
    [sent] = outbox.outbox
    assert sent.to == ["carla@example.com"]
    assert sent.subject == "Northwind CS: week of 16 Nov 2026"
    risk, _, rest = sent.body.partition("READY TO EXPAND")
    grow, _, moved = rest.partition("WHAT MOVED")
    assert [line.split("] ")[1] for line in risk.splitlines() if line.startswith("- ")] == [
        f"Firm R{n}" for n in (6, 5, 4, 3, 2)
    ]
    assert [line.split("] ")[1] for line in grow.splitlines() if line.startswith("- ")] == [
        f"Firm G{n}" for n in (5, 4, 3, 2, 1)
    ]
    assert "5 of 7 accounts, EUR 21 k in all." in risk
    assert "EUR 6,000, score 50, opt-out 16 Nov 2026, new this week" in risk
    assert "Firm R6 fell from Watch to At Risk, score 38" in moved
    assert "Firm N" not in sent.body
    assert "13 accounts" in sent.body
    html = sent.alternatives[0][0]
    assert "Firm R6" in html
    assert Notice.objects.get().mail == Mail.objects.get()


def test_once_per_person_and_week_however_often_it_is_asked(carla: User) -> None:
    company()
    for minutes in range(0, 300, 20):
        digest_due(AT_SEVEN + timedelta(minutes=minutes))
    assert Mail.objects.count() == 1
    of_next = MONDAY + timedelta(7)
    standing(week(of_next), account("next"), "at_risk")
    assert digest_due(AT_SEVEN + timedelta(7)) == 1


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("UTC", datetime(2026, 11, 16, 7, 0, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 11, 16, 6, 0, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 16, 15, 0, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 11, 16, 1, 30, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 11, 15, 18, 0, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 11, 15, 17, 0, tzinfo=UTC)),
    ],
)
def test_seven_is_seven_on_the_workspaces_clocks(
    carla: User, tmp_path: Path, zone: str, instant: datetime
) -> None:
    place(tmp_path, zone)
    company()
    assert digest_due(instant - timedelta(seconds=1)) == 0
    assert digest_due(instant) == 1


def test_seven_stays_seven_over_the_changes_of_the_clocks(tmp_path: Path) -> None:
    """Three years of Mondays in a zone with summer time."""
    place(tmp_path, "Europe/Berlin")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(156):
        found = next_digest(now)
        assert found is not None
        local = found.astimezone(ZoneInfo("Europe/Berlin"))
        assert (local.weekday(), local.hour, local.minute) == (0, 7, 0)
        assert timedelta(0) < found - now <= timedelta(days=7, hours=1)
        now = found


def test_it_waits_for_the_refresh_and_then_says_that_it_did_not_come(carla: User) -> None:
    company(MONDAY - timedelta(7))
    assert digest_due(AT_SEVEN) == 0
    assert digest_due(AT_SEVEN + PATIENCE - timedelta(minutes=1)) == 0
    assert digest_due(AT_SEVEN + PATIENCE) == 1
    text = " ".join(Mail.objects.get().text.split())
    assert "No week of 16 Nov 2026 is published yet: these are the figures of 9 Nov 2026." in text


def test_one_that_is_a_day_late_is_left_out(carla: User) -> None:
    company()
    assert digest_due(AT_SEVEN + LATEST + timedelta(minutes=1)) == 0


def test_who_has_nothing_is_not_written_to_and_not_looked_at_again(
    carla: User, django_assert_max_num_queries: Any
) -> None:
    standing(week(MONDAY), account("N", "nora@example.com"), "at_risk")
    assert digest_due(AT_SEVEN) == 0
    row = Mail.objects.get()
    assert row.state == OutgoingState.CANCELLED
    with django_assert_max_num_queries(4):
        digest_due(AT_SEVEN + timedelta(minutes=1))
    assert send_due(AT_SEVEN) == 0


def test_who_wants_none_and_who_may_not_gets_none(carla: User, options: Any) -> None:
    company()
    Preference.objects.create(user=carla, digest=False)
    User.objects.create_user("gus@example.com", name="Gus", role=Role.GUEST)
    assert digest_due(AT_SEVEN) == 0
    Preference.objects.update(digest=True)
    options(digest_weekday="never")
    assert digest_due(AT_SEVEN) == 0
    assert next_digest(AT_SEVEN) is None


def test_the_scope_is_ones_own_choice_within_what_one_sees(carla: User) -> None:
    company()
    eve = User.objects.create_user("eve@example.com", name="Eve", role=Role.EXECUTIVE)
    digest_due(AT_SEVEN)
    by_all = Mail.objects.get(user=eve).text
    assert "Firm N" in by_all
    assert "All accounts that you may see: 14 accounts" in " ".join(by_all.split())
    assert "Your accounts: 13 accounts" in " ".join(Mail.objects.get(user=carla).text.split())


def test_before_the_first_week_there_is_none(carla: User) -> None:
    assert digest_due(AT_SEVEN) == 0
    assert not Mail.objects.exists()
