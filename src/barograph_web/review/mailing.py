"""Minutes by mail: one run per person, so that each is sent once, whoever asks how often, and never in the request.

Only people of the application get them, and only those who may read them there.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from barograph.errors import BarographError, UsageError
from barograph_web.ops.audit import audit
from barograph_web.ops.models import Run, RunKind, RunState
from barograph_web.ops.running import RunContext
from barograph_web.ops.services import request_run, retry_run
from barograph_web.ops.workspace import now, today
from barograph_web.review.document_text import document_html, document_markdown
from barograph_web.review.documents import name_of
from barograph_web.review.models import Minutes
from barograph_web.review.scopes import scope_of
from barograph_web.users.invitations import absolute
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may

ENDED_BADLY = (RunState.FAILED, RunState.REFUSED)


class MailError(BarographError):
    """The mail server did not take a message."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may read the minutes, and what became of sending them. run: None while nobody asked."""

    user: User
    run: Run | None


def readable_by(user: User, day: date) -> QuerySet[Minutes]:
    """Minutes name accounts: whoever sees all accounts reads all of them, others those that they closed."""
    every = Minutes.objects.all()
    return every if scope_of(user, day, {"scope": "all"}).whole else every.filter(closed_by=user)


def can_mail() -> bool:
    """Whether the settings name a mail server."""
    return bool(settings.OPTIONS_IN_FORCE.mail_url)


def recipients(minutes: Minutes, day: date) -> list[Recipient]:
    """Everybody who may read the minutes, by name, with what became of sending them."""
    runs = {run.arguments["to"]: run for run in _runs(minutes)}
    people = User.objects.filter(is_active=True).select_related("team").order_by("name")
    return [Recipient(user, runs.get(user.pk)) for user in people if _may_read(user, minutes, day)]


def send(minutes: Minutes, chosen: Iterable[int], by: User) -> list[Run]:
    """Ask for the minutes to be sent to people by their numbers; who was sent them already is not sent them again,
    where it failed it is tried again.

    Raises UsageError without a mail server, for nobody, and for somebody who may not read them.
    """
    if not can_mail():
        raise UsageError(
            "no mail server is set up.", hint="Set BAROGRAPH_MAIL_URL, or send the file yourself."
        )
    wanted = set(chosen)
    people = [one.user for one in recipients(minutes, today()) if one.user.pk in wanted]
    if not wanted:
        raise UsageError("nobody is chosen.", hint="Tick who gets them.")
    if len(people) != len(wanted):
        raise UsageError("somebody among them may not read these minutes.", hint="Choose again.")
    with transaction.atomic():
        runs = [_asked(minutes, user, by) for user in people]
        audit("minutes.sent", minutes, after={"to": [f"{user.name} <{user.email}>" for user in people]})
    return runs


def deliver(run: RunContext) -> dict[str, Any]:
    """Handler of RunKind.MINUTES. Arguments: minutes, to (numbers). Raises UsageError when either is gone or may no
    longer read them, MailError with the server's words."""
    arguments: Mapping[str, Any] = run.arguments
    minutes = Minutes.objects.filter(pk=arguments["minutes"]).first()
    user = User.objects.filter(pk=arguments["to"], is_active=True).select_related("team").first()
    if minutes is None or user is None or not _may_read(user, minutes, today()):
        raise UsageError("the minutes or the person are gone, or they may no longer read them.")
    with run.step("Sending") as step:
        try:
            sent = message(minutes, user).send()
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(
                f"the mail server did not take it: {type(error).__name__}: {error}",
                hint="Check BAROGRAPH_MAIL_URL, then try again.",
            ) from error
        step.count(sent=sent)
    return {"sent": sent}


def message(minutes: Minutes, user: User) -> EmailMessage:
    """The mail: the minutes as text, and as one file that opens without the application."""
    document = minutes.document
    address = absolute(reverse("review:minutes", args=[minutes.pk]))
    words = f"{document_markdown(document)}\nAs a page: {address}\n"
    subject = f"Monday review, week of {minutes.week:%-d %b %Y}: minutes ({minutes.scope or 'all accounts'})"
    mail = EmailMessage(" ".join(subject.split()), words, None, [user.email])
    mail.attach(f"{name_of(document)}.html", document_html(document), "text/html")
    return mail


def _asked(minutes: Minutes, user: User, by: User) -> Run:
    arguments = {"minutes": minutes.pk, "to": user.pk}
    run = request_run(RunKind.MINUTES, f"{minutes.pk}:{user.pk}", arguments, by)
    return retry_run(run, by, now()) if run.state in ENDED_BADLY else run


def _runs(minutes: Minutes) -> QuerySet[Run]:
    return Run.objects.filter(kind=RunKind.MINUTES, key__startswith=f"{minutes.pk}:")


def _may_read(user: User, minutes: Minutes, day: date) -> bool:
    if not may(user, May.SEE_REVIEW):
        return False
    return minutes.closed_by_id == user.pk or scope_of(user, day, {"scope": "all"}).whole
