"""Reads of one account's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet

from barograph.core.calendar import day_number
from barograph.errors import BarographError
from barograph.workspace import Workspace
from barograph_web.ops.models import AuditEvent
from barograph_web.portfolio.models import (
    Account,
    AccountFact,
    AccountWeek,
    FactKind,
    GuestGrant,
    Note,
    Standing,
    Week,
)

HISTORY = 52
"""Weeks that the history of the score shows."""
SEPARATOR = " / "
KEY_ROLES = ("sponsor", "champion", "economic_buyer", "admin")
MOST_NOTES = 50
MOST_PARTS = 50
MOST_WRITES = 50


@dataclass(frozen=True)
class AccountPage:
    """What the account's page is about; the subject of the panels "account" and "account_side".

    week: the week shown, None before the first projection. newest: the newest week. point: the account's row of that
    week, None when it was not scored then. detail: the account's part of `barograph.explain/1` (newest two weeks) or
    of `reports.past` (any earlier one, without the sentences that need the other accounts); empty without either.
    entry: the account's entry of `barograph.review/1`, empty for earlier weeks.
    """

    account: Account
    today: date
    week: Week | None
    newest: Week | None
    point: AccountWeek | None
    standing: Standing | None
    detail: Mapping[str, Any]

    @property
    def account_id(self) -> str:
        return self.account.account_id

    @property
    def is_past(self) -> bool:
        """Whether an earlier week than the newest is shown."""
        return self.week is not None and self.newest is not None and self.week.pk != self.newest.pk

    @property
    def entry(self) -> Mapping[str, Any]:
        return self.standing.review if self.standing is not None else {}

    @property
    def facts_of(self) -> str:
        """The account whose facts these are: where products are scored, the one that the product belongs to."""
        owner = self.account_id.rpartition(SEPARATOR)[0]
        return owner or self.account_id

    @cached_property
    def weeks(self) -> list[AccountWeek]:
        """What was published about it, the last HISTORY weeks up to the newest, oldest first, `week` loaded."""
        if self.newest is None:
            return []
        rows = AccountWeek.objects.filter(account=self.account, week__is_shown=True).select_related("week")
        return list(rows.defer("week__head", "week__totals").order_by("-week__as_of")[:HISTORY])[::-1]

    @cached_property
    def fact_counts(self) -> dict[str, int]:
        """How many facts of each kind are here, in the order of FactKind; kinds without any are left out."""
        rows = self._facts().order_by().values_list("kind").annotate(n=Count("pk"))
        found = dict(rows)
        return {kind: found[kind] for kind in FactKind.values if kind in found}

    def facts(self, *kinds: str) -> list[AccountFact]:
        """Its facts, newest first; of some kinds, or all."""
        rows = self._facts()
        return list((rows.filter(kind__in=kinds) if kinds else rows).order_by("-on", "key"))

    @cached_property
    def contacts(self) -> list[AccountFact]:
        return self.facts(FactKind.CONTACT)

    @cached_property
    def names(self) -> dict[str, str]:
        """contact_id -> name."""
        return {
            str(fact.data["contact_id"]): str(fact.data["name"])
            for fact in self.contacts
            if fact.data.get("name") and fact.data.get("contact_id")
        }

    def key_people(self) -> list[AccountFact]:
        """Sponsors, champions, buyers and administrators, those who are there first."""
        found = [fact for fact in self.contacts if fact.data.get("role") in KEY_ROLES]
        return sorted(
            found,
            key=lambda f: (
                bool(f.data.get("valid_to")),
                KEY_ROLES.index(f.data["role"]),
                str(f.data.get("name")),
            ),
        )

    def _facts(self) -> QuerySet[AccountFact]:
        return AccountFact.objects.filter(account_id__in={self.account_id, self.facts_of})


def account_page(
    account: Account, week: Week | None, newest: Week | None, today: date, place: Workspace
) -> AccountPage:
    """The page of an account that the person may see, in a week. place: read for weeks without standings only."""
    if week is None:
        return AccountPage(account, today, None, newest, None, None, {})
    point = AccountWeek.objects.filter(account=account, week=week).first()
    standing = Standing.objects.filter(account=account, week=week).first()
    if standing is not None:
        detail: Mapping[str, Any] = standing.detail
    else:
        detail = _published(place, week, account) if point is not None else {}
    return AccountPage(account, today, week, newest, point, standing, detail)


def _published(place: Workspace, week: Week, account: Account) -> Mapping[str, Any]:
    """From the file that was published. One that is gone costs the decomposition, not the page."""
    from barograph.reports.past import past_entry  # noqa: PLC0415 - Arrow and DuckDB, only for weeks long past

    try:
        return past_entry(place, day_number(week.as_of), account.account_id) or {}
    except BarographError:
        return {}


def notes_of(account_id: str) -> list[Note]:
    """The notes that stand: neither replaced nor erased, newest first."""
    rows = Note.objects.filter(account_id=account_id, replaced_by=None, erased_at=None)
    return list(rows.select_related("author", "replaces").order_by("-written_at", "-pk")[:MOST_NOTES])


def grants_of(account_id: str, today: date) -> list[GuestGrant]:
    """With which guests the account is shared, today or later."""
    rows = GuestGrant.objects.filter(account_id=account_id, until__gte=today).select_related("guest")
    return list(rows.order_by("until", "pk"))


def writes_of(account_id: str) -> list[AuditEvent]:
    """What people wrote about the account, newest first."""
    return list(AuditEvent.objects.filter(account_id=account_id)[:MOST_WRITES])


def parts_and_wholes(page: AccountPage, accounts: QuerySet[Account]) -> dict[str, list[Account]]:
    """The accounts that this one is part of, and those that are part of it, as far as the person may see them."""
    wholes = [*page.detail.get("part_of", []), page.account.parent_account_id or ""]
    ids = [name for name in dict.fromkeys(wholes) if name and name != page.account_id]
    # Without an order: the index of names would be walked to its end for an account without parts.
    parts = accounts.filter(parent_account_id=page.account_id, is_current=True).order_by()[:MOST_PARTS]
    return {
        "wholes": list(accounts.filter(account_id__in=ids)) if ids else [],
        "parts": sorted(parts, key=lambda account: (account.name, account.account_id)),
    }
