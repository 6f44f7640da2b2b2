"""Truth: a leader decides where pulse and numbers differ, once, with a reason, never on their own pulse; a lift needs
that signature and has an end (H5, X2: counter-signature)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.portfolio.models import Account
from barograph_web.pulses import queries, services
from barograph_web.pulses.forms import given_at_of
from barograph_web.pulses.models import Finding, PulseState, Ruling
from barograph_web.users.models import Role, User
from barograph_web.users.services import add_stand_in
from support.web_people import People
from support.web_pulses import (
    GOOD,
    NOW,
    TODAY,
    accounts_in,
    allow_lifts,
    given,
    later,
    managed_by,
    rebuilt,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


@pytest.fixture
def chief(team: People) -> User:
    """A leader of everybody."""
    return User.objects.create_user("chief@example.com", name="Chief", role=Role.LEADER)


def differing(team: People, *, lift: bool = False, by: User | None = None) -> Account:
    account = accounts_in("at_risk", managed_by(team.anna))[0]
    if lift:
        allow_lifts()
    given(account, GOOD, by or team.anna, reason="The new sponsor signed", lift=lift)
    return account


def ruled(
    account: Account, by: User, finding: str = Finding.PULSE, reason: str = "I spoke with them"
) -> Ruling:
    row = PulseState.objects.get(account_id=account.account_id)
    return services.rule(
        account, given_at=row.given_at, finding=finding, reason=reason, by=by, now=NOW, today=TODAY
    )


def posted(client: Client, account: Account, **more: str) -> object:
    row = PulseState.objects.get(account_id=account.account_id)
    values = {"given_at": given_at_of(row), "finding": "pulse", "reason": "I spoke with them", **more}
    return client.post(f"/pulses/accounts/{account.account_id}/rule/", values)


def test_a_counter_signature_gives_a_lift_its_days(team: People, chief: User) -> None:
    account = differing(team, lift=True)
    made = ruled(account, chief)
    assert made.lift_until == TODAY + timedelta(days=45)
    assert made.pulse is not None and made.pulse.wanted_tier == "watch"
    assert queries.diverging([account.account_id], TODAY) == set(), "decided: customer-facing steps go on"
    rebuilt()
    assert PulseState.objects.get(account_id=account.account_id).is_settled, "and stays so after a refresh"


def test_the_numbers_stand_lifts_nothing(team: People, chief: User) -> None:
    account = differing(team, lift=True)
    assert ruled(account, chief, Finding.NUMBERS).lift_until is None
    assert queries.diverging([account.account_id], TODAY) == set()


def test_a_pulse_without_a_wanted_tier_is_settled_without_a_lift(team: People, chief: User) -> None:
    assert ruled(differing(team), chief).lift_until is None


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_needed(team: People, chief: User, reason: str) -> None:
    with pytest.raises(RefusedError) as refused:
        ruled(differing(team), chief, reason=reason)
    assert refused.value.field == "reason"
    assert not Ruling.objects.exists()


def test_not_ones_own_nor_one_given_in_ones_place(team: People, chief: User) -> None:
    account = differing(team, by=chief)
    with pytest.raises(RefusedError, match="your own pulse"):
        ruled(account, chief)
    other = accounts_in("at_risk", managed_by(team.anna))[1]
    stand_in = User.objects.create_user("sam@example.com", name="Sam", role=Role.ACCOUNT_MANAGER)
    add_stand_in(team.anna, stand_in, TODAY, TODAY)
    given(other, GOOD, stand_in, reason="x")
    team.anna.role = Role.LEADER
    team.anna.save()
    with pytest.raises(RefusedError, match="your own pulse"):
        ruled(other, team.anna)
    assert ruled(other, chief).by == chief


def test_decided_once_and_not_over_a_newer_pulse(team: People, chief: User) -> None:
    account = differing(team)
    row = PulseState.objects.get(account_id=account.account_id)
    given(account, GOOD, team.anna, reason="And their board agreed", at=later(1))
    with pytest.raises(OvertakenError):
        services.rule(
            account, given_at=row.given_at, finding="pulse", reason="x", by=chief, now=later(1), today=TODAY
        )
    first = ruled(account, chief)
    with pytest.raises(OvertakenError) as second:
        ruled(account, team.ada, Finding.NUMBERS)
    assert second.value.latest == first
    assert Ruling.objects.count() == 1


def test_a_pulse_that_agrees_has_nothing_to_decide(team: People, chief: User) -> None:
    account = accounts_in("healthy", managed_by(team.anna))[0]
    given(account, GOOD, team.anna)
    with pytest.raises(RefusedError, match="nothing to decide"):
        ruled(account, chief)


def test_an_expired_pulse_differs_no_longer(team: People) -> None:
    account = differing(team)
    row = PulseState.objects.get(account_id=account.account_id)
    assert row.expires_on is not None
    assert queries.diverging([account.account_id], row.expires_on - timedelta(days=1)) == {account.account_id}
    assert queries.diverging([account.account_id], row.expires_on) == set()


def test_an_imported_pulse_can_be_ruled_on(team: People, chief: User) -> None:
    row = queries.queue(chief, TODAY)[0]
    assert row.pulse is None and row.reason
    made = ruled(row.account, chief)
    assert (made.pulse, made.given_at) == (None, row.given_at)
    rebuilt()
    assert row.account_id not in [open_.account_id for open_ in queries.queue(chief, TODAY)]


def test_only_leaders_decide(team: People, chief: User, client_of: ClientOf) -> None:
    account = differing(team)
    for who in (team.carla, team.anna, team.otto, team.eve, team.gus):
        assert posted(client_of(who), account).status_code == 403  # type: ignore[attr-defined]
    elsewhere = User.objects.create_user("l@example.com", name="L", role=Role.LEADER, team=team.lena.team)
    if account.csm_email != team.carla.email:
        assert posted(client_of(elsewhere), account).status_code == 404, "another team's account"  # type: ignore[attr-defined]
    assert posted(client_of(chief), account).status_code == 302  # type: ignore[attr-defined]
    assert Ruling.objects.get().by == chief


def test_the_page_says_what_to_change_and_what_changed(
    team: People, chief: User, client_of: ClientOf
) -> None:
    account, client = differing(team, lift=True), client_of(chief)
    page = client.get("/pulses/differing/").content.decode()
    assert account.name in page and "Counter-sign, 45 days" in page and "The new sponsor signed" in page
    without = posted(client, account, reason="")
    assert without.status_code == 422 and b"Say why" in without.content  # type: ignore[attr-defined]
    assert posted(client, account, finding="perhaps").status_code == 422  # type: ignore[attr-defined]
    assert posted(client, account, given_at="yesterday").status_code == 422  # type: ignore[attr-defined]
    assert posted(client, account).status_code == 302  # type: ignore[attr-defined]
    late = posted(client, account)
    assert late.status_code == 409 and b"This changed meanwhile" in late.content  # type: ignore[attr-defined]
    assert "I spoke with them" in client.get("/pulses/differing/").content.decode(), "decided lately"


def test_a_standing_signature_carries_a_newer_pulse_that_still_wants_the_lift(
    team: People, chief: User
) -> None:
    account = differing(team, lift=True)
    until = ruled(account, chief).lift_until
    assert until is not None
    given(account, GOOD, team.anna, reason="Still so", lift=True, at=later(30))
    assert PulseState.objects.get(account_id=account.account_id).is_settled
    given(account, GOOD, team.anna, reason="Better, but no lift", at=later(40))
    assert not PulseState.objects.get(account_id=account.account_id).is_settled
    given(account, GOOD, team.anna, reason="Still so", lift=True, at=later(46))
    assert not PulseState.objects.get(account_id=account.account_id).is_settled, "its days are over"


def test_a_queue_of_ones_own_accounts(team: People, client_of: ClientOf) -> None:
    for person in (team.anna, team.carla):
        seen = {row.account_id for row in queries.queue(person, TODAY)}
        own = {a.account_id for a in Account.objects.all() if person.email in (a.am_email, a.csm_email)}
        assert seen <= own
    page = client_of(team.anna).get("/pulses/differing/").content.decode()
    assert 'name="finding"' not in page, "account managers see what waits and do not decide it"
