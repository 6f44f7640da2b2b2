"""Which published weeks pages show."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from barograph_web.portfolio.models import Account, AccountWeek, Projection, Standing, Week


def newest_week() -> Week | None:
    """The week that pages open on; None before the first projection."""
    return Week.objects.defer("head").first()


def week_of(as_of: date) -> Week | None:
    """The week of that Monday; None when it was not published, or is no longer kept."""
    return Week.objects.defer("head").filter(as_of=as_of).first()


def week_before(week: Week) -> Week | None:
    """The published week before another one."""
    return Week.objects.defer("head").filter(as_of__lt=week.as_of).first()


def kept_weeks(at_most: int, until: date | None = None) -> list[Week]:
    """The newest weeks not after `until`, oldest first."""
    weeks = Week.objects.defer("head")
    if until is not None:
        weeks = weeks.filter(as_of__lte=until)
    return list(weeks[:at_most])[::-1]


def standings(week: Week, accounts: QuerySet[Account]) -> QuerySet[Standing]:
    """The standings of some accounts in a week, with their accounts and without the long documents.

    accounts: begins at `visibility.visible_accounts`. A week has standings while it is one of the newest two.
    """
    found = Standing.objects.filter(week=week).select_related("account").defer("detail", "review")
    return found.filter(account__in=accounts) if accounts.query.has_filters() else found


def account_weeks(accounts: QuerySet[Account]) -> QuerySet[AccountWeek]:
    """What was published about some accounts in the weeks that pages show."""
    found = AccountWeek.objects.filter(week__is_shown=True)
    return found.filter(account__in=accounts) if accounts.query.has_filters() else found


def last_projection() -> Projection | None:
    """When, and from which state of the lake, the weeks were brought in last."""
    return Projection.objects.first()
