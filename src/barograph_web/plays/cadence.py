"""The cadences of the library (P3) as tasks: what each account asks for by the end of the week that begins.

A duty has a key that stays the same until it is done, and so is one task however often it is looked at. What the
cadence no longer asks for (the account moved, the loss was accepted) is dropped, with that said.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from barograph.core.calendar import day_number, to_date
from barograph_web.plays.errors import OvertakenError
from barograph_web.plays.library import due, play_named
from barograph_web.plays.models import (
    DataIncident,
    IncidentKind,
    PlanMade,
    PlayRun,
    RiskDecision,
    RiskKind,
    Task,
    TaskState,
    Touch,
    TriggeredWeek,
)
from barograph_web.plays.routing import Router
from barograph_web.plays.services_runs import Opening, open_run
from barograph_web.plays.services_tasks import add_task, complete, drop
from barograph_web.plays.telling import tell_task
from barograph_web.plays.working import day_of
from barograph_web.portfolio.models import Account, Week

if TYPE_CHECKING:
    from barograph.core.cadence import Done, Duty

SOURCE = "cadence"
AHEAD = 7
"""Days ahead for which duties become tasks: the week that begins."""
URGENT = {"escalation": 4, "call_out": 5, "decision": 4}
"""Priority of kinds of duties, as a task has it; others have 0."""


def make_due(today: date, now: datetime) -> dict[str, int]:
    """Make the tasks that the cadences ask for by the end of the week, and drop what they ask for no more; how many.

    Nothing is asked for until a person has settled what the history before plays were live holds back; what began
    earlier counts from that day on, so that going live makes nothing overdue (P9).
    """
    week = Week.objects.only("as_of").first()
    begins = live_since()
    if week is None or begins is None:
        return {}
    report = due(
        week.as_of,
        today=today,
        done=what_was_done(),
        live_since=begins,
        until=to_date(day_number(today) + AHEAD),
        holidays=frozenset(date.fromisoformat(day) for day in settings.OPTIONS_IN_FORCE.holidays),
    )
    wanted = {duty.key: duty for duty in report.duties}
    counts = {"made": 0, "plays": 0, "ended": _end_others(set(wanted), today, now)}
    known = set(Task.objects.filter(source=SOURCE).values_list("source_key", flat=True))
    known |= set(PlayRun.objects.filter(key__startswith="cadence/").values_list("key", flat=True))
    new = [duty for key, duty in wanted.items() if key not in known]
    accounts = {a.account_id: a for a in Account.objects.filter(account_id__in=[d.account_id for d in new])}
    router = Router(today)
    for duty in new:
        account = accounts.get(duty.account_id)
        if account is None:
            continue
        counts["plays" if duty.play else "made"] += _make(duty, account, router, today, now)
    return counts


def live_since() -> date | None:
    """The day from which cadences are kept: that on which the going live was settled, else the first week with plays;
    None while it waits for a person, and before any week was looked at."""
    first = TriggeredWeek.objects.order_by("as_of").first()
    going_live = DataIncident.objects.filter(kind=IncidentKind.FIRST).order_by("opened_at").first()
    if first is None or (going_live is not None and going_live.settled_at is None):
        return None
    return first.as_of if going_live is None else day_of(going_live.settled_at)


def what_was_done() -> Done:
    """What people did, as the cadences count it: the last day of each."""
    from barograph.core.cadence import Decision, Done  # noqa: PLC0415 - as in library.py

    done: dict[tuple[str, str], int] = {}
    finished = Task.objects.filter(source=SOURCE, state=TaskState.DONE).order_by()
    for account_id, step, at in finished.values_list("account_id", "step").annotate(last=Max("closed_at")):
        done[account_id, step] = day_number(day_of(at))
    for run in PlayRun.objects.filter(key__startswith="cadence/").exclude(closed_at=None):
        done[run.account_id, run.key.rsplit("/", 2)[1]] = day_number(day_of(run.closed_at))
    touches = Touch.objects.order_by().values_list("account_id").annotate(last=Max("at"))
    plans = PlanMade.objects.order_by().values_list("account_id").annotate(last=Max("at"))
    decisions = {
        row.account_id: Decision(
            "accept" if row.kind == RiskKind.ACCEPT else "invest",
            day_number(day_of(row.at)),
            None if row.next_on is None else day_number(row.next_on),
        )
        for row in RiskDecision.objects.filter(replaced_by=None).exclude(kind=RiskKind.WITHDRAWN)
    }
    return Done(
        tasks=done,
        touches={account_id: day_number(day_of(at)) for account_id, at in touches},
        plans={account_id: day_number(day_of(at)) for account_id, at in plans},
        decisions=decisions,
    )


def _make(duty: Duty, account: Account, router: Router, today: date, now: datetime) -> int:
    due_on = max(to_date(duty.due_on), today)
    why = duty.why[:1].upper() + duty.why[1:] + "."
    if duty.play is not None and (play := play_named(duty.play)) is not None:
        opening = Opening(key=duty.key, reason=why, arr=account.arr)
        return int(open_run(account, play, opening, router, now) is not None)
    with transaction.atomic():
        route = router.route(account, duty.owner)
        task = add_task(
            account, title=duty.title, detail=f"{duty.detail}\n\n{why}".strip(), owner=route.owner,
            pool=route.pool, routed=route.words, due_on=due_on, source=SOURCE, source_key=duty.key,
            priority=URGENT.get(duty.kind, 0), customer_facing=duty.customer_facing, step=duty.name,
            hours=duty.hours, done_by=duty.done_by, quiet=duty.kind not in URGENT, now=now,
        )  # fmt: skip
        if duty.kind in ("escalation", "call_out"):
            to = [route.owner.email] if route.owner else []
            said = f"{duty.title}: {why}"[:2000]
            tell_task(
                "task.escalated", task, key=f"task:{task.pk}:brought", at=now, to_emails=to, reason=said
            )
    return 1


def _end_others(wanted: set[str], today: date, now: datetime) -> int:
    """End unfinished cadence tasks that are asked for no more: done where the imported data has the touch."""
    ended = 0
    open_ones = Task.objects.unfinished().filter(
        source=SOURCE, due_on__lte=to_date(day_number(today) + AHEAD)
    )
    others = [task for task in open_ones if task.source_key not in wanted]
    touched = dict(
        Account.objects.filter(account_id__in=[t.account_id for t in others]).values_list(
            "account_id", "last_touch_on"
        )
    )
    for task in others:
        last = touched.get(task.account_id)
        try:
            if task.done_by == "touch" and last is not None and last >= day_of(task.created_at):
                complete(task, by=None, note=f"A touch on {last} is in the data.", now=now)
            else:
                drop(task, by=None, reason="The cadence no longer asks for it.", now=now)
        except OvertakenError:
            continue
        ended += 1
    return ended
