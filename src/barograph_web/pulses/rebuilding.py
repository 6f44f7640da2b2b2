"""All rows of PulseState anew, by the worker: who gives each account's pulse, its cadence by the overlay rule of the
model in force, its newest pulse of here or of a file, and how that stands to the newest week's numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from barograph.core.arrays import positions, texts
from barograph.core.calendar import day_number
from barograph.core.overlay import terms
from barograph.core.thresholds import NONE, TIER_CODES
from barograph.definitions.overlay import Overlay
from barograph.errors import BarographError
from barograph.pipeline.registry import Registry
from barograph.pipeline.signal_store import read_week
from barograph.pipeline.versions import definition_of, version_of
from barograph.pipeline.week_inputs import account_state
from barograph.workspace import Workspace
from barograph_web.ops.running import RunContext
from barograph_web.ops.workspace import workspace
from barograph_web.portfolio.models import Account, AccountFact, FactKind, Week
from barograph_web.portfolio.weeks import newest_week
from barograph_web.pulses.authors import author_email
from barograph_web.pulses.models import Pulse, PulseState, Ruling
from barograph_web.pulses.numbers import computed_tiers
from barograph_web.pulses.queries import instant_of, words_of
from barograph_web.pulses.stance import Words, stances
from barograph_web.pulses.state import facts_of, is_signed, standing_lifts
from barograph_web.scoring.projection_accounts import batches

BATCH = 500
COLUMNS = (
    "email", "every_days", "valid_days", "lift_days", "due_on", "expires_on", "pulse", "given_at", "author_email",
    "sponsor_status", "executive_engagement", "outcome_narrative", "wanted_tier", "speaks_for",
    "numbers_tier", "direction", "is_settled",
)  # fmt: skip
ANSWERS = ("sponsor_status", "executive_engagement", "outcome_narrative")


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest pulse of an account: of here (`pulse`) or imported."""

    given_at: datetime
    author_email: str
    words: Words
    pulse: Pulse | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the overlay rule says of one account."""

    every_days: int
    valid_days: int
    lift_days: int | None


def follow_projection(run: RunContext) -> None:
    """After weeks were brought in."""
    with run.step("Pulses beside the newest week") as step:
        step.count(accounts=rebuild(workspace(), run.now))


def rebuild(place: Workspace, now: datetime) -> int:
    """Bring the rows of all current accounts up to date; how many there are. Doing it twice changes nothing."""
    today = now.astimezone(place.zone).date()
    week = newest_week()
    computed = computed_tiers(week)
    rules = terms_of(place, week, computed)
    newest = newest_pulses()
    settled = set(Ruling.objects.values_list("account_id", "given_at"))
    lifts = standing_lifts(None, today)
    count = 0
    for part in batches(Account.objects.filter(is_current=True).order_by("pk").iterator(), BATCH):
        rows = [_row(account, rules, newest.get(account.account_id), today) for account in part]
        words = [newest[r.account_id].words if r.account_id in newest else Words("", "", "") for r in rows]
        tiers = [computed.get(row.account_id, "") for row in rows]
        for row, tier, stance in zip(rows, tiers, stances(words, tiers), strict=True):
            row.numbers_tier = tier
            row.speaks_for, row.direction = stance.speaks_for, stance.direction
            row.is_settled = (row.account_id, row.given_at) in settled or is_signed(
                row.wanted_tier, lifts.get(row.account_id, "")
            )
        count += _write(rows)
    PulseState.objects.exclude(
        account_id__in=Account.objects.filter(is_current=True).values("account_id")
    ).delete()
    return count


def terms_of(place: Workspace, week: Week | None, computed: Mapping[str, str]) -> dict[str, Terms]:
    """Cadence and lift by the model of the week, for accounts with stored signals; without any, nobody's."""
    if week is None:
        return {}
    registry = Registry(place.path / "registry")
    try:
        model = definition_of(registry, version_of(registry, week.model_version))
        table = read_week(place.lake, place.lake.manifest(), day_number(week.as_of))
    except BarographError:  # a version or file that is gone costs the special cadences, not the rest
        return {}
    rule = model.overlay or Overlay()
    lift = rule.lift_days if model.overlay is not None and rule.lift else None
    ids = list(computed)
    codes = np.array([TIER_CODES.get(computed[name], NONE) for name in ids], dtype=np.int8)
    attributes = {} if table is None else _attributes(table, ids)
    every, valid = terms(rule, codes, attributes)
    return {name: Terms(int(e), int(v), lift) for name, e, v in zip(ids, every, valid, strict=True)}


def newest_pulses() -> dict[str, Newest]:
    """Account id -> its newest pulse, given here or imported. A pulse of here that was imported since is one."""
    found: dict[str, Newest] = {}
    chains = Pulse.objects.filter(replaced_by=None).select_related("author").order_by("given_at")
    for pulse in chains.iterator():
        email = pulse.author.email if pulse.author else ""
        found[pulse.account_id] = Newest(pulse.given_at, email, words_of(pulse), pulse)
    products = _products()
    for fact in AccountFact.objects.filter(kind=FactKind.PULSE).order_by("account_id", "on").iterator():
        at = instant_of(fact)
        for account_id in products.get(fact.account_id, (fact.account_id,)):
            before = found.get(account_id)
            if at is not None and (before is None or before.given_at < at):
                found[account_id] = imported(fact, at)
    return found


def imported(fact: AccountFact, at: datetime) -> Newest:
    """A pulse out of a file."""
    return Newest(at, str(fact.data.get("author_email") or "").lower(), words_of(fact))


def _products() -> dict[str, list[str]]:
    """Account -> its scored products, for accounts that are scored by product."""
    found: dict[str, list[str]] = {}
    for account_id in Account.objects.filter(is_current=True).values_list("account_id", flat=True):
        if facts_of(account_id) != account_id:
            found.setdefault(facts_of(account_id), [facts_of(account_id)]).append(account_id)
    return found


def _row(account: Account, rules: Mapping[str, Terms], newest: Newest | None, today: date) -> PulseState:
    usual = Overlay()
    rule = rules.get(account.account_id) or Terms(usual.every_days, usual.valid_days, None)
    row = PulseState(
        account_id=account.account_id,
        email=author_email(account),
        every_days=rule.every_days,
        valid_days=rule.valid_days,
        lift_days=rule.lift_days,
        first_on=today,
        due_on=today,
    )
    if newest is not None:
        given = timezone.localtime(newest.given_at).date()
        row.pulse, row.given_at, row.author_email = newest.pulse, newest.given_at, newest.author_email
        for name in (*ANSWERS, "wanted_tier"):
            setattr(row, name, getattr(newest.words, name))
        row.due_on = given + timedelta(days=rule.every_days)
        row.expires_on = given + timedelta(days=rule.valid_days + 1)
    return row


def _write(rows: Iterable[PulseState]) -> int:
    """Add or change; an account without any pulse stays due since the day on which it was first asked about."""
    made = list(rows)
    ids = [row.account_id for row in made]
    with transaction.atomic():
        there = {row.account_id: row for row in PulseState.objects.filter(account_id__in=ids)}
        for row in made:
            old = there.get(row.account_id)
            if old is not None:
                row.first_on = old.first_on
                if old.given_at is not None and (row.given_at is None or row.given_at < old.given_at):
                    # A pulse was given while this was read: it is newer than what is known here.
                    row.__dict__.update({k: v for k, v in old.__dict__.items() if k in _GIVEN})
            if row.given_at is None:
                row.due_on = row.first_on
        changed = [row for row in made if _differs(row, there.get(row.account_id))]
        PulseState.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["account_id"], update_fields=COLUMNS
        )
    return len(made)


_GIVEN = (
    "pulse_id", "given_at", "author_email", *ANSWERS, "wanted_tier", "due_on", "expires_on", "speaks_for", "direction",
    "is_settled",
)  # fmt: skip


def _differs(row: PulseState, old: PulseState | None) -> bool:
    names = [f"{name}_id" if name == "pulse" else name for name in COLUMNS]
    return old is None or any(getattr(row, name) != getattr(old, name) for name in names)


def _attributes(table: Any, ids: list[str]) -> dict[str, Any]:
    """The state that scopes name, for these accounts; of an account that is not in the table it is unknown."""
    rows = positions(texts(ids), texts(table["account_id"].to_pylist()))
    state = {}
    for name, column in account_state(table).items():
        if column.dtype.kind in "fiu":
            taken = np.where(rows >= 0, column[np.maximum(rows, 0)], np.nan)
        else:
            taken = texts([""] * len(ids))
            taken[:] = None
            taken[rows >= 0] = column[rows[rows >= 0]]
        state[name] = taken
    return state
