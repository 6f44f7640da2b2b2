"""Tiers over time, movement between two weeks and the structural alarm, over what a person may see.

Truths: reference (plain Python over all rows; the library's own alarm), property (both ways of reading give the
same; rows and columns of the matrix add up to the two weeks). Requirements: R2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from barograph_web.portfolio.models import Account, AccountWeek, Tier, Week
from barograph_web.portfolio.queries_trends import NOT_THERE, alarm, moved_accounts, movement, tiers_over_time
from barograph_web.portfolio.weeks import kept_weeks
from barograph_web.users.models import User
from support.web_people import People

pytestmark = pytest.mark.django_db


def everything() -> QuerySet[Account]:
    return Account.objects.all()


def narrowed() -> QuerySet[Account]:
    """The same accounts, by the path that sums rows."""
    return Account.objects.filter(pk__gt=0)


def test_both_ways_of_reading_tiers_over_time_agree(people: People) -> None:
    weeks = kept_weeks(52)
    stored, summed = tiers_over_time(weeks, everything()), tiers_over_time(weeks, narrowed())
    assert (
        [w.as_of for w in stored] == [w.as_of for w in summed] == sorted(w.as_of for w in Week.objects.all())
    )
    for one, two in zip(stored, summed, strict=True):
        for tier in Tier.values:
            assert one.cells[tier][0] == two.cells[tier][0]
            assert one.cells[tier][1] == pytest.approx(two.cells[tier][1])


@pytest.mark.parametrize("apart", [1, 13])
def test_the_matrix_counts_every_account_once(people: People, apart: int) -> None:
    weeks = kept_weeks(52)
    before, after = weeks[-1 - apart], weeks[-1]
    then = dict(AccountWeek.objects.filter(week=before).values_list("account", "tier"))
    now = dict(AccountWeek.objects.filter(week=after).values_list("account", "tier"))
    expected = Counter((then.get(a, NOT_THERE), now.get(a, NOT_THERE)) for a in {*then, *now})
    found = movement(before, after, narrowed())
    cells = {
        (s, t): found.count[i][j] for i, s in enumerate(found.states) for j, t in enumerate(found.states)
    }
    assert {cell: n for cell, n in cells.items() if n} == expected
    order = ["at_risk", "watch", "healthy", "growth"]
    ups = {(s, t) for s in order for t in order if order.index(t) > order.index(s)}
    assert found.up == sum(n for cell, n in expected.items() if cell in ups)
    assert found.down == sum(n for (s, t), n in expected.items() if (t, s) in ups)
    for cell, n in expected.items():
        rows = moved_accounts(before, after, narrowed(), cell, 500)
        assert len(rows) == n
        assert {(then.get(r.account_id, NOT_THERE), now.get(r.account_id, NOT_THERE)) for r in rows} == {cell}


def test_the_alarm_of_everything_is_the_published_one(people: People) -> None:
    week = Week.objects.latest("as_of")
    stored, summed = alarm(week, everything()), alarm(week, narrowed())
    assert stored == week.head["structural_alarm"]
    assert summed["share_count"] == pytest.approx(stored["share_count"])
    assert (summed["since"], summed["raised"]) == (stored["since"], stored["raised"])


def test_a_planted_fall_raises_the_alarm_for_those_who_see_it(
    people: People, client_of: Callable[[User], Client]
) -> None:
    """Every account was Healthy in all earlier weeks; now a tenth and more are At Risk."""
    week = Week.objects.latest("as_of")
    AccountWeek.objects.all().update(tier=Tier.HEALTHY)
    fallen = list(AccountWeek.objects.filter(week=week).values_list("pk", flat=True))
    fallen = fallen[: len(fallen) // 5]
    AccountWeek.objects.filter(pk__in=fallen).update(tier=Tier.AT_RISK)
    some = Account.objects.filter(pk__gte=0)
    assert alarm(week, some)["raised"]
    own = Account.objects.filter(csm_email=people.carla.email)
    assert own.count() < 20
    assert not alarm(week, own)["raised"], "in a small group two accounts are 10 %: that is no structure"
    page = client_of(people.ada).get(reverse("portfolio:alarm"))
    assert page.status_code == 200


def test_pages_show_charts_with_their_figures(people: People, client_of: Callable[[User], Client]) -> None:
    browser = client_of(people.ada)
    page = browser.get(reverse("portfolio:over_time"), {"span": "26"}).content.decode()
    assert page.count("<svg") >= 2
    assert "The figures behind the charts" in page
    weeks = Week.objects.order_by("as_of")
    address = {
        "from": weeks[0].as_of.isoformat(),
        "to": weeks[1].as_of.isoformat(),
        "cell": "healthy-healthy",
    }
    page = browser.get(reverse("portfolio:movement"), address).content.decode()
    assert "Healthy to Healthy" in page
    turned = browser.get(reverse("portfolio:movement"), {"from": address["to"], "to": address["from"]})
    assert turned.context["before"].as_of.isoformat() == address["from"], (
        "the earlier week is the one it starts from"
    )
