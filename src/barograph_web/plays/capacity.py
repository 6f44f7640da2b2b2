"""Hours that cadences and open plays ask of each person a week (P10): worked out by the worker, shown from its row."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Sum

from barograph_web.plays.cadence import SOURCE, what_was_done
from barograph_web.plays.library import team_load
from barograph_web.plays.models import Task, TeamLoad
from barograph_web.portfolio.models import Account, Week

WEEKS = 4
"""Over how many weeks what is due once is spread."""
KEPT = 26
"""Newest rows that are kept, to see where it went."""


def work_out(today: date, now: datetime) -> TeamLoad | None:
    """Store the load as of the newest week; None while there is none."""
    week = Week.objects.only("as_of").first()
    if week is None:
        return None
    load = team_load(week.as_of, today=today, done=what_was_done(), weeks=WEEKS, extra=_of_plays(today))
    document: dict[str, Any] = asdict(load) | {"unworked_arr": load.unworked_arr, "weeks": WEEKS}
    names = Account.objects.filter(account_id__in=[move.account_id for move in load.moves])
    document["names"] = dict(names.values_list("account_id", "name"))
    row = TeamLoad.objects.create(as_of=week.as_of, at=now, document=document)
    old = TeamLoad.objects.order_by("-at", "-pk").values_list("pk", flat=True)[KEPT:]
    TeamLoad.objects.filter(pk__in=list(old)).delete()
    return row


def _of_plays(today: date) -> dict[str, float]:
    """Hours a week of unfinished tasks of plays by owner's address: what is due in the weeks looked at, spread over
    them, with what is overdue."""
    rows = (
        Task.objects.unfinished()
        .filter(due_on__lte=today + timedelta(weeks=WEEKS))
        .exclude(source=SOURCE)
        .exclude(owner=None)
        .order_by()
        .values("owner__email")
        .annotate(hours=Sum(F("hours")))
    )
    return {row["owner__email"]: float(row["hours"] or 0.0) / WEEKS for row in rows}
