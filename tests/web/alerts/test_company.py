"""The seeded company from its weeks to its alerts (P5, P9). Truth: what the projection says of each account."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from barograph_web.alerts.changes import announce
from barograph_web.alerts.models import AnnouncedWeek, Event, Notice
from barograph_web.alerts.spread import spread
from barograph_web.portfolio.models import Standing, Week
from barograph_web.scoring.announcing import is_released
from support.web_people import People
from support.web_receiver import NOW

pytestmark = pytest.mark.django_db


def test_going_live_tells_nothing_and_the_next_week_every_account_that_moved(
    projected: Path, people: People
) -> None:
    assert announce(NOW, is_released) == 0
    newest = Week.objects.first()
    assert newest is not None
    AnnouncedWeek.objects.update(as_of=newest.as_of - timedelta(7))
    announce(NOW, is_released)
    moved = Standing.objects.filter(week=newest).exclude(moved__in=["", "new", "moved_by_model"])
    assert moved.exists()
    told = Event.objects.filter(kind="tier.changed")
    assert set(told.values_list("account_id", flat=True)) == set(
        moved.values_list("account__account_id", flat=True)
    )
    spread(NOW, NOW.date())
    of_carla = set(
        moved.filter(account__csm_email=people.carla.email).values_list("account__account_id", flat=True)
    )
    heard = Notice.objects.filter(user=people.carla, event__kind="tier.changed")
    assert set(heard.values_list("event__account_id", flat=True)) == of_carla
