"""Alerts by mail: what somebody wanted at once is gathered into one mail, and mails that are due are sent."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.urls import reverse

from barograph.reports.render.phrases import counted
from barograph_web.alerts import outgoing
from barograph_web.alerts.letters import Letter, Line, Section, as_html, as_text, subject_of
from barograph_web.alerts.messages import address_of
from barograph_web.alerts.models import Mail, Mailing, MailKind, Notice
from barograph_web.alerts.words import because, called, figures, sentence
from barograph_web.ops.redaction import without_secrets
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.ui.place import reporting_currency, workspace_name
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may

GATHERING = timedelta(seconds=60)
"""What comes within this time goes in one mail."""
TOO_OLD = timedelta(days=3)
"""What could not be written for so long (nobody's worker ran) is in the application only."""
LISTED = 25
ROUND = 20.0
"""Seconds one round may begin further mails."""


def gather(now: datetime, today: date) -> int:
    """Write the mails of notices that wanted one at once and have waited a while; how many mails.

    Each person's in one transaction under the lock of their row, so that two workers never tell the same in two mails.
    """
    waiting = Notice.objects.filter(mailing=Mailing.AT_ONCE, mail=None, made_at__gt=now - TOO_OLD)
    ready = waiting.filter(made_at__lte=now - GATHERING).order_by().values_list("user", flat=True).distinct()
    return sum(_gather_for(user_id, now, today) for user_id in list(ready))


def _gather_for(user_id: int, now: datetime, today: date) -> int:
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user_id)
        found = list(
            Notice.objects.filter(user=user, mailing=Mailing.AT_ONCE, mail=None, made_at__gt=now - TOO_OLD)
            .select_related("event")
            .order_by("event__weight", "-event")
        )
        told = visible_notices(user, found, today) if may(user, May.OWN_ALERTS) else []
        silent = {notice.pk for notice in found} - {notice.pk for notice in told}
        Notice.objects.filter(pk__in=silent).update(mailing=Mailing.NO)
        if not told:
            return 0
        newest = max(notice.pk for notice in told)
        mail = write(user, MailKind.AT_ONCE, f"at-once:{user.pk}:{newest}", at_once_letter(told), now)
        Notice.objects.filter(pk__in=[notice.pk for notice in told]).update(mail=mail)
    return 1


def visible_notices(user: User, notices: Sequence[Notice], today: date) -> list[Notice]:
    """Those whose account the person still sees, or that name them; the order stays. Each gets its `words`."""
    wanted = {n.event.account_id for n in notices if n.event.account_id}
    seen = set(
        visible_accounts(user, today).filter(account_id__in=wanted).values_list("account_id", flat=True)
    )
    names = dict(Account.objects.filter(account_id__in=wanted).values_list("account_id", "name"))
    people = called((notice.event for notice in notices), user)
    found = []
    for notice in notices:
        account_id = notice.event.account_id
        if not account_id or notice.named or account_id in seen:
            notice.words = sentence(notice.event, names.get(account_id, ""), people)  # type: ignore[attr-defined]
            found.append(notice)
    return found


def at_once_letter(notices: Sequence[Notice]) -> Letter:
    """Notices that were made visible, most urgent first."""
    lines = [line_of(notice) for notice in notices]
    first = lines[0].text
    subject = first if len(lines) == 1 else f"{first}, and {len(lines) - 1:,} more"
    left = len(lines) - LISTED
    return Letter(
        subject=subject,
        intro=f"{counted(len(lines), 'alert')} from Barograph, {workspace_name()}.",
        sections=[
            Section(
                "What happened",
                lines[:LISTED],
                more=f"{counted(left, 'more alert')} in the application: {alerts_url()}" if left > 0 else "",
            )
        ],
        settings_url=settings_url(),
        notes=(
            "A score is a hypothesis about how a renewal will go. Scores run from 0 to 100; higher is healthier.",
        ),
    )


def line_of(notice: Notice) -> Line:
    """One notice as a line of a mail. It was made visible before."""
    event = notice.event
    detail = ". ".join(p.rstrip(".") for p in (figures(event, reporting_currency()), because(event)) if p)
    tier = event.payload.get("after", "") if event.kind == "tier.changed" else ""
    return Line(notice.words, address_of(event), detail, tier)  # type: ignore[attr-defined]


def write(user: User, kind: MailKind, key: str, letter: Letter, now: datetime) -> Mail:
    """Put a mail in the outbox. The same key finds the mail that is there."""
    mail, _ = Mail.objects.get_or_create(
        key=key,
        defaults={
            "user": user,
            "kind": kind,
            "subject": subject_of(letter),
            "text": as_text(letter),
            "html": as_html(letter),
            "made_at": now,
            "due_at": now,
        },
    )
    return mail


def send_due(now: datetime) -> int:
    """Send the mails that are due; how many were sent. One connection serves the round; when the server cannot be
    reached the round ends, and the mails that were not tried keep their attempts."""
    began = time.monotonic()
    connection: BaseEmailBackend | None = None
    sent = 0
    try:
        while (passed := time.monotonic() - began) < ROUND:
            at = now + timedelta(seconds=passed)
            claim = outgoing.claim_next(Mail, at)
            if claim is None:
                break
            mail = Mail.objects.select_related("user").get(pk=claim.pk)
            if not mail.user.is_active:
                outgoing.failed(Mail, claim, at, "the person is not active any more", for_good=True)
                continue
            try:
                connection = connection or get_connection()
                connection.open()
                _message(mail, connection).send()
            except (OSError, smtplib.SMTPException) as error:
                refused = isinstance(error, smtplib.SMTPRecipientsRefused) and _for_good(error)
                outgoing.failed(Mail, claim, at, without_secrets(_words(error)), for_good=refused)
                _close(connection)
                connection = None
                if not isinstance(error, smtplib.SMTPRecipientsRefused):
                    break
            else:
                sent += outgoing.delivered(Mail, claim, at, text="", html="")
    finally:
        _close(connection)
    return sent


def alerts_url() -> str:
    """The whole address of a person's alerts."""
    return settings.OPTIONS_IN_FORCE.base_url.rstrip("/") + reverse("alerts:mine")


def settings_url() -> str:
    """The whole address of a person's settings of alerts."""
    return settings.OPTIONS_IN_FORCE.base_url.rstrip("/") + reverse("alerts:settings")


def _message(mail: Mail, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    """The same Message-ID in every attempt, so that a mail that came twice is shown once."""
    host = urlsplit(settings.OPTIONS_IN_FORCE.base_url).hostname or "localhost"
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.user.email],
        connection=connection,
        headers={"Message-ID": f"<{mail.public_id}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def _for_good(error: smtplib.SMTPRecipientsRefused) -> bool:
    return all(500 <= code < 600 for code, _words in error.recipients.values())


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "the mail server refused the address"
    if isinstance(error, smtplib.SMTPResponseException):
        told = error.smtp_error
        text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
        return f"the mail server said {error.smtp_code} {text}"
    if isinstance(error, OSError):
        return f"the mail server could not be reached: {error.strerror or error}"
    return f"the mail server did not take it: {type(error).__name__}"


def _close(connection: BaseEmailBackend | None) -> None:
    if connection is not None:
        try:
            connection.close()
        except (OSError, smtplib.SMTPException):
            return  # it is gone already
