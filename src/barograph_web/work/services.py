"""Writes of this app: comments with the people they name, their erasure. Tasks are written by plays.services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from barograph_web.alerts.events import emit
from barograph_web.ops.audit import audit
from barograph_web.plays.errors import RefusedError
from barograph_web.plays.models import Task
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import people_who_see
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may
from barograph_web.work.mention_text import AmbiguousError, Named, Person, named, plain
from barograph_web.work.models import Comment, Mention

LONGEST = 4000
EXCERPT = 400
MOST_NAMED = 20


def can_be_named(account: Account, today: date) -> list[User]:
    """Whom a comment about this account may name: everybody who sees it and has work in the application."""
    return [user for user in people_who_see(account, today).order_by("name") if may(user, May.SEE_WORK)]


def can_be_named_on(task: Task, today: date) -> list[User]:
    """The same for the account of a task; nobody when the account is not there any more."""
    account = Account.objects.filter(account_id=task.account_id).first()
    return [] if account is None else can_be_named(account, today)


def write_comment(
    task: Task, account: Account, *, by: User, body: str, now: datetime, today: date
) -> Comment:
    """Add a comment to a task; whoever is named with `@` is told (`mention.made`), but not of naming oneself.

    The audit log has that it was written, not what it says, so that it can be erased for good. Raises RefusedError for
    an empty body, one of more than LONGEST characters, a name that several people have, and more than MOST_NAMED
    people.
    """
    text = body.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise RefusedError("body", "Write something first.")
    if len(text) > LONGEST:
        raise RefusedError(
            "body", f"This has {len(text):,} characters; at most {LONGEST:,} are kept. Shorten it."
        )
    people = {user.pk: user for user in can_be_named(account, today)}
    found = _named(text, people.values())
    if len(found.people) > MOST_NAMED:
        raise RefusedError(
            "body", f"It names {len(found.people)} people; at most {MOST_NAMED} are told at once."
        )
    with transaction.atomic():
        comment = Comment.objects.create(
            task=task, account_id=task.account_id, author=by, author_label=by.name, body=found.stored,
            written_at=now,
        )  # fmt: skip
        Mention.objects.bulk_create([Mention(comment=comment, user=people[pk]) for pk in found.people])
        audit(
            "comment.written", _label(comment), after={"characters": len(text), "named": len(found.people)},
            account_id=task.account_id,
        )  # fmt: skip
        told = [people[pk].email for pk in found.people if pk != by.pk]
        if told:
            excerpt = plain(found.stored, {pk: user.name for pk, user in people.items()})
            emit(
                "mention.made", key=f"comment:{comment.pk}", at=now, account_id=task.account_id,
                payload={
                    "to_emails": told, "by": by.name, "where": task.title, "task_id": task.pk,
                    "excerpt": excerpt if len(excerpt) <= EXCERPT else f"{excerpt[: EXCERPT - 1]}…",
                },
            )  # fmt: skip
    return comment


def erase_comment(comment: Comment, *, by: User, now: datetime) -> bool:
    """Erase what a comment says; who wrote when stays. Whether it said anything. Raises PermissionDenied for somebody
    else's, unless one may erase people's data."""
    if comment.author_id != by.pk and not may(by, May.ERASE_PEOPLE):
        raise PermissionDenied("Only the person who wrote a comment, or an administrator, can erase it.")
    with transaction.atomic():
        if not Comment.objects.filter(pk=comment.pk, erased_at=None).update(body="", erased_at=now):
            return False
        Mention.objects.filter(comment=comment).delete()
        audit("comment.erased", _label(comment), account_id=comment.account_id)
    return True


def _named(text: str, people: Iterable[User]) -> Named:
    try:
        return named(text, [Person(user.pk, user.name, user.email) for user in people])
    except AmbiguousError as error:
        raise RefusedError("body", str(error)) from error


def _label(comment: Comment) -> tuple[str, str, str]:
    return ("work.comment", str(comment.pk), f"comment of {comment.author_label}"[:200])
