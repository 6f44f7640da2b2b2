"""The weekly digest: Monday 07:00 by the workspace's clocks, five accounts at risk, five to expand, by revenue, and
what moved. One mail per person and week, however often it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone

from barograph.reports.render.phrases import counted, date_words, rough_money, score_words
from barograph_web.alerts.choices import Choices, choices_of
from barograph_web.alerts.letters import Letter, Line, Section
from barograph_web.alerts.mailing import alerts_url, line_of, settings_url, visible_notices, write
from barograph_web.alerts.models import (
    AlertScope,
    Mail,
    Mailing,
    MailKind,
    Notice,
    OutgoingState,
    Preference,
)
from barograph_web.alerts.scopes import accounts_in
from barograph_web.ops.schedule import newest_due, weekly_of
from barograph_web.ops.workspace import workspace
from barograph_web.portfolio.models import Standing, Tier, Week
from barograph_web.portfolio.weeks import newest_week, standings
from barograph_web.ui.place import reporting_currency, workspace_name
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may

TOP = 5
LISTED = 20
PATIENCE = timedelta(hours=3)
"""How long the digest waits for the week's refresh."""
LATEST = timedelta(hours=24)
"""A digest that could not be sent for so long is left out."""
LOOKED_BACK = timedelta(days=8)


def digest_due(now: datetime) -> int:
    """Write the digests that are due; how many mails.

    It waits up to PATIENCE for the week's refresh, and then goes with the week before, saying so.
    """
    options = settings.OPTIONS_IN_FORCE
    schedule = weekly_of(options.digest_weekday, options.digest_time)
    if schedule is None:
        return 0
    due = newest_due(schedule, workspace().zone, now)
    week = newest_week()
    if now - due.at > LATEST or week is None:
        return 0
    if week.as_of < due.monday and now - due.at < PATIENCE:
        return 0
    ending = f"digest:{due.monday.isoformat()}:"
    there = set(Mail.objects.filter(key__startswith=ending).values_list("key", flat=True))
    preferences = {kept.user_id: kept for kept in Preference.objects.all()}
    today = now.astimezone(workspace().zone).date()
    made = 0
    for user in User.objects.filter(is_active=True).select_related("team"):
        key = f"{ending}{user.pk}"
        if key in there or not may(user, May.OWN_ALERTS):
            continue
        chosen = choices_of(user, preferences.get(user.pk))
        if chosen.digest:
            made += _write_for(user, chosen, week, key, due.monday, now, today)
    return made


def _write_for(
    user: User, chosen: Choices, week: Week, key: str, monday: date, now: datetime, today: date
) -> int:
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if Mail.objects.filter(key=key).exists():
            return 0
        found = digest_notices(user, now, today)
        letter = digest_letter(user, chosen.digest_scope, week, found, monday, today)
        if letter is None:
            # Nothing to say is said once as well: otherwise it would be worked out again every minute.
            Mail.objects.create(
                user=user, kind=MailKind.DIGEST, key=key, subject="", state=OutgoingState.CANCELLED,
                made_at=now, due_at=now, ended_at=now, error="no accounts in this scope, and nothing happened",
            )  # fmt: skip
            return 0
        mail = write(user, MailKind.DIGEST, key, letter, now)
        Notice.objects.filter(pk__in=[notice.pk for notice in found]).update(mail=mail)
    return 1


def digest_notices(user: User, now: datetime, today: date) -> list[Notice]:
    """What the person wanted in the digest and no mail has told, downward first, then by revenue."""
    waiting = Notice.objects.filter(
        user=user, mailing=Mailing.DIGEST, mail=None, made_at__gt=now - LOOKED_BACK
    ).select_related("event")
    found = visible_notices(user, list(waiting), today)
    return sorted(found, key=lambda n: (n.event.weight, -(n.event.payload.get("arr") or 0.0), n.pk))


def digest_letter(
    user: User, scope: AlertScope, week: Week, notices: Sequence[Notice], monday: date, today: date
) -> Letter | None:
    """The digest of one person; None when there is nothing to say. monday: the week that it is due for."""
    rows = standings(week, accounts_in(scope, user, today))
    accounts = rows.count()
    if not accounts and not notices:
        return None
    late = week.as_of < monday
    left = len(notices) - LISTED
    return Letter(
        subject=f"{workspace_name()}: week of {date_words(monday.isoformat())}",
        intro=(
            f"Good morning {user.name}. {_whose(scope)}: {counted(accounts, 'account')} as of "
            f"{date_words(week.as_of.isoformat())}, model {week.model_version}."
        ),
        warning=(
            f"No week of {date_words(monday.isoformat())} is published yet: these are the figures of "
            f"{date_words(week.as_of.isoformat())}."
            if late
            else ""
        ),
        sections=[
            _top(rows, Tier.AT_RISK, "At risk", "No account is At Risk."),
            _top(rows, Tier.GROWTH, "Ready to expand", "No account is in Growth."),
            Section(
                "What moved",
                [line_of(notice) for notice in notices[:LISTED]],
                empty="Nothing that you chose to be told moved since the last digest.",
                more=f"{counted(left, 'more change')} in the application: {alerts_url()}" if left > 0 else "",
            ),
        ],
        settings_url=settings_url(),
        notes=(
            "A score is a hypothesis about how a renewal will go. Scores run from 0 to 100; higher is healthier.",
        ),
    )


def _top(rows: QuerySet[Standing], tier: Tier, title: str, empty: str) -> Section:
    """The TOP accounts of a tier by revenue, and how many there are besides."""
    there = rows.filter(tier=tier)
    totals = there.aggregate(accounts=Count("pk"), arr=Sum("arr"))
    lines = [_line(row) for row in there.order_by(F("arr").desc(nulls_last=True), "account_id")[:TOP]]
    more = ""
    if totals["accounts"] > len(lines):
        money = f", {rough_money(totals['arr'], reporting_currency())}" if totals["arr"] is not None else ""
        more = f"{TOP} of {counted(totals['accounts'], 'account')}{money} in all."
    return Section(title, lines, empty, more)


def _line(row: Standing) -> Line:
    base = settings.OPTIONS_IN_FORCE.base_url.rstrip("/")
    parts = [
        "revenue unknown" if row.arr is None else rough_money(row.arr, reporting_currency()),
        f"score {score_words(row.score)}" if row.score is not None else "no score",
    ]
    if row.opt_out_on is not None:
        parts.append(f"opt-out {date_words(row.opt_out_on.isoformat())}")
    if row.previous_tier is not None and row.previous_tier != row.tier:
        parts.append("new this week")
    return Line(
        row.account.name,
        base + reverse("portfolio:account", args=[row.account.account_id]),
        ", ".join(parts),
        row.tier,
    )


def _whose(scope: AlertScope) -> str:
    return {AlertScope.MINE: "Your accounts", AlertScope.TEAM: "Your team's accounts"}.get(
        scope, "All accounts that you may see"
    )


def next_digest(now: datetime) -> datetime | None:
    """When the next one is due, on the workspace's clocks; None when the settings have none."""
    from barograph_web.ops.schedule import next_due  # noqa: PLC0415 - used once

    options = settings.OPTIONS_IN_FORCE
    schedule = weekly_of(options.digest_weekday, options.digest_time)
    return (
        None
        if schedule is None
        else timezone.localtime(next_due(schedule, workspace().zone, now).at, workspace().zone)
    )
