"""Tech-touch steps go out as events for marketing tools, when they are due and nothing holds the account."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from barograph_web.alerts.events import emit
from barograph_web.plays.holds import held
from barograph_web.plays.models import RunState, SegmentStep
from barograph_web.plays.services_runs import steps_finished


def send_due(today: date, now: datetime) -> int:
    """Send the steps that are due; how many. One that speaks with a customer who is held waits for the next look."""
    due = SegmentStep.objects.filter(
        sent_at=None, cancelled_at=None, due_on__lte=today, play_run__state=RunState.OPEN
    ).select_related("play_run")
    steps = list(due.order_by("due_on", "pk"))
    holding = held(step.play_run.account_id for step in steps if step.customer_facing)
    sent = 0
    for step in steps:
        if step.customer_facing and step.play_run.account_id in holding:
            continue
        with transaction.atomic():
            mine = SegmentStep.objects.filter(
                pk=step.pk, sent_at=None, cancelled_at=None, play_run__state=RunState.OPEN
            )
            if not mine.update(sent_at=now):
                continue
            run = step.play_run
            said = {
                "run_id": run.pk, "play": run.play, "step": step.title[:400], "segment": step.event[:400],
                "action": "enter", "due_on": step.due_on,
            }  # fmt: skip
            emit(
                "segment.step",
                key=f"segment:{step.pk}:enter",
                at=now,
                account_id=run.account_id,
                payload=said,
            )
            steps_finished(run.pk, now)
            sent += 1
    return sent
