"""Calendar feeds: made, renewed and withdrawn by their owner; opened by the key in their address."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Q

from barograph_web.ops.audit import audit
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may
from barograph_web.work.models import CalendarFeed

PREFIX = "baro_cal_"
SHOWN = 14
LONGEST_KEY = 100
READ_NOTED_EVERY = timedelta(hours=1)


def feed_of(owner: User) -> CalendarFeed | None:
    """The person's feed that opens something."""
    return CalendarFeed.objects.filter(owner=owner, withdrawn_at=None).first()


def make(owner: User, now: datetime) -> tuple[CalendarFeed, str]:
    """A new feed and its key, which cannot be shown again. One that there was opens nothing from now on."""
    key = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)  # two at once: one after the other
        _close(owner, now)
        feed = CalendarFeed.objects.create(owner=owner, prefix=key[:SHOWN], digest=_digest(key), made_at=now)
        audit("calendar.made", _named(feed), after={"prefix": feed.prefix})
    return feed, key


def withdraw(owner: User, now: datetime) -> bool:
    """From now on the address opens nothing; whether there was one."""
    with transaction.atomic():
        return _close(owner, now)


def opened_by(key: str, now: datetime) -> User | None:
    """Whose due days this key opens; None when it opens nothing, without saying why.

    It opens nothing once it was withdrawn, or its owner is disabled or has no work any more.
    """
    if not key.startswith(PREFIX) or len(key) > LONGEST_KEY:
        return None
    feed = CalendarFeed.objects.select_related("owner").filter(digest=_digest(key), withdrawn_at=None).first()
    if feed is None or not may(feed.owner, May.SEE_WORK):
        return None
    if feed.read_at is None or feed.read_at <= now - READ_NOTED_EVERY:
        long_ago = Q(read_at=None) | Q(read_at__lte=now - READ_NOTED_EVERY)
        CalendarFeed.objects.filter(long_ago, pk=feed.pk).update(read_at=now)
    return feed.owner


def _close(owner: User, now: datetime) -> bool:
    found = CalendarFeed.objects.filter(owner=owner, withdrawn_at=None).first()
    if found is None or not CalendarFeed.objects.filter(pk=found.pk, withdrawn_at=None).update(
        withdrawn_at=now
    ):
        return False
    audit("calendar.withdrawn", _named(found), before={"prefix": found.prefix})
    return True


def _named(feed: CalendarFeed) -> tuple[str, str, str]:
    return ("work.calendarfeed", str(feed.pk), str(feed))


def _digest(key: str) -> str:
    """The key is random, so that no slow hash is needed."""
    return sha256(key.encode()).hexdigest()
