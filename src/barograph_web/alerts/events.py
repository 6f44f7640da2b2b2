"""How an app says that something happened: `emit`, inside the transaction of what happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from pydantic import ValidationError

from barograph.errors import UsageError
from barograph_web.alerts.catalogue import EVENTS, topic_of, weight_of
from barograph_web.alerts.models import Event
from barograph_web.ops.current import acting
from barograph_web.users.models import User

LONGEST_KEY = 300
LARGEST = 32_000
"""Bytes of a payload as JSON."""


def emit(kind: str, *, key: str, at: datetime, account_id: str = "", payload: Mapping[str, Any]) -> Event:
    """Record an event; the row that is there already for the same kind and key, untouched.

    Called inside the transaction of what happened: the event is there exactly when that is. People and webhooks are
    told afterwards, by the worker. kind: a name of catalogue.EVENTS. key: what makes it one event, such as
    "task:12:breach:1"; a long one is kept as its digest. at: when it happened, with a time zone. account_id: which
    account it is about; required for kinds that concern an account. payload: as the kind's model in payloads.py says;
    dates, instants and numbers as such or as JSON.

    Raises UsageError for an unknown kind, an empty key, an instant without zone, a missing account, and a
    payload that does not fit its schema, naming the field.
    """
    return record(kind, key=key, at=at, account_id=account_id, payload=payload)[0]


def record(
    kind: str, *, key: str, at: datetime, account_id: str = "", payload: Mapping[str, Any]
) -> tuple[Event, bool]:
    """`emit`, and whether the event is new."""
    found = EVENTS.get(kind)
    if found is None:
        raise UsageError(f"{kind!r} is not a kind of event.", hint="docs/reference/events.md lists them.")
    if not key:
        raise UsageError(f"{kind}: it has no key.", hint="Name what makes it one event.")
    if at.tzinfo is None:
        raise UsageError(f"{kind}: {at} has no time zone.")
    if found.concerns == "account" and not account_id:
        raise UsageError(f"{kind}: it names no account.", hint="Give its account_id.")
    try:
        said = found.payload.model_validate(dict(payload))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "payload"
        raise UsageError(
            f"{kind}: {where}: {first['msg']}", hint="docs/reference/events.md has its schema."
        ) from None
    document = said.model_dump(mode="json")
    if len(json.dumps(document)) > LARGEST:
        raise UsageError(f"{kind}: its payload is longer than {LARGEST:,} bytes.", hint="Shorten its texts.")
    with transaction.atomic():
        return Event.objects.get_or_create(
            kind=kind,
            key=key if len(key) <= LONGEST_KEY else f"{key[:200]}:{sha256(key.encode()).hexdigest()}",
            defaults={
                "topic": topic_of(said, found),
                "weight": weight_of(said, found),
                "account_id": account_id,
                "at": at,
                "payload": document,
                "actor": _actor(),
            },
        )


def _actor() -> User | None:
    """The person at the keyboard. What the worker does for somebody is told to them like to everybody."""
    who = acting()
    return None if who.via == "worker" else who.user
