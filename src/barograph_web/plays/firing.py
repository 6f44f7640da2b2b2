"""What the library fired becomes open plays: each key once, whatever is killed or run again on the way.

A key ends in one row of `Firing`: opened, held back, held out or dropped, with the reason. It is written in the
transaction that opens the run, so that a worker killed between two accounts goes on where it was, and a replay of the
week finds every key there. What is held back is looked at again when its day comes, or when a person releases it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from barograph.core.calendar import to_date
from barograph_web.alerts.events import emit
from barograph_web.ops.audit import audit
from barograph_web.plays.hold_out import arm_of
from barograph_web.plays.library import plays
from barograph_web.plays.models import (
    DataIncident,
    Firing,
    FiringState,
    IncidentKind,
    IncidentState,
    PlayRun,
    PlaySnooze,
    RiskDecision,
    RiskKind,
    RunState,
)
from barograph_web.plays.routing import Router
from barograph_web.plays.services_runs import Opening, open_run, open_runs
from barograph_web.plays.working import day_of
from barograph_web.portfolio.models import Account, AccountWeek, Week

if TYPE_CHECKING:
    from barograph.core.firing import Fired, FiredReport, Incident
    from barograph.definitions.play import Play

HELD_FOR_A_PERSON = {
    "data_incident": IncidentKind.FEED,
    "version_not_released": IncidentKind.MODEL,
    "going_live": IncidentKind.FIRST,
}
"""What the library holds back until a person says so; the rest of what it holds back never opens."""

SETTLED = (IncidentState.RELEASED, IncidentState.DROPPED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a firing: nothing of it held against it, or `state` with the reason."""

    state: FiringState
    why: str = ""
    words: str = ""
    wake_on: date | None = None


def take_in(report: FiredReport, at: datetime, version: str) -> dict[str, int]:
    """Open, hold back or drop everything of a week's report; how many of what. Keys that are known stay as they are.

    version: the model version of the week, whose tiers promise service levels.
    """
    counts: dict[str, int] = {}
    room = _Room(at)
    for fired in report.fired:
        _count(counts, _take(fired, room, version))
    incidents = _incidents(report, at)
    for held in report.held_back:
        kind = HELD_FOR_A_PERSON.get(held.because)
        if kind is None:
            continue
        verdict = Verdict(FiringState.WAITING, held.because, held.words)
        row = _row(held.fired, verdict, at, incident=incidents[kind])
        _count(counts, "held_back" if row else "known")
    return counts


def open_held(firings: QuerySet[Firing], at: datetime, heartbeat: Callable[[], None] = lambda: None) -> int:
    """Look at held-back firings again and open what may be opened; how many. heartbeat: called before each."""
    opened = 0
    room = _Room(at)
    for firing in firings.filter(state=FiringState.WAITING).order_by("week", "account_id", "play"):
        heartbeat()
        opened += _again(firing, room)
    return opened


def wake_firings(today: date, at: datetime) -> int:
    """Open what was snoozed, or delayed, until before `today`; how many were opened."""
    due = Firing.objects.filter(state=FiringState.WAITING, wake_on__isnull=False, wake_on__lte=today)
    return open_held(due, at)


class _Room:
    """What all firings of one look share."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.today = day_of(at)
        self.router = Router(self.today)
        self.newest = Week.objects.only("as_of").first()
        self._plays = {play.name: play for play in plays()}

    def play(self, name: str) -> Play | None:
        return self._plays.get(name)


def _take(fired: Fired, room: _Room, version: str) -> str:
    if Firing.objects.filter(key=fired.key).exists():
        return "known"
    account = Account.objects.filter(account_id=fired.account_id).first()
    play = room.play(fired.play)
    verdict = _verdict(account, play, fired.cause, room)
    try:
        with transaction.atomic():
            run = None
            verdict = _drawn(verdict, play, fired.account_id, fired.key, to_date(fired.day), room)
            if verdict.state == FiringState.OPENED and account is not None and play is not None:
                run = open_run(account, play, _opening(asdict(fired), version), room.router, room.at)
                if run is None:
                    verdict = Verdict(FiringState.DROPPED, "open", "it was open already")
            _create(fired, verdict, room.at, version=version, run=run)
    except IntegrityError:
        if Firing.objects.filter(key=fired.key).exists():
            return "known"  # another worker had it in the same instant
        raise
    return {FiringState.WAITING: "held_back"}.get(verdict.state, str(verdict.state))


def _again(firing: Firing, room: _Room) -> int:
    account = Account.objects.filter(account_id=firing.account_id).first()
    play = room.play(firing.play)
    verdict = _verdict(account, play, firing.cause, room)
    if verdict.state == FiringState.OPENED and _is_over(firing, room):
        verdict = Verdict(FiringState.DROPPED, "over", "the account is in another tier by now")
    with transaction.atomic():
        verdict = _drawn(verdict, play, firing.account_id, firing.key, firing.week, room)
        mine = Firing.objects.filter(pk=firing.pk, state=FiringState.WAITING)
        if verdict.state == FiringState.WAITING:
            mine.update(why=verdict.why, words=verdict.words, wake_on=verdict.wake_on)
            return 0
        if not mine.update(
            state=verdict.state, why=verdict.why, words=verdict.words, settled_at=room.at, wake_on=None
        ):
            return 0
        if verdict.state != FiringState.OPENED or account is None or play is None:
            return 0
        version = firing.fired.get("version", "")
        run = open_run(account, play, _opening(firing.fired, version), room.router, room.at)
        done = Firing.objects.filter(pk=firing.pk)
        if run is None:
            done.update(state=FiringState.DROPPED, why="open", words="it was open already")
            return 0
        done.update(play_run=run)
    return 1


def _verdict(account: Account | None, play: Play | None, cause: str, room: _Room) -> Verdict:
    """What the application knows and the library does not: open runs, cool-down, snooze, an accepted loss."""
    if account is None or not account.is_current:
        return Verdict(FiringState.DROPPED, "gone", "the account is not scored any more")
    if play is None or not play.enabled:
        return Verdict(FiringState.DROPPED, "disabled", "the play is switched off or gone")
    ids = {"account_id": account.account_id, "play": play.name}
    snoozed = PlaySnooze.objects.filter(**ids).order_by("-at", "-pk").first()
    if snoozed is not None and snoozed.until >= room.today:
        words = f"snoozed until {snoozed.until} by {snoozed.by_label}: {snoozed.reason}"[:400]
        return Verdict(FiringState.WAITING, "snoozed", words, snoozed.until + timedelta(days=1))
    risk = RiskDecision.objects.filter(account_id=account.account_id, replaced_by=None).first()
    if risk is not None and risk.kind == RiskKind.ACCEPT:
        return Verdict(FiringState.DROPPED, "accepted", f"the loss was accepted by {risk.by_label}"[:400])
    if open_runs(account.account_id, play.name, cause).exists():
        return Verdict(FiringState.DROPPED, "open", "it was open already")
    last = (
        PlayRun.objects.filter(**ids, cause=cause).exclude(state=RunState.OPEN).order_by("-closed_at").first()
    )
    if last is not None and last.closed_at is not None:
        ends = day_of(last.closed_at) + timedelta(days=play.cool_down_days)
        if room.today < ends:
            return Verdict(
                FiringState.DROPPED,
                "cool_down",
                f"closed on {day_of(last.closed_at)}, left alone until {ends}",
            )
    return Verdict(FiringState.OPENED)


def _drawn(
    verdict: Verdict, play: Play | None, account_id: str, key: str, week: date, room: _Room
) -> Verdict:
    """A firing that may open, unless its account was drawn into the arm that does without the play, or waits for it."""
    if verdict.state != FiringState.OPENED or play is None:
        return verdict
    assignment = arm_of(play, account_id, key, week, room.at)
    if assignment is None or assignment.arm == "treated":
        return verdict
    if assignment.arm == "held_out":
        return Verdict(FiringState.HELD_OUT, "held_out", "held out at random, to tell the play's effect")
    begins = assignment.begins_on or room.today
    if begins <= room.today:
        return verdict
    return Verdict(FiringState.WAITING, "delayed", f"begins on {begins}, drawn at random", begins)


def _is_over(firing: Firing, room: _Room) -> bool:
    """Whether the account left the tier in which the play fired: what was true then is not the case any more."""
    if room.newest is None or firing.week == room.newest.as_of or not firing.tier:
        return False
    now_in = AccountWeek.objects.filter(week=room.newest, account__account_id=firing.account_id)
    return now_in.values_list("tier", flat=True).first() != firing.tier


def _opening(fired: dict[str, Any], version: str) -> Opening:
    deadline = fired.get("deadline")
    return Opening(
        key=fired["key"],
        reason=fired["reason"],
        cause=fired["cause"],
        evidence=fired["evidence"],
        week=to_date(fired["day"]),
        tier=fired["tier"] or "",
        arr=fired["arr"],
        milestone=fired.get("milestone"),
        deadline=None if deadline is None else to_date(deadline),
        model_version=version,
    )


def _incidents(report: FiredReport, at: datetime) -> dict[IncidentKind, DataIncident]:
    """The rows under which a report's firings wait for a person.

    One per guard, which goes on from week to week, and one per model version; later weeks join it until it is settled.
    """
    found: dict[IncidentKind, DataIncident] = {}
    for kind in IncidentKind:
        held = [h for h in report.held_back if HELD_FOR_A_PERSON.get(h.because) == kind]
        guard = report.incident if kind == IncidentKind.FEED else None
        if guard is not None:
            key = _unsettled(guard.key, report)
            found[kind] = _incident(kind, key, to_date(report.day), guard.what, _figures(guard), at)
        elif held:
            words = held[0].words[:1].upper() + held[0].words[1:] + "."
            key = _unsettled(f"{kind}/{report.version}", report)
            found[kind] = _incident(kind, key, to_date(report.day), words, {"version": report.version}, at)
    return found


def _unsettled(key: str, report: FiredReport) -> str:
    """The key, or one of the week's own where a person settled the incident of that key: nothing waits under those."""
    settled = DataIncident.objects.filter(key=key, state__in=SETTLED).exists()
    return f"{key}/{to_date(report.day)}" if settled else key


def _incident(
    kind: IncidentKind, key: str, week: date, title: str, figures: dict[str, Any], at: datetime
) -> DataIncident:
    with transaction.atomic():
        incident, made = DataIncident.objects.get_or_create(
            key=key[:200],
            defaults={"week": week, "kind": kind, "title": title[:300], "figures": figures, "opened_at": at},
        )
        if made and kind == IncidentKind.FEED:
            said = {
                "incident_id": incident.pk, "as_of": week, "what": title[:2000], "accounts": figures["moved"],
                "share": figures["share"],
            }  # fmt: skip
            emit("data.incident", key=f"incident:{incident.pk}", at=at, payload=said)
        if made:
            audit("incident.opened", incident, after={"kind": kind, "figures": figures})
    return incident


def _figures(guard: Incident) -> dict[str, Any]:
    return {
        "kind": guard.kind, "moved": guard.moved, "accounts": guard.accounts, "share": guard.share,
        "arr": guard.arr, "signals": [list(pair) for pair in guard.signals],
    }  # fmt: skip


def _row(fired: Fired, verdict: Verdict, at: datetime, *, incident: DataIncident) -> bool:
    """Whether the row is new."""
    if Firing.objects.filter(key=fired.key).exists():
        return False
    try:
        with transaction.atomic():
            _create(fired, verdict, at, incident=incident)
    except IntegrityError:
        return False
    return True


def _create(
    fired: Fired,
    verdict: Verdict,
    at: datetime,
    *,
    version: str = "",
    run: PlayRun | None = None,
    incident: DataIncident | None = None,
) -> Firing:
    kept = asdict(fired) | {"version": version, "evidence": dict(fired.evidence)}
    return Firing.objects.create(
        key=fired.key, account_id=fired.account_id, play=fired.play, cause=fired.cause,
        week=to_date(fired.day), reason=fired.reason, evidence=dict(fired.evidence), tier=fired.tier or "",
        arr=fired.arr, fired=kept, state=verdict.state, why=verdict.why, words=verdict.words[:400],
        wake_on=verdict.wake_on, incident=incident, play_run=run, at=at,
        settled_at=None if verdict.state == FiringState.WAITING else at,
    )  # fmt: skip


def _count(counts: dict[str, int], what: str) -> None:
    counts[what] = counts.get(what, 0) + 1
