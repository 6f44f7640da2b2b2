"""Truth: the rules of giving a pulse. Nothing is prefilled, a difference needs a reason, the second of two is told, and
who gives it is the account manager, their stand-in or a leader (H5, X2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from barograph_web.alerts.models import Event
from barograph_web.ops.models import AuditEvent
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.portfolio.models import Account, Standing
from barograph_web.pulses import queries, services
from barograph_web.pulses.models import Pulse, PulseState
from barograph_web.pulses.services import Answers, ReasonNeededError
from barograph_web.pulses.stance import Words, liftable, stance_of
from barograph_web.users.models import User
from barograph_web.users.services import add_stand_in
from support.web_people import People
from support.web_pulses import (
    BAD,
    GOOD,
    MIDDLE,
    NOW,
    TODAY,
    WEAK,
    accounts_in,
    allow_lifts,
    given,
    managed_by,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
NAMES = ("sponsor_status", "executive_engagement", "outcome_narrative")


def posted(answers: tuple[str, str, str], **more: object) -> dict[str, object]:
    return {**dict(zip(NAMES, answers, strict=True)), **more}


def one_in(tier: str, team: People) -> Account:
    return accounts_in(tier, managed_by(team.anna))[0]


def test_a_pulse_that_agrees_needs_no_reason_and_falls_due_a_month_later(team: People) -> None:
    account = one_in("healthy", team)
    pulse = given(account, GOOD, team.anna)
    row = PulseState.objects.get(account_id=account.account_id)
    assert (pulse.direction, pulse.reason, pulse.wanted_tier) == ("", "", "")
    assert row.due_on == TODAY + timedelta(days=row.every_days)
    assert row.expires_on == pulse.expires_on == TODAY + timedelta(days=row.valid_days + 1)
    assert account.account_id not in [due.account_id for due in queries.due(team.anna, TODAY)]
    assert queries.newest_pulse(account.account_id) == row
    assert AuditEvent.objects.filter(action="pulse.given", account_id=account.account_id).count() == 1
    assert not Event.objects.filter(kind="pulse.diverged").exists()


@pytest.mark.parametrize(("tier", "answers", "way"), [("healthy", BAD, "worse"), ("at_risk", GOOD, "better")])
def test_a_difference_needs_a_reason_and_waits_for_a_leader(
    team: People, tier: str, answers: tuple[str, str, str], way: str
) -> None:
    account = one_in(tier, team)
    with pytest.raises(ReasonNeededError) as needed:
        given(account, answers, team.anna, reason="  ")
    assert (needed.value.field, needed.value.stance.direction, needed.value.numbers.tier) == (
        "reason",
        way,
        tier,
    )
    assert not Pulse.objects.exists()
    pulse = given(account, answers, team.anna, reason="The plant closes")
    assert pulse.direction == way
    assert pulse.evidence["week"] and pulse.evidence["model_version"], "the evidence of that day is kept"
    assert queries.diverging([account.account_id], TODAY) == {account.account_id}
    assert set(queries.holds([account.account_id, "another"])) == {account.account_id}
    event = Event.objects.get(kind="pulse.diverged")
    assert (event.payload["tier"], event.payload["author_email"]) == (tier, team.anna.email)
    assert event.payload["to_emails"] == [], "anna is in no team, and the only leader leads another one"
    assert "The plant closes" not in str(AuditEvent.objects.values_list("after", flat=True)), (
        "so it can be erased"
    )


def test_a_difference_is_told_to_the_leaders_of_the_author(team: People) -> None:
    team.anna.team = team.lena.team
    team.anna.save()
    given(one_in("healthy", team), BAD, team.anna, reason="x")
    assert Event.objects.get(kind="pulse.diverged").payload["to_emails"] == [team.lena.email]
    given(accounts_in("healthy", managed_by(team.anna))[1], BAD, team.lena, reason="x")
    assert Event.objects.filter(kind="pulse.diverged").latest("pk").payload["to_emails"] == [], (
        "not to oneself"
    )


def test_the_numbers_are_what_the_pulse_is_held_against_and_are_not_changed(team: People) -> None:
    account = one_in("healthy", team)
    before = Standing.objects.filter(account=account).values_list("score", "tier", "detail__computed_tier")
    kept = list(before.order_by("pk"))
    given(account, BAD, team.anna, reason="The sponsor left")
    assert list(before.all()) == kept


def test_two_who_give_it_at_once(team: People) -> None:
    account = one_in("healthy", team)
    first = given(account, GOOD, team.anna)
    with pytest.raises(OvertakenError) as overtaken:
        services.give(account, Answers(*WEAK, reason="x"), by=team.lena, seen=None, now=NOW, today=TODAY)
    assert overtaken.value.latest == first
    with pytest.raises(IntegrityError), transaction.atomic():
        first.pk, first.given_at = None, NOW + timedelta(seconds=1)
        first.save(force_insert=True)  # the database holds the same rule


def test_rows_are_added_and_the_chain_grows(team: People) -> None:
    account = one_in("healthy", team)
    one = given(account, GOOD, team.anna)
    two = given(account, GOOD, team.anna, at=NOW + timedelta(days=30))
    assert (two.replaces, Pulse.objects.count()) == (one, 2)
    assert [said.pulse for said in queries.said_of(account.account_id) if said.pulse] == [two, one]


def test_imported_pulses_are_shown_beside_and_ours_that_came_back_is_one(team: People) -> None:
    account = next(a for a in managed_by(team.anna) if len(queries.said_of(a.account_id)) > 3)
    before = queries.said_of(account.account_id)
    assert all(said.is_imported for said in before)
    assert [said.given_at for said in before] == sorted((said.given_at for said in before), reverse=True)
    row = PulseState.objects.get(account_id=account.account_id)
    assert (row.given_at, row.pulse) == (before[0].given_at, None)


def test_who_gives_it(team: People) -> None:
    account = one_in("healthy", team)
    assert account.csm_email != team.anna.email
    csm = User.objects.create_user(account.csm_email or "c@example.com", name="Their CSM", role="csm")
    for nobody in (csm, team.otto, team.eve, team.gus):
        with pytest.raises(PermissionDenied):
            given(account, GOOD, nobody)
    stood = User.objects.create_user("sam@example.com", name="Sam", role="account_manager")
    with pytest.raises(PermissionDenied):
        given(account, GOOD, stood)
    add_stand_in(team.anna, stood, TODAY, TODAY)
    assert account.account_id in [d.account_id for d in queries.due(stood, TODAY)] or not [
        d for d in queries.due(team.anna, TODAY) if d.account_id == account.account_id
    ]
    pulse = given(account, GOOD, stood)
    assert (pulse.author, pulse.given_for, pulse.given_for_label) == (stood, team.anna, team.anna.name)
    assert given(account, GOOD, team.lena, at=NOW + timedelta(days=1)).given_for is None, "a leader may"


def test_the_setting_names_the_csm(team: People, option: Callable[..., None]) -> None:
    account = one_in("healthy", team)
    option(pulse_author="csm")
    csm = User.objects.create_user(account.csm_email or "c@example.com", name="Their CSM", role="csm")
    assert given(account, GOOD, csm).author == csm
    with pytest.raises(PermissionDenied):
        given(account, GOOD, team.anna)


def test_a_lift_is_one_tier_and_only_from_answers_that_are_better(team: People) -> None:
    account = one_in("at_risk", team)
    with pytest.raises(RefusedError, match="pulses lift no account"):
        PulseState.objects.update(lift_days=None)
        given(account, GOOD, team.anna, reason="x", lift=True)
    allow_lifts()
    assert given(account, GOOD, team.anna, reason="The new sponsor signed", lift=True).wanted_tier == "watch"
    with pytest.raises(RefusedError, match="not better than the numbers"):
        given(account, BAD, team.anna, reason="x", lift=True)
    healthy = one_in("healthy", team)
    with pytest.raises(RefusedError, match="nothing to lift to"):
        given(healthy, GOOD, team.anna, reason="x", lift=True)
    assert [liftable(tier) for tier in ("at_risk", "watch", "healthy", "growth", "insufficient", "")] == [
        "watch", "healthy", "", "", "", "",
    ]  # fmt: skip


def test_a_stance_is_that_of_the_published_rule() -> None:
    assert stance_of(Words(*BAD), "watch").speaks_for == "at_risk"
    assert stance_of(Words(*GOOD), "watch").direction == "better"
    assert stance_of(Words(*MIDDLE), "watch").direction == "", "between two tiers it differs from neither"
    assert stance_of(Words(*MIDDLE), "healthy").direction == ""
    assert stance_of(Words(*GOOD), "growth").direction == "", "Growth asks for more than health"
    assert stance_of(Words(*BAD), "insufficient").direction == "", "no numbers to differ from"
    assert stance_of(Words("", "", ""), "watch").speaks_for == ""


def test_the_form_begins_empty_and_shows_neither_numbers_nor_the_last_pulse(
    team: People, client_of: ClientOf
) -> None:
    client, account = client_of(team.anna), one_in("at_risk", team)
    page = client.get(f"/pulses/accounts/{account.account_id}/").content.decode()
    assert "checked" not in page
    assert not re.search(r'class="pill', page), "no tier leads the answer"
    last = client.get(f"/pulses/accounts/{account.account_id}/last/", headers={"HX-Request": "true"})
    assert "sponsor" in last.content.decode()
    asked = client.post(f"/pulses/accounts/{account.account_id}/", posted(GOOD))
    assert asked.status_code == 422
    assert "The numbers say otherwise" in asked.content.decode()


def test_answers_lead_from_account_to_account_and_to_the_end(team: People, client_of: ClientOf) -> None:
    client = client_of(team.anna)
    due = queries.due(team.anna, TODAY)
    assert len(due) >= 3
    for place, row in enumerate(due):
        values = posted(MIDDLE, reason="As agreed with the sponsor", seen="")
        answer = client.post(f"/pulses/accounts/{row.account_id}/", values)
        assert answer.status_code == 302, answer.content.decode()
        after = due[place + 1].account_id if place + 1 < len(due) else None
        assert answer["Location"] == (f"/pulses/accounts/{after}/" if after else "/pulses/")
    assert queries.due(team.anna, TODAY) == []
    assert "No pulse is due" in client.get("/pulses/").content.decode()


def test_with_htmx_the_next_form_comes_in_the_same_answer(team: People, client_of: ClientOf) -> None:
    client, due = client_of(team.anna), queries.due(team.anna, TODAY)
    values = posted(MIDDLE, reason="As agreed")
    answer = client.post(f"/pulses/accounts/{due[0].account_id}/", values, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer["HX-Push-Url"] == f"/pulses/accounts/{due[1].account_id}/"
    text = answer.content.decode()
    assert "<html" not in text
    assert due[1].name in text
    assert f'Recorded: <a href="/pulses/accounts/{due[0].account_id}/">' in text


def test_what_is_missing_is_said_beside_the_question(team: People, client_of: ClientOf) -> None:
    account = one_in("healthy", team)
    answer = client_of(team.anna).post(
        f"/pulses/accounts/{account.account_id}/", {"sponsor_status": "active"}
    )
    assert answer.status_code == 422
    assert answer.content.decode().count("Answer this one too") == 2
    assert not Pulse.objects.exists()


def test_a_stale_form_is_told_what_was_given_meanwhile(
    team: People, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = one_in("healthy", team)
    client = client_of(team.anna)
    theirs = given(account, GOOD, team.lena)
    monkeypatch.setattr("barograph_web.ops.workspace.now", lambda: NOW + timedelta(minutes=2))
    late = client.post(f"/pulses/accounts/{account.account_id}/", posted(MIDDLE, reason="mine"))
    text = late.content.decode()
    assert late.status_code == 409
    assert "Somebody gave this pulse meanwhile" in text and "Lena" in text
    assert f'name="seen" value="{theirs.pk}"' in text, "sent again, it follows theirs"
    assert Pulse.objects.count() == 1
    again = client.post(
        f"/pulses/accounts/{account.account_id}/", posted(MIDDLE, reason="mine", seen=theirs.pk)
    )
    assert again.status_code == 302 and Pulse.objects.count() == 2
