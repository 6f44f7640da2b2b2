"""Truth: rules. Work goes to whom the play names, past those who are away, to a lead where there is nobody, and is
nobody's only when there is no lead either (P2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from barograph.definitions.play import OwnerRule
from barograph_web.plays import services
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.models import Pool
from barograph_web.plays.routing import NOBODY, Router
from barograph_web.portfolio.models import Account
from barograph_web.users.models import Role, StandIn, User
from support.web_plays import MONDAY, NOW, Desk, account, person

CSM = OwnerRule(rule="csm")


def away(absent: User, stand_in: User) -> None:
    StandIn.objects.create(
        absent=absent, stand_in=stand_in, begins_on=MONDAY, ends_on=MONDAY + timedelta(days=7)
    )


def to(rule: OwnerRule, csm: User | None, **more: object) -> tuple[str | None, str]:
    found = account(1000 + Account.objects.count(), csm, **more)
    route = Router(MONDAY).route(found, rule)
    return (route.owner.name if route.owner else None), route.words


def test_the_accounts_people_are_found_by_address_in_any_case(desk: Desk) -> None:
    assert to(CSM, desk.carla) == ("Carla", "the account's CSM")
    assert to(OwnerRule(rule="am"), None, am_email="NED@example.com")[0] == "Ned"
    assert to(OwnerRule(rule="person", person="otto@example.com"), None) == ("Otto", "named by the play")


def test_who_is_away_passes_it_on_as_far_as_somebody_is_there(desk: Desk) -> None:
    away(desk.carla, desk.ned)
    assert to(CSM, desk.carla) == ("Ned", "stands in for Carla, the account's CSM")
    away(desk.ned, desk.otto)
    assert to(CSM, desk.carla)[0] == "Otto"


def test_stand_ins_in_a_circle_end_with_the_lead(desk: Desk) -> None:
    away(desk.carla, desk.ned)
    away(desk.ned, desk.carla)
    owner, words = to(CSM, desk.carla)
    assert (owner, "nobody stands in" in words) == ("Lena", True)


def test_a_csm_without_a_user_or_none_at_all_goes_to_a_lead_and_says_why(desk: Desk) -> None:
    person("Lea", Role.LEADER)
    assert to(CSM, None) == ("Lea", "lead, because the account's CSM is not known")
    assert "has no user here" in to(CSM, None, csm_email="gone@example.com")[1]


def test_without_any_lead_it_is_nobodys_and_says_so(desk: Desk) -> None:
    User.objects.filter(pk=desk.lena.pk).update(is_active=False)
    owner, words = to(CSM, None)
    assert owner is None
    assert words.startswith(NOBODY)


def test_a_pool_in_turn_gives_to_each_as_often_and_passes_over_the_absent(desk: Desk) -> None:
    services.save_pool(title="Scale", members=[desk.carla, desk.ned, desk.otto])
    rule = OwnerRule(rule="pool", pool="scale", choose="round_robin")
    one = account(1)
    names = [Router(MONDAY).route(one, rule).owner.name for _ in range(6)]
    assert names == ["Carla", "Ned", "Otto"] * 2
    away(desk.ned, desk.lena)
    assert [Router(MONDAY).route(one, rule).owner.name for _ in range(3)] == ["Carla", "Otto", "Carla"]


def test_a_pool_by_load_gives_to_whoever_has_least_open_work(desk: Desk) -> None:
    services.save_pool(title="Scale", members=[desk.carla, desk.ned])
    rule = OwnerRule(rule="pool", pool="scale")
    one = account(1)
    for number in range(2):
        services.add_task(
            one, title=f"Task {number}", owner=desk.carla, due_on=MONDAY, source="manual", now=NOW
        )
    assert [Router(MONDAY).route(one, rule).owner.name for _ in range(2)] == ["Ned", "Ned"]


def test_a_pool_that_is_not_there_goes_to_the_lead_of_the_csm(desk: Desk) -> None:
    assert to(OwnerRule(rule="pool", pool="ghost"), desk.carla) == (
        "Lena",
        "lead, because there is no pool ghost",
    )


def test_pools_refuse_whom_they_cannot_take_and_a_stale_change(desk: Desk) -> None:
    with pytest.raises(RefusedError):
        services.save_pool(title="Scale", members=[person("Eve", Role.EXECUTIVE)])
    pool = services.save_pool(title="Scale", members=[desk.carla])
    services.save_pool(title="Scale", members=[desk.ned], name=pool.name, revision=1)
    with pytest.raises(OvertakenError):
        services.save_pool(title="Scale", members=[], name=pool.name, revision=1)
    assert [m.name for m in Pool.objects.get().members.all()] == ["Ned"]


def test_a_named_lead_of_an_escalation_is_above_the_owner(desk: Desk) -> None:
    router = Router(MONDAY)
    assert router.lead_of(desk.carla) == desk.lena
    assert router.lead_of(desk.lena) is None, "nobody leads the only lead, and there is no administrator"
    ada = person("Ada", Role.ADMINISTRATOR)
    assert Router(MONDAY).lead_of(desk.lena) == ada
