"""Writes of this app: people, teams and stand-ins. Each is one transaction with its audit event inside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from barograph.errors import BarographError, UsageError
from barograph_web.users.models import Role, StandIn, Team, User
from barograph_web.users.trail import record

FIELDS = ("name", "email", "role", "team", "must_use_mfa")
"""What an administrator changes about a person."""


class StaleFormError(BarographError):
    """Somebody else changed the row since the form was opened."""


def add_person(
    *,
    name: str,
    email: str,
    role: str,
    team: Team | None = None,
    must_use_mfa: bool = False,
    password: str | None = None,
) -> User:
    """A new person. Without a password they set one through a link (`invitation`); one that is given lasts until
    they first sign in. Raises UsageError for an address that is taken or a role there is not."""
    email = email.strip().lower()
    if role not in Role.values:
        raise UsageError(
            f"{role!r} is no role.", where=email, hint=f"Choose one of {', '.join(Role.values)}."
        )
    if password is not None:
        check_password(password, User(email=email, name=name))
    with transaction.atomic():
        if User.objects.filter(email__iexact=email).exists():
            raise UsageError("there is somebody with this address already.", where=email)
        user = User.objects.create_user(
            email,
            password,
            name=name.strip(),
            role=role,
            team=team,
            must_use_mfa=must_use_mfa,
            must_set_password=password is not None,
        )
        record("person.added", user, after=as_json(user))
    return user


def change_person(
    user: User, changes: Mapping[str, Any], *, revision: int, by: User | None, reason: str = ""
) -> User:
    """Change some of FIELDS. Raises StaleFormError when somebody changed the person since `revision`, UsageError
    when the last administrator would lose that role, or an administrator their own."""
    with transaction.atomic():
        kept = User.objects.select_for_update().get(pk=user.pk)
        if kept.revision != revision:
            raise StaleFormError(
                "somebody else changed this person meanwhile.", hint="Look at what changed, then save."
            )
        before = as_json(kept)
        for field in FIELDS:
            if field in changes:
                setattr(kept, field, changes[field])
        kept.email = kept.email.strip().lower()
        after = as_json(kept)
        if before == after:
            return kept
        if before["role"] == Role.ADMINISTRATOR and after["role"] != Role.ADMINISTRATOR:
            _not_the_last(kept, by)
        kept.revision += 1
        kept.save()
        if before["email"] != after["email"]:
            EmailAddress.objects.filter(user=kept).delete()
        changed = {k for k in after if before[k] != after[k]}
        record(
            "person.changed",
            kept,
            before={k: before[k] for k in changed},
            after={k: after[k] for k in changed},
            reason=reason,
        )
    return kept


def set_active(user: User, active: bool, *, by: User | None, reason: str = "") -> User:
    """Let a person in or keep them out, at once: their sessions end. Raises UsageError for the last administrator,
    oneself, and somebody who was erased."""
    with transaction.atomic():
        kept = User.objects.select_for_update().get(pk=user.pk)
        if kept.is_active == active:
            return kept
        if active and kept.erased_at is not None:
            raise UsageError("this person was erased and stays so.", where=str(kept))
        if not active:
            _not_the_last(kept, by)
            end_sessions(kept)
        kept.is_active = active
        kept.revision += 1
        kept.save()
        action = "person.enabled" if active else "person.disabled"
        record(action, kept, before={"is_active": not active}, after={"is_active": active}, reason=reason)
    return kept


def set_password(user: User, password: str, *, must_change: bool) -> User:
    """Give a person a password; must_change: they choose another one when they sign in. Their sessions end."""
    check_password(password, user)
    with transaction.atomic():
        user.set_password(password)
        user.must_set_password = must_change
        user.save()
        end_sessions(user)
        record("person.password_set", user, after={"must_set_password": must_change})
    return user


def remove_second_factor(user: User, *, reason: str = "") -> int:
    """Take second factor and recovery codes away, for somebody who lost them; how many there were."""
    with transaction.atomic():
        count: int = Authenticator.objects.filter(user=user).delete()[0]
        if count:
            record("person.second_factor_removed", user, before={"authenticators": count}, reason=reason)
    return count


def set_theme(user: User, theme: str) -> User:
    """How the application looks for this person: system, light or dark. Their own affair, so not audited."""
    if theme not in ("system", "light", "dark"):
        raise UsageError(f"{theme!r} is no theme.", hint="Choose system, light or dark.")
    User.objects.filter(pk=user.pk).update(theme=theme)
    user.theme = theme
    return user


def end_sessions(user: User) -> int:
    """Sign a person out everywhere; how many sessions there were."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


def save_team(team: Team, *, name: str, parent: Team | None) -> Team:
    """Make or change a team. Raises UsageError for a name that is taken and a parent that is inside the team."""
    with transaction.atomic():
        before = None if team.pk is None else {"name": team.name, "parent": _name(team.parent)}
        above = parent
        while above is not None:
            if above.pk == team.pk and team.pk is not None:
                raise UsageError(
                    f"{parent} is inside {team} itself.", where=name, hint="Choose another team above."
                )
            above = above.parent
        if Team.objects.filter(name__iexact=name.strip()).exclude(pk=team.pk).exists():
            raise UsageError("there is a team of this name already.", where=name)
        team.name, team.parent = name.strip(), parent
        team.save()
        after = {"name": team.name, "parent": _name(parent)}
        record("team.added" if before is None else "team.changed", team, before=before, after=after)
    return team


def remove_team(team: Team) -> None:
    """Remove a team; its people are in none. Raises UsageError while teams are inside it."""
    with transaction.atomic():
        if team.parts.exists():
            raise UsageError(
                "there are teams inside it.", where=str(team), hint="Move or remove those first."
            )
        members = list(team.members.values_list("email", flat=True))
        before = {"name": team.name, "parent": _name(team.parent), "members": members}
        record("team.removed", team, before=before)
        team.delete()


def add_stand_in(absent: User, stand_in: User, begins_on: date, ends_on: date) -> StandIn:
    """`stand_in` sees and does on the accounts what `absent` could, on both days and between. Raises UsageError for
    oneself, days in the wrong order, and somebody who does not work on accounts."""
    if absent == stand_in:
        raise UsageError("nobody stands in for themselves.", where=str(absent))
    if ends_on < begins_on:
        raise UsageError(
            f"{ends_on} is before {begins_on}.", where=str(absent), hint="Give the last day second."
        )
    if Role.GUEST in (absent.role, stand_in.role):
        raise UsageError("guests neither stand in nor are stood in for.", where=str(absent))
    with transaction.atomic():
        row = StandIn.objects.create(absent=absent, stand_in=stand_in, begins_on=begins_on, ends_on=ends_on)
        record("stand_in.added", row, after=_stand_in(row))
    return row


def end_stand_in(row: StandIn) -> None:
    """Take a stand-in back."""
    with transaction.atomic():
        record("stand_in.removed", row, before=_stand_in(row))
        row.delete()


def check_password(password: str, user: User) -> None:
    """Raises UsageError saying what is wrong with a password."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise UsageError(
            " ".join(error.messages), where=user.email, hint="Choose another password."
        ) from error


def as_json(user: User) -> dict[str, Any]:
    """What the audit log keeps of a person."""
    return {
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "team": _name(user.team),
        "must_use_mfa": user.must_use_mfa,
    }


def _not_the_last(user: User, by: User | None) -> None:
    if by is not None and by.pk == user.pk:
        raise UsageError(
            "an administrator cannot do this to themselves.", where=str(user), hint="Ask another one."
        )
    others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    if not others.exists():
        raise UsageError("this is the last administrator.", where=str(user), hint="Make another one first.")


def _stand_in(row: StandIn) -> dict[str, str]:
    return {
        "absent": row.absent.email,
        "stand_in": row.stand_in.email,
        "begins_on": row.begins_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
    }


def _name(team: Team | None) -> str | None:
    return None if team is None else team.name
