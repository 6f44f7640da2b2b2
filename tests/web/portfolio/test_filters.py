"""Filters and orders of the portfolio, from an address to rows.

Truths: reference (rows picked by plain Python over all standings), property (the order is total and unknown is last
either way; an address written back reads the same). Requirements: R2, X2; bad input is told beside the field.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import QueryDict

from barograph_web.ops.workspace import today
from barograph_web.portfolio.filters import SORTS, UNKNOWN, Filters, order, query_of
from barograph_web.portfolio.models import Account, Standing, Week
from barograph_web.portfolio.queries_list import narrowed
from support.web_people import People

pytestmark = pytest.mark.django_db


def rows(people: People, address: str) -> list[Standing]:
    week = Week.objects.latest("as_of")
    filters = Filters.read(QueryDict(address))
    assert not filters.wrong
    found = narrowed(week, Account.objects.all(), filters, people.ada, today())
    return list(found.order_by("account_id"))


def everything() -> list[Standing]:
    week = Week.objects.latest("as_of")
    return list(Standing.objects.filter(week=week).select_related("account").order_by("account_id"))


def test_each_filter_keeps_what_it_says(people: People) -> None:
    every = everything()
    segment = next(s.account.segment for s in every if s.account.segment)
    last = today() + timedelta(days=90)
    part = every[0].account.name[1:4].upper()
    expected = {
        "": every,
        "tier=at_risk": [s for s in every if s.tier == "at_risk"],
        "tier=at_risk&tier=watch": [s for s in every if s.tier in {"at_risk", "watch"}],
        "moved=worse": [s for s in every if s.moved == "worse"],
        "moved=any": [s for s in every if s.moved not in {"", "new"}],
        "turning=1": [s for s in every if s.about_to_turn],
        "within=90": [s for s in every if s.opt_out_on and today() <= s.opt_out_on <= last],
        f"segment={segment}": [s for s in every if s.account.segment == segment],
        f"csm={UNKNOWN}": [s for s in every if s.account.csm_email is None],
        f"q={part}": [
            s
            for s in every
            if part.lower() in s.account.name.lower() or part.lower() in s.account.account_id.lower()
        ],
    }
    for address, wanted in expected.items():
        assert [s.pk for s in rows(people, address)] == [s.pk for s in wanted], address
    assert any(len(wanted) not in {0, len(every)} for wanted in expected.values())


def test_mine_is_the_persons_own(people: People) -> None:
    week = Week.objects.latest("as_of")
    found = narrowed(week, Account.objects.all(), Filters(mine=True), people.carla, today())
    assert {s.account.csm_email for s in found} == {people.carla.email}


@pytest.mark.parametrize("key", sorted(SORTS))
@pytest.mark.parametrize("sign", ["", "-"])
def test_orders_are_total_and_unknown_is_last(people: People, key: str, sign: str) -> None:
    week = Week.objects.latest("as_of")
    found = list(Standing.objects.filter(week=week).select_related("account").order_by(*order(sign + key)))
    assert len(found) == len(everything())
    name = SORTS[key][0].removeprefix("-").removeprefix("account__")
    values = [getattr(s.account if "account__" in SORTS[key][0] else s, name) for s in found]
    known = [v for v in values if v is not None]
    assert values == known + [None] * (len(values) - len(known))
    if name not in {"name", "csm_email"}:  # databases order text by their own rules
        assert known == sorted(known, reverse=sign == "-")


def test_worst_first_is_at_risk_first_then_unknown(people: People) -> None:
    week = Week.objects.latest("as_of")
    tiers = list(Standing.objects.filter(week=week).order_by(*order("risk")).values_list("tier", "arr"))
    place = ["at_risk", "insufficient", "watch", "healthy", "growth"]
    assert [place.index(t) for t, _ in tiers] == sorted(place.index(t) for t, _ in tiers)
    at_risk = [arr for t, arr in tiers if t == "at_risk" and arr is not None]
    assert at_risk == sorted(at_risk, reverse=True)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("within=soon", "within"),
        ("within=-1", "within"),
        ("within=99999", "within"),
        ("tier=red", "tier"),
        ("moved=x", "moved"),
    ],
)
def test_what_cannot_be_read_is_told_and_does_not_narrow(address: str, key: str) -> None:
    filters = Filters.read(QueryDict(address))
    assert list(filters.wrong) == [key]
    assert not filters.active


def test_an_address_keeps_filters_and_order_only() -> None:
    address = QueryDict("tier=watch&tier=at_risk&q=a%26b&page=3&panel=x&sort=-arr&segment=&mine=1")
    assert QueryDict(query_of(address)) == QueryDict("q=a%26b&tier=watch&tier=at_risk&mine=1&sort=-arr")
