"""Alerts fire on change, not on every recalculation, never for what a new model moved before a person released it (P9),
and never for history (P5). Truth: weeks made by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from barograph_web.alerts.changes import announce, data_points, direction
from barograph_web.alerts.models import AnnouncedWeek, Event
from barograph_web.portfolio.models import Standing, Week
from barograph_web.scoring.announcing import after_release, is_released
from barograph_web.scoring.models import VersionRelease
from barograph_web.scoring.services import release_version
from barograph_web.users.models import Role, User
from support.web_alerts import account, standing, week
from support.web_receiver import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare")]
FIRST = date(2026, 11, 2)
SECOND, THIRD = FIRST + timedelta(7), FIRST + timedelta(14)


def told() -> list[tuple[str, str, str]]:
    """(kind, account, what changed) of all events."""
    return [
        (
            e.kind,
            e.account_id,
            f"{e.payload.get('before', '')}>{e.payload.get('after', e.payload.get('tier'))}",
        )
        for e in Event.objects.order_by("pk")
    ]


def nobody(_version: str) -> bool:
    return False


@pytest.fixture
def begun() -> None:
    """Alerts began with the first week."""
    standing(week(FIRST), account("old"), "watch", "healthy")
    assert announce(NOW, nobody) == 0


def test_the_first_week_is_where_alerts_begin(begun: None) -> None:
    assert told() == []
    assert announce(NOW, nobody) == 0
    assert AnnouncedWeek.objects.get().is_first


def test_a_change_of_tier_is_told_once_however_often_it_is_computed(begun: None) -> None:
    second = week(SECOND)
    standing(second, account("down"), "at_risk", "watch", score=38.0, was=52.0, opt_out_on=date(2026, 12, 28))
    standing(second, account("up"), "healthy", "watch")
    standing(second, account("same"), "watch", "watch")
    standing(second, account("new"), "watch", None, moved="new")
    standing(second, account("lost"), "insufficient", "healthy", score=None)
    assert announce(NOW, nobody) == 3
    assert sorted(told()) == [
        ("tier.changed", "down", "watch>at_risk"),
        ("tier.changed", "lost", "healthy>insufficient"),
        ("tier.changed", "up", "watch>healthy"),
    ]
    assert announce(NOW + timedelta(hours=1), nobody) == 0
    event = Event.objects.get(account_id="down")
    assert event.payload["reason"] == "active users fell from 31 to 12"
    assert event.payload["opt_out_on"] == "2026-12-28"
    assert event.payload["owner_email"] == "carla@example.com"
    assert event.topic == "tier.changed.down"
    assert Event.objects.get(account_id="lost").topic == "tier.changed.down", "unknown is not healthy"


def test_a_week_that_is_scored_anew_tells_nothing_more(begun: None) -> None:
    second = week(SECOND)
    row = standing(second, account("a"), "watch", "healthy")
    announce(NOW, nobody)
    Standing.objects.filter(pk=row.pk).update(tier="at_risk")
    standing(second, account("b"), "watch", "healthy")
    Week.objects.filter(pk=second.pk).update(revision=1)
    assert announce(NOW, nobody) == 0
    assert len(told()) == 1


def test_a_week_that_was_missed_is_told_with_the_next(begun: None) -> None:
    standing(week(SECOND), account("a"), "watch", "healthy")
    standing(week(THIRD), account("b"), "watch", "healthy")
    assert announce(NOW, nobody) == 2
    assert {e.payload["as_of"] for e in Event.objects.all()} == {"2026-11-09", "2026-11-16"}


def test_history_that_is_filled_in_later_is_not_told(begun: None) -> None:
    standing(week(FIRST - timedelta(7)), account("before"), "at_risk", "growth")
    standing(week(SECOND, filled_in=True), account("filled"), "at_risk", "growth")
    assert announce(NOW, nobody) == 0
    assert told() == []


def test_what_a_model_moved_waits_for_a_person(begun: None) -> None:
    """P9."""
    second = week(SECOND, "m-v2")
    standing(second, account("moved"), "at_risk", "healthy", moved="moved_by_model")
    standing(
        second,
        account("weights"),
        "watch",
        "watch",
        score=40.0,
        was=60.0,
        items=[("weights", -18.0), ("data", -2.0)],
    )
    assert announce(NOW, is_released) == 0
    ada = User.objects.create_user("ada@example.com", name="Ada", role=Role.ADMINISTRATOR)
    release_version("m-v2", ada, "looked at all of them")
    [(kind, account_id, _)] = told()
    assert (kind, account_id) == ("tier.changed", "moved")
    assert Event.objects.get().payload["by_model"] is True
    assert after_release(NOW) == 0
    assert VersionRelease.objects.count() == 1


def test_a_release_after_the_next_week_still_tells_what_it_let_through(begun: None) -> None:
    second = week(SECOND, "m-v2")
    standing(second, account("moved"), "watch", "healthy", moved="moved_by_model")
    announce(NOW, is_released)
    standing(week(THIRD, "m-v2"), account("later"), "watch", "healthy")
    assert announce(NOW, is_released) == 1
    standing(second, account("slipped in"), "watch", "healthy")
    assert announce(NOW, lambda version: version == "m-v2") == 1
    assert {a for _, a, _ in told()} == {"moved", "later"}


def test_a_drop_within_the_tier_is_told_from_the_limit_on(begun: None, options: object) -> None:
    second = week(SECOND)
    drops = {
        "ten": (60.0, 50.0, [("data", -10.0)]),
        "nine": (60.0, 50.9, [("data", -9.1)]),
        "weights did it": (60.0, 45.0, [("data", -4.0), ("weights", -11.0)]),
        "stale too": (60.0, 48.0, [("data", -8.0), ("stale", -4.0)]),
        "rose": (50.0, 65.0, [("data", 15.0)]),
        "does not decompose": (60.0, 40.0, None),
    }
    for name, (was, now, items) in drops.items():
        standing(second, account(name), "watch", "watch", score=now, was=was, items=items)
    standing(second, account("tier too"), "watch", "healthy", score=50.0, was=70.0, items=[("data", -20.0)])
    announce(NOW, nobody)
    assert sorted(a for kind, a, _ in told() if kind == "score.dropped") == ["stale too", "ten"]
    assert Event.objects.get(account_id="stale too").payload["change"] == -12.0
    assert [kind for kind, a, _ in told() if a == "tier too"] == ["tier.changed"]


def test_the_limit_is_a_setting(begun: None, options: object) -> None:
    options(score_drop_points=30)  # type: ignore[operator]
    standing(week(SECOND), account("a"), "watch", "watch", score=40.0, was=60.0, items=[("data", -20.0)])
    assert announce(NOW, nobody) == 0


def test_no_week_no_event() -> None:
    assert announce(NOW, nobody) == 0
    assert not AnnouncedWeek.objects.exists()


def test_a_change_that_does_not_add_up_is_no_drop() -> None:
    assert data_points({}) is None
    assert data_points({"change": {"statement": "rebased", "from": 60.0, "to": 40.0, "items": []}}) is None
    assert data_points({"change": {"statement": "items", "from": None, "to": 40.0, "items": []}}) is None


def test_which_way_an_account_moved() -> None:
    assert direction("growth", "at_risk") == "down"
    assert direction("watch", "healthy") == "up"
    assert direction("insufficient", "growth") == "unknown"
