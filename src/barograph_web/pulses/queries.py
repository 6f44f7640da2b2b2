"""Reads of pulses: what is due for whom, what differs from the numbers, and what was said about an account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from barograph_web.ops.workspace import today as present_day
from barograph_web.portfolio.models import Account, AccountFact, FactKind
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.pulses.authors import emails_of
from barograph_web.pulses.models import Direction, PlannedContext, Pulse, PulseState, Ruling
from barograph_web.pulses.stance import Words
from barograph_web.pulses.state import facts_of
from barograph_web.users.models import User

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_SAID = 24
"""Pulses of one account that its page shows."""


@dataclass(frozen=True, slots=True)
class DuePulse:
    """An account whose pulse is due. last_at: when the last one was given, None for none."""

    account_id: str
    name: str
    due_on: date
    last_at: datetime | None
    is_expired: bool
    account: Account

    @property
    def state(self) -> str:
        """never, expired or due: why one is asked for."""
        if self.last_at is None:
            return "never"
        return "expired" if self.is_expired else "due"


@dataclass(frozen=True, slots=True)
class Said:
    """One pulse of an account: given here (`pulse`), or out of a file. ruling: a leader's, if any."""

    given_at: datetime
    by: str
    words: Words
    reason: str
    pulse: Pulse | None = None
    ruling: Ruling | None = None
    erased: bool = False

    @property
    def is_imported(self) -> bool:
        return self.pulse is None


def due(user: User, today: date) -> list[DuePulse]:
    """The pulses that this person gives and that are due, the longest waiting first. Two queries."""
    return [
        _due(row, today) for row in _with_accounts(_mine(user, today).filter(due_on__lte=today), user, today)
    ]


def coming(user: User, today: date) -> list[DuePulse]:
    """Those that fall due later, the next first."""
    return [
        _due(row, today) for row in _with_accounts(_mine(user, today).filter(due_on__gt=today), user, today)
    ]


def count_due(user: User, today: date) -> int:
    """How many are due."""
    return _visible(_mine(user, today).filter(due_on__lte=today), user, today).count()


def newest_pulse(account_id: str) -> PulseState | None:
    """The newest pulse of an account, given here or imported, with what it speaks for; None without any."""
    return (
        PulseState.objects.filter(account_id=account_id, given_at__isnull=False)
        .select_related("pulse")
        .first()
    )


def diverging(account_ids: Iterable[str], today: date | None = None) -> set[str]:
    """Accounts whose newest pulse has force, differs from the numbers, and was not ruled on. One query."""
    found = open_divergences(today).filter(account_id__in=list(account_ids))
    return set(found.values_list("account_id", flat=True))


def open_divergences(today: date | None = None) -> QuerySet[PulseState]:
    """Rows that wait for a leader: in force (on `today`, when given), differing, without a ruling."""
    found = PulseState.objects.exclude(direction="").filter(is_settled=False)
    return found if today is None else found.filter(expires_on__gt=today)


def holds(account_ids: list[str]) -> dict[str, str]:
    """For plays.holds: whose customer-facing steps wait, and why."""
    found = open_divergences(present_day()).filter(account_id__in=account_ids)
    words = {
        Direction.BETTER: "The pulse is better than the numbers: a leader decides before the customer is approached.",
        Direction.WORSE: "The pulse is worse than the numbers: a leader decides before the customer is approached.",
    }
    return {key: words[Direction(way)] for key, way in found.values_list("account_id", "direction")}


def queue(user: Any, today: date) -> list[PulseState]:
    """What differs from the numbers, of accounts that the person may see, largest revenue first; `account` set.

    Those that ask for a lift come first: somebody waits for a signature. `reason`: what the author wrote. Four queries.
    """
    rows = _with_accounts(open_divergences(today).select_related("pulse", "pulse__author"), user, today)
    with_reasons(rows)
    return sorted(rows, key=lambda r: (not r.wanted_tier, -(r.account.arr or 0.0), r.account_id))


def with_reasons(rows: list[Any]) -> None:
    """Set `reason`: what the author of the newest pulse wrote, here or in a file. One query."""
    keys = [raw_key(row.account_id, row.given_at) for row in rows if row.pulse is None and row.given_at]
    facts = AccountFact.objects.filter(kind=FactKind.PULSE, key__in=keys)
    written = {fact.key: str(fact.data.get("reason") or "") for fact in facts}
    for row in rows:
        bare = row.given_at is None or row.pulse is not None
        row.reason = (
            (row.pulse.reason if row.pulse else "")
            if bare
            else written.get(raw_key(row.account_id, row.given_at), "")
        )


def count_open(user: Any, today: date) -> int:
    """How many differences on accounts that the person may see wait for a decision."""
    return _visible(open_divergences(today), user, today).count()


def rulings(user: Any, today: date, most: int = 50) -> list[Ruling]:
    """The newest rulings on accounts that the person may see."""
    seen = visible_accounts(user, today)
    name = Subquery(Account.objects.filter(account_id=OuterRef("account_id")).values("name")[:1])
    found = Ruling.objects.annotate(name=name).select_related("pulse")
    if seen.query.has_filters():
        found = found.filter(account_id__in=seen.values("account_id"))
    return list(found.order_by("-at", "-pk")[:most])


def said_of(account_id: str, most: int = MOST_SAID) -> list[Said]:
    """What was said of an account, here and in files, newest first. Three queries.

    A pulse of here that came back through the raw table is one.
    """
    given = Pulse.objects.filter(account_id=account_id).select_related("author").order_by("-given_at")[:most]
    ruled = {row.given_at: row for row in Ruling.objects.filter(account_id=account_id)}
    found = {
        pulse.given_at: Said(
            pulse.given_at, pulse.author_label,
            words_of(pulse),
            pulse.reason, pulse, ruled.get(pulse.given_at), pulse.erased_at is not None,
        )
        for pulse in given
    }  # fmt: skip
    facts = AccountFact.objects.filter(
        account_id__in={account_id, facts_of(account_id)}, kind=FactKind.PULSE
    ).order_by("-on", "-key")
    for fact in facts[:most]:
        at = instant_of(fact)
        if at is not None and at not in found:
            data = fact.data
            words = words_of(fact)
            by = str(data.get("author_email") or "")
            found[at] = Said(at, by, words, str(data.get("reason") or ""), None, ruled.get(at))
    return sorted(found.values(), key=lambda said: said.given_at, reverse=True)[:most]


def contexts_of(account_ids: Iterable[str], today: date) -> dict[str, list[PlannedContext]]:
    """Planned context in force or to come, per account. One query."""
    found: dict[str, list[PlannedContext]] = {}
    rows = standing_contexts().filter(account_id__in=list(account_ids), ends_on__gte=today)
    for row in rows.order_by("begins_on", "pk"):
        found.setdefault(row.account_id, []).append(row)
    return found


def standing_contexts() -> QuerySet[PlannedContext]:
    """Those that were neither replaced nor taken back."""
    return PlannedContext.objects.filter(replaced_by=None, is_withdrawal=False)


def words_of(said: AccountFact | Pulse) -> Words:
    """The answers of a pulse, given here or imported."""
    if isinstance(said, Pulse):
        return Words(*(str(getattr(said, name)) for name in _ANSWERS))
    return Words(*(str(said.data.get(name) or "") for name in _ANSWERS))


_ANSWERS = ("sponsor_status", "executive_engagement", "outcome_narrative", "wanted_tier")


def instant_of(fact: AccountFact) -> datetime | None:
    """When an imported pulse was recorded, from its key (account id, U+001F, microseconds since 1970)."""
    tail = fact.key.rpartition("\x1f")[2]
    return EPOCH + timedelta(microseconds=int(tail)) if tail.isdigit() else None


def raw_key(account_id: str, given_at: datetime) -> str:
    """How the raw table knows a pulse: account id, U+001F, microseconds since 1970."""
    return f"{facts_of(account_id)}\x1f{(given_at - EPOCH) // timedelta(microseconds=1)}"


def _mine(user: User, today: date) -> QuerySet[PulseState]:
    return PulseState.objects.filter(email__in=emails_of(user, today))


def _visible(rows: QuerySet[PulseState], user: Any, today: date) -> QuerySet[PulseState]:
    seen = visible_accounts(user, today).filter(is_current=True)
    return rows.filter(account_id__in=seen.values("account_id"))


def _with_accounts(rows: QuerySet[PulseState], user: Any, today: date) -> list[Any]:
    """Rows of current accounts that the person may see, each with its `account`. Two queries."""
    found = list(_visible(rows, user, today).order_by("due_on", "account_id"))
    accounts = {a.account_id: a for a in Account.objects.filter(account_id__in=[r.account_id for r in found])}
    made = []
    for row in found:
        if row.account_id in accounts:
            row.account = accounts[row.account_id]  # type: ignore[attr-defined]
            made.append(row)
    return made


def _due(row: Any, today: date) -> DuePulse:
    gone = row.expires_on is not None and row.expires_on <= today
    return DuePulse(row.account_id, row.account.name, row.due_on, row.given_at, gone, row.account)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the score of an account on a list: planned context, and an open divergence."""

    contexts: tuple[PlannedContext, ...] = ()
    open: PulseState | None = None


def beside(account_ids: Iterable[str], today: date) -> dict[str, Beside]:
    """What stands beside the scores of some accounts; those without anything are left out. Two queries."""
    ids = list(account_ids)
    contexts = contexts_of(ids, today)
    rows = {row.account_id: row for row in open_divergences(today).filter(account_id__in=ids)}
    return {key: Beside(tuple(contexts.get(key, ())), rows.get(key)) for key in {*contexts, *rows}}
