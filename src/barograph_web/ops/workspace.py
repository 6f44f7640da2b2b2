"""The one workspace that the application shows."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from django.conf import settings
from django.utils import timezone

from barograph.workspace import Workspace


@cache
def workspace() -> Workspace:
    """The workspace. Raises UsageError naming the folder when there is none. Tests clear the cache."""
    return Workspace.open(settings.WORKSPACE)


def now() -> datetime:
    """The present instant, UTC. Everything below views and the worker gets it as an argument."""
    return timezone.now()


def today() -> date:
    """The workspace's present day."""
    return timezone.now().astimezone(workspace().zone).date()
