"""Erasing personal data (X4): names and addresses go, what happened stays.

Each app registers what it can erase as a `Kind`; this one erases users of the application. Labels that name a user are
found by their column's name: a column that keeps somebody's name for good ends in `_label`, or is `granted_by`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models, transaction
from django.db.models import Q

from barograph.errors import UsageError
from barograph_web.ops.audit import audit
from barograph_web.ops.models import AuditEvent
from barograph_web.users import services
from barograph_web.users.models import ApiToken, Role, StandIn, User

LABELS = ("granted_by",)
ENDING = "_label"
FOUND_AT_MOST = 20
SHORTEST_NAME = 6
"""A name shorter than this is not searched for inside texts: it would be found in other words."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who can be erased."""

    key: str
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What an app can erase. `erase` runs in a transaction and returns how many rows of what it changed."""

    name: str
    title: str
    consequence: str
    find: Callable[[str], Sequence[Subject]]
    get: Callable[[str], Subject | None]
    erase: Callable[[str, datetime], dict[str, int]]


KINDS: list[Kind] = []


def register(kind: Kind) -> None:
    """Add a kind; the same name twice is one. Called in AppConfig.ready."""
    if all(other.name != kind.name for other in KINDS):
        KINDS.append(kind)


Elsewhere = Callable[[User, str], dict[str, int]]
"""(user as they were, what they are called from now on) -> how many rows of what an app above took them out of."""
ELSEWHERE: list[Elsewhere] = []


def also_erases(function: Elsewhere) -> None:
    """Have an app take an erased user out of its own rows; called in AppConfig.ready, the same twice is one."""
    if function not in ELSEWHERE:
        ELSEWHERE.append(function)


def kind_of(name: str) -> Kind | None:
    """The kind of this name."""
    return next((kind for kind in KINDS if kind.name == name), None)


def erase(kind: Kind, key: str, now: datetime, *, by: Any, reason: str) -> dict[str, int]:
    """Erase one subject and say so in the audit log, without repeating who it was; how many rows of what.

    Raises UsageError for oneself.
    """
    if kind.name == "user" and isinstance(by, User) and str(by.pk) == key:
        raise UsageError("you cannot erase yourself.", hint="Ask another administrator.")
    with transaction.atomic():
        counts = kind.erase(key, now)
        audit("personal_data.erased", (kind.name, key[:200], kind.title), after=counts, reason=reason)
    return counts


def recent(limit: int = 20) -> list[AuditEvent]:
    """The last erasures, newest first."""
    return list(AuditEvent.objects.filter(action="personal_data.erased")[:limit])


def erase_user(key: str, now: datetime) -> dict[str, int]:
    """Somebody who used the application becomes "Former user N": name, address, sign-in and tokens go.

    Their decisions, notes and audit events stay under that name; details of audit events about the person are
    emptied. Raises UsageError for the last administrator.
    """
    user = User.objects.select_for_update().get(pk=int(key))
    if user.erased_at is not None:
        return {}
    others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    if user.role == Role.ADMINISTRATOR and not others.exists():
        raise UsageError("this is the last administrator.", where=str(user), hint="Make another one first.")
    former = f"Former user {user.pk}"
    counts = {"labels": _relabel(user, former), "audit_events": _scrub_audit(user, former, now)}
    for function in ELSEWHERE:
        counts |= function(user, former)
    services.end_sessions(user)
    counts["second_factors"] = Authenticator.objects.filter(user=user).delete()[0]
    counts["tokens"] = ApiToken.objects.filter(owner=user).delete()[0]
    counts["stand_ins"] = StandIn.objects.filter(Q(absent=user) | Q(stand_in=user)).delete()[0]
    EmailAddress.objects.filter(user=user).delete()
    user.name, user.email = former, f"former-{user.pk}-{secrets.token_hex(4)}@erased.invalid"
    user.is_active, user.erased_at, user.team = False, now, None
    user.last_login = None
    user.revision += 1
    user.set_unusable_password()
    user.save()
    counts["people"] = 1
    return counts


def _relabel(user: User, former: str) -> int:
    """Every column that keeps the user's name, in every app: by the row's link to the user, or by the words."""
    words = [user.name, user.email, f"{user.name} <{user.email}>"]
    changed = 0
    for model in apps.get_models():
        if not model.__module__.startswith("barograph_web.") or model is AuditEvent:
            continue
        columns = {field.name: field for field in model._meta.concrete_fields}
        for name in columns:
            if not (name.endswith(ENDING) or name in LABELS):
                continue
            link = columns.get(name.removesuffix(ENDING))
            wanted = Q(**{f"{name}__in": words})
            if isinstance(link, models.ForeignKey) and link.related_model is User:
                wanted |= Q(**{link.name: user}) & ~Q(**{name: former})
            changed += model._base_manager.filter(wanted).update(**{name: former})
    return changed


def _scrub_audit(user: User, former: str, now: datetime) -> int:
    label = f"{user.name} <{user.email}>"
    AuditEvent.objects.filter(Q(actor=user) | Q(actor_label=label)).relabelled(actor_label=former)
    AuditEvent.objects.filter(on_behalf_of__in=[user.name, user.email, label]).relabelled(on_behalf_of=former)
    about = AuditEvent.objects.filter(object_type=User._meta.label_lower, object_id=str(user.pk))
    changed = int(about.without_details(now, object_label=former))
    named = Q()
    words = [user.email, *([user.name] if len(user.name) >= SHORTEST_NAME else [])]
    for word in {*words, *(json.dumps(word)[1:-1] for word in words)}:
        # SQLite keeps JSON with other letters than ASCII escaped, hence both forms.
        named |= Q(before__icontains=word) | Q(after__icontains=word) | Q(reason__icontains=word)
        AuditEvent.objects.filter(object_label__icontains=word).relabelled(object_label=former)
    return changed + int(AuditEvent.objects.filter(named, details_removed_at=None).without_details(now))


def find_users(query: str) -> list[Subject]:
    """Users by a part of name or address, who are not erased."""
    found = User.objects.filter(Q(name__icontains=query) | Q(email__icontains=query), erased_at=None)
    return [_subject(user) for user in found[:FOUND_AT_MOST]]


def get_user(key: str) -> Subject | None:
    """A user by number, unless erased."""
    user = User.objects.filter(pk=int(key), erased_at=None).first() if key.isdigit() else None
    return None if user is None else _subject(user)


def _subject(user: User) -> Subject:
    return Subject(str(user.pk), user.name, f"{user.email}, {user.get_role_display()}")


USERS = Kind(
    "user",
    "Person who uses Barograph",
    "Name and address become “Former user”; they can never sign in again; tokens and second factors are deleted. "
    "What they decided and wrote stays, under that name.",
    find_users,
    get_user,
    erase_user,
)
