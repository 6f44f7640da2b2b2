"""Truth: planted. After a projection everybody is judged by the rules in force, and the same again changes nothing
(P7, P8, P11, E1)."""

from __future__ import annotations

import pytest

from barograph_web.growth import follow_up, services_rules
from barograph_web.growth.models import Candidate, Finding, Readiness, SuccessPlan
from barograph_web.growth.rules import SHIPPED
from barograph_web.portfolio.models import Account
from support.web_people import People
from support.web_success import NOW, OneRun

pytestmark = pytest.mark.django_db


def run_once() -> OneRun:
    run = OneRun(NOW)
    follow_up.after_projection(run)  # type: ignore[arg-type]
    return run


def test_everybody_is_judged_once(people: People) -> None:
    told = run_once().counts
    current = Account.objects.filter(is_current=True).count()
    assert told["accounts"] == Readiness.objects.count() == Candidate.objects.count() == current
    assert told["ready"] == Readiness.objects.filter(holds=True).count() > 0, (
        "the seeded company has ready accounts"
    )
    before = list(Readiness.objects.order_by("pk").values())
    plans, found = SuccessPlan.objects.count(), Finding.objects.get()
    assert run_once().counts["proposed"] == 0
    assert list(Readiness.objects.order_by("pk").values()) == before
    assert (SuccessPlan.objects.count(), Finding.objects.get().at) == (plans, found.at)


def test_other_rules_another_verdict(people: People) -> None:
    run_once()
    ready = Readiness.objects.filter(holds=True).count()
    strict = SHIPPED.model_dump() | {"used_at_least": 0.99}
    services_rules.write_rules(strict, seen=0, reason="To see.", by=people.otto, now=NOW)
    run_once()
    assert Readiness.objects.filter(holds=True).count() < ready
    assert set(Readiness.objects.values_list("rules", flat=True)) == {1}


def test_who_is_no_longer_scored_is_not_listed(people: People) -> None:
    run_once()
    gone = Readiness.objects.select_related("account")[0].account
    Account.objects.filter(pk=gone.pk).update(is_current=False)
    run_once()
    assert not Readiness.objects.filter(account=gone).exists()
    assert not Candidate.objects.filter(account=gone).exists()


def test_rules_of_an_older_release_are_read() -> None:
    kept = SHIPPED.model_dump(mode="json") | {"taken_away_since": 3}
    kept.pop("pattern_least")
    assert services_rules.read(kept) == SHIPPED
