"""How things change: one conditional step, one entry, one audit event, in one transaction.

Whoever changes a thing says which revision they have seen. When another stands by then, nothing is written and they are
shown what changed (`OvertakenError`). The database holds the same rule for two in the same instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction

from barograph_web.growth import machines
from barograph_web.growth.machines import Machine
from barograph_web.growth.models import Entry, Kept, Thing
from barograph_web.ops.audit import audit
from barograph_web.users.models import User

MACHINES: dict[str, Machine] = {
    Thing.HAND_OVER: machines.HAND_OVER,
    Thing.REQUEST: machines.REQUEST,
    Thing.OPPORTUNITY: machines.OPPORTUNITY,
    Thing.PLAN: machines.PLAN,
    Thing.GOAL: machines.GOAL,
    Thing.ASK: machines.ASK,
    Thing.CONSENT: machines.CONSENT,
    Thing.ESCALATION: machines.ESCALATION,
}
SYSTEM = "Barograph"
T = TypeVar("T", bound=Kept)


class RefusedError(ValueError):
    """What was asked for breaks a rule. `field` names what to change; the text says how."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


class OvertakenError(RuntimeError):
    """Somebody changed it meanwhile. `entries`: their changes, newest first. Nothing was written."""

    def __init__(self, thing: Kept | None, entries: list[Entry]) -> None:
        super().__init__("somebody changed it meanwhile")
        self.thing = thing
        self.entries = entries


def begin(row: T, *, by: User | None, now: datetime, words: str = "") -> T:
    """Save a new row in the first state of its machine, with its first entry.

    Raises OvertakenError when the database has one in its way (such as a second unanswered hand-over).
    """
    row.state, row.revision = MACHINES[row.THING].begins, 1
    row.by, row.by_label, row.at, row.changed_at = by, _name(by), now, now
    try:
        with transaction.atomic():
            row.save()
            _entry(row, "begin", words, _columns(row), by, now)
            _audit(row, "begun", None, {"state": row.state, **_columns(row)})
    except IntegrityError as error:
        raise OvertakenError(None, []) from error
    return row


def advance(
    row: T,
    move: str,
    *,
    seen: int,
    by: User | None,
    now: datetime,
    changes: Mapping[str, Any] | None = None,
    words: str = "",
) -> T:
    """Make one move of a thing; returns it as it stands afterwards.

    seen: the revision that the person has been shown. changes: column -> value, written with the move. words: what was
    said, kept in the entry. Raises OvertakenError when another revision stands, RefusedError when its state
    does not have the move.
    """
    model = type(row)
    wanted = dict(changes or {})
    try:
        with transaction.atomic():
            fresh = model._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
            if fresh.revision != seen:
                raise OvertakenError(fresh, entries_since(fresh, seen))
            after = MACHINES[model.THING].after(fresh.state, move)
            if after is None:
                raise RefusedError("", f"It is {state_words(fresh)}: that cannot be done with it any more.")
            before = {"state": fresh.state, **{name: plain(getattr(fresh, name)) for name in wanted}}
            for name, value in wanted.items():
                setattr(fresh, name, value)
            fresh.state, fresh.revision, fresh.changed_at = after, seen + 1, now
            updated = {name: getattr(fresh, name) for name in (*wanted, "state", "revision", "changed_at")}
            if not model._default_manager.filter(pk=fresh.pk, revision=seen).update(**updated):
                raise OvertakenError(fresh, entries_since(fresh, seen))
            told = {name: plain(getattr(fresh, name)) for name in wanted}
            _entry(fresh, move, words, told, by, now)
            _audit(fresh, move, before, {"state": after, **told, **({"words": words} if words else {})})
    except IntegrityError as error:
        raise OvertakenError(model._default_manager.get(pk=row.pk), entries_since(row, seen)) from error
    return fresh


def entries_of(row: Kept) -> models.QuerySet[Entry]:
    """The history of a thing, newest first."""
    return Entry.objects.filter(thing=row.THING, number=row.pk).order_by("-revision")


def entries_since(row: Kept, seen: int) -> list[Entry]:
    """What happened after a revision, newest first."""
    return list(entries_of(row).filter(revision__gt=seen))


def state_words(row: Kept) -> str:
    """The state as people say it."""
    return row.state.replace("_", " ")


def plain(value: Any) -> Any:
    """A column's value as JSON: rows by their number, days and instants as ISO 8601."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _columns(row: Kept) -> dict[str, Any]:
    own = {
        "id",
        "account_id",
        "state",
        "revision",
        "by",
        "by_label",
        "at",
        "changed_at",
        "package",
        "published",
    }
    fields = [field for field in row._meta.concrete_fields if field.name not in own]
    return {field.name: plain(getattr(row, field.attname)) for field in fields}


def _entry(
    row: Kept, move: str, words: str, changes: dict[str, Any], by: User | None, now: datetime
) -> Entry:
    return Entry.objects.create(
        thing=row.THING, number=row.pk, revision=row.revision, account_id=row.account_id, move=move,
        state=row.state, words=words.strip(), changes=changes, by=by, by_label=_name(by), at=now,
    )  # fmt: skip


def _audit(row: Kept, move: str, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    # The label has no name of a customer's person in it, so that erasing them leaves the row readable.
    thing = (row._meta.label_lower, str(row.pk), f"{row._meta.verbose_name} {row.pk}")
    audit(f"{row.THING}.{move}", thing, before=before, after=after, account_id=row.account_id)


def _name(by: User | None) -> str:
    return by.name if by is not None else SYSTEM
