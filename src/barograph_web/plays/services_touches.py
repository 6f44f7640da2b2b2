"""A customer touch is what ends the time to intervene: logged by a person, by the API, from imported interactions,
or from a mail that was copied to the workspace's address. A plan with a day is what ends the time to plan."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from barograph_web.ops import workspace
from barograph_web.ops.audit import audit
from barograph_web.plays.errors import RefusedError
from barograph_web.plays.models import Clock, ClockDemand, PlanMade, Touch, TouchKind
from barograph_web.plays.services_clocks import stop_clocks
from barograph_web.plays.services_tasks import complete_by
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User

AHEAD = timedelta(minutes=5)
"""How far ahead of ours another machine's clock may be."""


def log_touch(
    account: Account | str,
    *,
    kind: str,
    at: datetime,
    by: User | None,
    note: str = "",
    source: str = "app",
    external_id: str = "",
    now: datetime | None = None,
) -> Touch:
    """Somebody spoke with the customer at `at`; clocks that wait for a touch stop then.

    The same `external_id` is one touch: the row that is there is returned, as it is. by: who of ours, None when
    nobody here is known by that address. A touch from before a clock began does not stop it. Raises RefusedError for
    a kind there is not, and for a time to come.
    """
    recorded = now or workspace.now()
    if kind not in TouchKind.values:
        raise RefusedError("kind", f"{kind!r} is none of {', '.join(TouchKind.values)}.")
    if at > recorded + AHEAD:
        raise RefusedError("at", "This is still to come: log it when you have spoken with them.")
    account_id = account if isinstance(account, str) else account.account_id
    made = {
        "account_id": account_id, "kind": kind, "at": at, "note": note.strip()[:4000], "source": source,
        "by": by, "by_label": by.name if by else "", "recorded_at": recorded,
    }  # fmt: skip
    with transaction.atomic():
        if external_id:
            touch, is_new = Touch.objects.get_or_create(external_id=external_id[:1000], defaults=made)
        else:
            touch, is_new = Touch.objects.create(**made), True
        if not is_new:
            return touch
        waiting = Clock.objects.filter(account_id=account_id, demand=ClockDemand.TOUCH)
        stopped = stop_clocks(
            waiting, at=at, why=f"{touch.get_kind_display()} on {at:%Y-%m-%d}.", owner=by, now=recorded
        )
        complete_by(account_id, "touch", by=by, note=touch.get_kind_display(), now=recorded)
        after = {"kind": kind, "at": at.isoformat(), "source": source, "clocks_stopped": stopped}
        audit("touch.logged", touch, after=after, account_id=account_id)
    return touch


def plan_made(account: Account | str, *, by: User | None, why: str, now: datetime | None = None) -> PlanMade:
    """There is a plan with a day for the account: clocks and tasks that wait for one are done. why: where it is."""
    at = now or workspace.now()
    account_id = account if isinstance(account, str) else account.account_id
    with transaction.atomic():
        made = PlanMade.objects.create(
            account_id=account_id, at=at, why=why[:300], by=by, by_label=by.name if by else ""
        )
        waiting = Clock.objects.filter(account_id=account_id, demand=ClockDemand.PLAN)
        stopped = stop_clocks(waiting, at=at, why=why, owner=by, now=at)
        complete_by(account_id, "plan", by=by, note=why, now=at)
        audit("plan.made", made, after={"why": made.why, "clocks_stopped": stopped}, account_id=account_id)
    return made
