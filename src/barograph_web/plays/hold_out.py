"""Random hold-outs of plays (G1): let by a leader, drawn once, at the first trigger, and kept in the journal."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from barograph.core.calendar import day_number
from barograph.core.play_assignment import Assigned, assign
from barograph.lake.journal import Record
from barograph_web.ops.audit import audit
from barograph_web.ops.workspace import workspace
from barograph_web.plays.errors import RefusedError
from barograph_web.plays.models import Assignment, HoldOutApproval, PlayRun
from barograph_web.plays.working import day_of
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User

if TYPE_CHECKING:
    from barograph.definitions.play import Play

WRITER = "barograph"
BATCH = 500


def approve_hold_out(play: Play, *, by: User, reason: str, now: datetime) -> HoldOutApproval:
    """Let a play hold out the share that its file says. Raises RefusedError without a reason, or where it has none."""
    if not play.hold_out.share:
        raise RefusedError("reason", "The play's file holds nobody out: set hold_out.share first.")
    if not reason.strip():
        raise RefusedError("reason", "Say what is to be learnt, and why these accounts can do without it.")
    with transaction.atomic():
        made = HoldOutApproval.objects.create(
            play=play.name, share=play.hold_out.share, delay_days=play.hold_out.delay_days,
            seed=secrets.token_hex(8), reason=reason.strip(), by=by, by_label=by.name, at=now,
        )  # fmt: skip
        after = {"share": made.share, "delay_days": made.delay_days, "seed": made.seed}
        audit("hold_out.approved", made, after=after, reason=made.reason)
    return made


def approval_of(play: Play) -> HoldOutApproval | None:
    """The approval of just this share and delay; None where a leader has not let it, or the file changed since."""
    if not play.hold_out.share:
        return None
    newest = HoldOutApproval.objects.filter(play=play.name).first()
    rule = play.hold_out
    same = newest is not None and (newest.share, newest.delay_days) == (rule.share, rule.delay_days)
    return newest if same else None


def arm_of(play: Play, account_id: str, key: str, week: date, now: datetime) -> Assignment | None:
    """The arm of an account, drawn at its first trigger; None where the play holds nobody out."""
    approval = approval_of(play)
    if approval is None:
        return None
    known = Assignment.objects.filter(play=play.name, account_id=account_id).first()
    if known is not None:
        return known
    portfolio = dict(Account.objects.filter(is_current=True).values_list("account_id", "arr"))
    [drawn] = assign(play.name, [account_id], portfolio, play.hold_out, seed=approval.seed)
    record = _record(play, drawn, key, week, approval.seed, now)
    begins = record.counts["begins_on"]
    assignment, made = Assignment.objects.get_or_create(
        play=play.name,
        account_id=account_id,
        defaults={
            "arm": drawn.arm,
            "begins_on": None if begins is None else date.fromisoformat(str(begins)),
            "record": dict(record.counts) | {"reason": record.reason},
            "at": now,
        },
    )
    if made:
        after = {"arm": drawn.arm, "compared": drawn.compared, "share": play.hold_out.share}
        audit("play.assigned", assignment, after=after, account_id=account_id)
    return assignment


def write_journal(now: datetime) -> int:
    """Append what was drawn and opened since the last time to the workspace's journal; how many lines.

    A line may come twice when the worker is killed between the journal and the row; readers take the first.
    """
    from barograph.pipeline.play_records import ASSIGNMENT, run_record  # noqa: PLC0415 - as in library.py

    place = workspace()
    lines = 0
    for drawn in Assignment.objects.filter(journalled_at=None).order_by("pk")[:BATCH]:
        counts = {key: value for key, value in drawn.record.items() if key != "reason"}
        place.journal.append(
            Record.of(drawn.at, WRITER, ASSIGNMENT, reason=drawn.record.get("reason", ""), counts=counts)
        )
        Assignment.objects.filter(pk=drawn.pk).update(journalled_at=now)
        lines += 1
    for run in PlayRun.objects.filter(journalled_at=None).order_by("pk")[:BATCH]:
        place.journal.append(
            run_record(
                run.play, run.account_id, opened_on=day_of(run.opened_at), key=run.key, now=run.opened_at,
                user=run.by_label or WRITER,
            )
        )  # fmt: skip
        PlayRun.objects.filter(pk=run.pk).update(journalled_at=now)
        lines += 1
    return lines


def _record(play: Play, drawn: Assigned, key: str, week: date, seed: str, now: datetime) -> Record:
    from barograph.pipeline.play_records import assignment_record  # noqa: PLC0415 - as in library.py

    return assignment_record(
        play.name, drawn, play.hold_out, as_of=day_number(week), key=key, seed=seed, now=now, user=WRITER
    )
