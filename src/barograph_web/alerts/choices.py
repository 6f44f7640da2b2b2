"""What people chose to be told, and what they are told before they choose anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from barograph_web.alerts.catalogue import TOPICS, Topic
from barograph_web.alerts.models import AlertScope, Mailing, Preference
from barograph_web.users.models import Role, User
from barograph_web.users.permissions import May, may

OWN = frozenset({Role.CSM, Role.ACCOUNT_MANAGER})
WATCHES_ALL = frozenset({Role.OPS, Role.EXECUTIVE, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Choice:
    """How a person wants one topic. A topic that concerns a person or the workspace has no accounts to choose: any
    scope but OFF means yes."""

    topic: Topic
    scope: AlertScope
    in_app: bool
    mail: Mailing

    @property
    def is_on(self) -> bool:
        return self.scope != AlertScope.OFF and (self.in_app or self.mail != Mailing.NO)


@dataclass(frozen=True, slots=True)
class Choices:
    """All of one person. revision: 0 while nothing was saved."""

    topics: dict[str, Choice]
    digest: bool
    digest_scope: AlertScope
    revision: int


_QUIET = frozenset(
    {"segment.step", "verdict.recorded", "play.closed", "handover.accepted", "escalation.resolved"}
)
_DIGESTED = frozenset({"tier.changed.down", "tier.changed.up", "score.dropped"})
_AT_ONCE = frozenset(
    {
        "task.escalated",
        "mention.made",
        "refresh.failed",
        "data.incident",
        "handover.requested",
        "escalation.opened",
    }
)
_LEADERS = frozenset(
    {"tier.changed.down", "task.breached", "pulse.diverged", "task.escalated", "escalation.opened"}
)


def may_choose(user: User, topic: Topic) -> bool:
    """Whether the person's role includes what the topic is about."""
    return may(user, May.OWN_ALERTS) and may(user, topic.kind.needs)


def scopes_of(user: User) -> tuple[AlertScope, ...]:
    """The scopes that mean something for a role: a CSM sees no more than their own accounts."""
    if user.role in OWN:
        return (AlertScope.OFF, AlertScope.MINE)
    if user.role == Role.LEADER and user.team_id is not None:
        return (AlertScope.OFF, AlertScope.MINE, AlertScope.TEAM)
    if user.team_id is not None:
        return (AlertScope.OFF, AlertScope.MINE, AlertScope.TEAM, AlertScope.ALL)
    return (AlertScope.OFF, AlertScope.MINE, AlertScope.ALL)


def default_choice(user: User, topic: Topic) -> Choice:
    """Downward first: what needs work is told at once in the application, urgent things by mail too, movements once a
    week in the digest, and what only informs not at all."""
    widest = scopes_of(user)[-1]
    mail = (
        Mailing.AT_ONCE
        if topic.name in _AT_ONCE
        else Mailing.DIGEST
        if topic.name in _DIGESTED
        else Mailing.NO
    )
    if topic.kind.concerns != "account":
        return Choice(topic, widest, in_app=True, mail=mail)
    if topic.name in _QUIET:
        return Choice(topic, AlertScope.OFF, in_app=True, mail=Mailing.NO)
    if user.role in OWN:
        return Choice(topic, AlertScope.MINE, in_app=topic.name != "tier.changed.up", mail=mail)
    if user.role == Role.LEADER:
        return Choice(topic, widest if topic.name in _LEADERS else AlertScope.OFF, in_app=True, mail=mail)
    return Choice(topic, AlertScope.OFF, in_app=True, mail=mail)


def choices_now(user: User) -> Choices:
    """What is in force for a person, looked up."""
    return choices_of(user, Preference.objects.filter(user=user).first())


def choices_of(user: User, kept: Preference | None) -> Choices:
    """What is in force for a person whose row is at hand; None: they have none, and the defaults hold."""
    saved: dict[str, Any] = kept.topics if kept is not None else {}
    offered = scopes_of(user)
    topics = {
        name: _read(default_choice(user, topic), saved.get(name), offered)
        for name, topic in TOPICS.items()
        if may_choose(user, topic)
    }
    if kept is None:
        return Choices(topics, digest=True, digest_scope=offered[-1], revision=0)
    scope = AlertScope(kept.digest_scope)
    return Choices(topics, kept.digest, scope if scope in offered else offered[-1], kept.revision)


def _read(default: Choice, saved: Any, offered: tuple[AlertScope, ...]) -> Choice:
    """A saved choice. One that the person's role no longer offers falls back to the widest that it does; one that
    cannot be read, to the default."""
    if not isinstance(saved, dict):
        return default
    try:
        scope = AlertScope(saved.get("scope", default.scope))
        mail = Mailing(saved.get("mail", default.mail))
    except ValueError:
        return default
    return Choice(
        default.topic,
        scope if scope in offered else offered[-1],
        bool(saved.get("in_app", default.in_app)),
        mail,
    )
