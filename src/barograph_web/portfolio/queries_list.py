"""Reads of the portfolio's table: rows, counts by tier, what can be chosen in filters, groups, the account finder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Lower

from barograph_web.portfolio.filters import ATTRIBUTES, UNKNOWN, Filters, order
from barograph_web.portfolio.models import WORST_FIRST, Account, SavedView, Standing, Week
from barograph_web.portfolio.remembered import remembered
from barograph_web.portfolio.visibility import own_accounts
from barograph_web.portfolio.weeks import standings
from barograph_web.users.models import User

ROWS = 50
FOUND = 10
GROUP_ROWS = 100
MOST_EXPORTED = 200_000
LISTED_TIERS = WORST_FIRST
GROUPS = {
    "segment": "Segment",
    "csm": "CSM",
    "plan": "Plan",
    "lifecycle": "Lifecycle",
    "am": "Account manager",
}


@dataclass(frozen=True, slots=True)
class TierCount:
    """Accounts of a tier. arr: their known revenue; None when it is known of none of them."""

    tier: str
    label: str
    accounts: int
    arr: float | None


def narrowed(
    week: Week, accounts: QuerySet[Account], filters: Filters, user: User, today: date
) -> QuerySet[Standing]:
    """The standings of the week that pass the filters. accounts: those that the person may see."""
    until = None if filters.within is None else (today, today + timedelta(days=filters.within))
    own = own_accounts(user, today) if filters.mine else Account.objects.none()
    return filters.apply(standings(week, accounts), own, until)


def page_of(rows: QuerySet[Standing], sort: str, number: str | None) -> Page:
    """One page of the table; a number beyond the last is the last.

    The keys are put in order first, which indexes hold without the long rows; then the page's rows are read.
    """
    page = Paginator(rows.order_by(*order(sort)).values_list("pk", flat=True), ROWS).get_page(number)
    keys = list(page.object_list)
    found = rows.in_bulk(keys)
    page.object_list = [found[key] for key in keys if key in found]
    with_owners(page.object_list)
    return page


def with_owners(rows: Iterable[Standing]) -> None:
    """Give each standing `owner_name`: the name of the person whose account it is, else the address's first part."""
    found = list(rows)
    names = people({row.account.csm_email for row in found if row.account.csm_email})
    for row in found:
        row.owner_name = names.get(row.account.csm_email or "", "")  # type: ignore[attr-defined]


def people(addresses: set[str]) -> dict[str, str]:
    """Address -> what to call the person."""
    known = dict(
        User.objects.annotate(lower=Lower("email"))
        .filter(lower__in={a.lower() for a in addresses})
        .values_list("lower", "name")
    )
    return {a: known.get(a.lower()) or readable(a) for a in addresses}


def readable(address: str) -> str:
    """ "kamala.okafor@example.com" as "Kamala Okafor", for people who have no account here."""
    words = address.partition("@")[0].replace("_", ".").replace("-", ".").split(".")
    return " ".join(word[:1].upper() + word[1:] for word in words if word) or address


def tier_counts(week: Week, accounts: QuerySet[Account]) -> list[TierCount]:
    """How the accounts that a person may see stand, worst tier first, every tier."""
    if accounts.query.has_filters():
        rows = (
            standings(week, accounts)
            .order_by()
            .values("tier_order")
            .annotate(n=Count("pk"), known=Count("arr"), total=Sum("arr"))
        )
        cells = {r["tier_order"]: (r["n"], r["total"] if r["known"] else None) for r in rows}
        found = {tier: cells.get(k, (0, None)) for k, tier in enumerate(LISTED_TIERS)}
    else:
        found = {
            tier: (int(n), arr if n > unknown else None)
            for tier, (n, arr, unknown) in ((t, week.totals.get(t, [0, 0.0, 0])) for t in LISTED_TIERS)
        }
    return [TierCount(tier.value, tier.label, n, arr) for tier, (n, arr) in found.items()]


def choices(week: Week, accounts: QuerySet[Account]) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen for each attribute: (value, label), with "unknown" where it is not known of some."""
    return remembered("choices", [week], accounts, lambda: _choices(accounts))


def _choices(accounts: QuerySet[Account]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for key, name in ATTRIBUTES.items():
        values = list(accounts.filter(is_current=True).order_by(name).values_list(name, flat=True).distinct())
        told = [(v, readable(v) if key in {"csm", "am"} else v) for v in values if v]
        found[key] = told + ([(UNKNOWN, "unknown")] if None in values and told else [])
    return found


def groups(week: Week, accounts: QuerySet[Account], by: str) -> list[dict[str, Any]]:
    """The portfolio by an attribute: per value the accounts and revenue of each tier, largest revenue first.

    by: a key of GROUPS. Items: value, label, accounts, arr, tiers (as TierCount, worst first), falling (accounts that
    fell a tier this week), at_risk_arr and at_risk_share (of the known revenue; None without any).
    """
    found = remembered(f"groups:{by}", [week], accounts, lambda: _groups(week, accounts, by))
    names = people({g["value"] for g in found if g["value"]}) if by in {"csm", "am"} else {}
    named = [{**group, "label": names.get(group["value"], group["value"])} for group in found]
    return sorted(named, key=lambda g: (-(g["arr"] or 0.0), str(g["label"])))


def _groups(week: Week, accounts: QuerySet[Account], by: str) -> list[dict[str, Any]]:
    name = f"account__{ATTRIBUTES[by]}"
    rows = (
        standings(week, accounts)
        .order_by()
        .values(name, "tier_order")
        .annotate(
            n=Count("pk"), known=Count("arr"), total=Sum("arr"), fell=Count("pk", filter=Q(moved="worse"))
        )
    )
    cells: dict[str | None, dict[int, dict[str, Any]]] = {}
    for row in rows:
        cells.setdefault(row[name], {})[row["tier_order"]] = row
    return [_group(value, by, tiers) for value, tiers in cells.items()]


def _group(value: str | None, by: str, tiers: dict[int, dict[str, Any]]) -> dict[str, Any]:
    counts = [
        TierCount(tier.value, tier.label, row["n"] if row else 0, row["total"] if row else None)
        for tier, row in ((t, tiers.get(k)) for k, t in enumerate(LISTED_TIERS))
    ]
    known = any(row["known"] for row in tiers.values())
    total = sum(c.arr or 0.0 for c in counts)
    at_risk = counts[0].arr or 0.0
    return {
        "by": by,
        "value": value,
        "key": value or UNKNOWN,
        "accounts": sum(c.accounts for c in counts),
        "arr": total if known else None,
        "tiers": counts,
        "falling": sum(row["fell"] for row in tiers.values()),
        "at_risk_arr": at_risk if known else None,
        "at_risk_share": at_risk / total if total else None,
    }


def find(accounts: QuerySet[Account], text: str) -> list[Account]:
    """At most ten accounts whose name or id contains `text`: those that begin with it first, then by name."""
    text = text.replace("\x00", "").strip()
    if not text:
        return []
    begins = Q(name__istartswith=text) | Q(account_id__istartswith=text)
    place = Case(When(begins, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = accounts.filter(Q(name__icontains=text) | Q(account_id__icontains=text))
    return list(found.annotate(place=place).order_by("-is_current", "place", "name", "account_id")[:FOUND])


def export_rows(rows: QuerySet[Standing], sort: str) -> list[dict[str, Any]]:
    """The table as flat rows for a file, all pages of it."""
    columns = {
        "account_id": F("account__account_id"),
        "name": F("account__name"),
        "segment": F("account__segment"),
        "plan": F("account__plan"),
        "lifecycle": F("account__lifecycle"),
        "csm_email": F("account__csm_email"),
        "am_email": F("account__am_email"),
        "renewal": F("account__renewal_on"),
        "last_touch": F("account__last_touch_on"),
    }
    plain = (
        "score",
        "tier",
        "previous_tier",
        "tier_since",
        "previous_score",
        "change_4_weeks",
        "arr",
        "opt_out_on",
    )
    named = {f"_{name}": column for name, column in columns.items()}
    found = rows.order_by(*order(sort)).values(*plain, **named)[:MOST_EXPORTED]
    return [
        {**{name: row[f"_{name}"] for name in columns}, **{name: row[name] for name in plain}}
        for row in found
    ]


def saved_views(user: User, page: str) -> list[SavedView]:
    """A person's own views of a page, and those that are shared."""
    found = SavedView.objects.filter(page=page).filter(Q(owner=user) | Q(shared=True))
    return list(found.select_related("owner").order_by("name", "pk"))
