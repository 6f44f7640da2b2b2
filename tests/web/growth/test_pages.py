"""Truth: permission and planted. Who sees and does what, stale forms, what is told beside the field, exports without
formulas, panels without guests (P7, P8, P11, E1, X2)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from barograph_web.growth import services_hand_over, services_plans
from barograph_web.growth.judging import judge_accounts
from barograph_web.growth.models import Ask, Consent, Escalation, HandOver, Readiness, RuleSet, SuccessPlan
from barograph_web.growth.rules import SHIPPED
from barograph_web.ops.models import Run, RunKind
from barograph_web.portfolio.models import Account, GuestGrant
from barograph_web.portfolio.weeks import newest_week
from barograph_web.users.models import User
from support.web_people import People
from support.web_success import NOW, TODAY, account_for, agreed_plan, asked, consented, escalated, handed

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
FAR = date(2100, 1, 1)
LISTS = ("expansion", "pipeline", "plans", "advocates", "escalations", "rules")


@pytest.fixture
def judged(people: People) -> None:
    """Readiness of everybody."""
    week = newest_week()
    assert week is not None
    judge_accounts(list(Account.objects.filter(is_current=True)), week, 0, SHIPPED, TODAY)


@pytest.fixture
def something(people: People) -> dict[str, str]:
    """One of each thing on an account of carla's; its address by name."""
    account = account_for(people.carla)
    row = handed(account, to=people.anna, by=people.carla)
    request = services_hand_over.request_use_case(
        account, title="Audits", detail="", asked_by="Maya", product="", by=people.carla, now=NOW
    )
    plan, goal = agreed_plan(account, people.carla)
    consent, ask = consented(account, people.carla), asked(account, people.carla)
    escalation = escalated(account, owner=people.anna, by=people.carla)
    rows = {
        "hand-overs": row, "requests": request, "plans": plan, "goals": goal, "asks": ask, "consents": consent,
        "escalations": escalation,
    }  # fmt: skip
    return {name: reverse("growth:thing", args=[name, one.pk]) for name, one in rows.items()}


@pytest.mark.usefixtures("judged")
def test_every_list_and_every_thing_answers(
    people: People, client_of: ClientOf, something: dict[str, str]
) -> None:
    account = account_for(people.carla)
    own = ("hand_over", "request", "opportunity", "escalate", "plan", "goal", "sheet", "advocate")
    urls = [reverse(f"growth:{name}") for name in LISTS]
    urls += [reverse(f"growth:{name}", args=[account.account_id]) for name in own]
    urls += [*something.values(), reverse("portfolio:account", args=[account.account_id])]
    client = client_of(people.carla)
    assert [url for url in urls if client.get(url).status_code != 200] == []
    sees = client_of(people.eve)
    assert sees.get(something["escalations"]).status_code == 200
    assert "What is next" not in sees.get(something["escalations"]).content.decode(), (
        "an executive does nothing here"
    )


def test_what_is_not_theirs_is_not_there(
    people: People, client_of: ClientOf, something: dict[str, str]
) -> None:
    account = account_for(people.carla)
    Account.objects.filter(pk=account.pk).update(csm_email="x@example.com", am_email="y@example.com")
    client = client_of(people.carla)
    assert {client.get(url).status_code for url in something.values()} == {404}
    assert client.post(f"{something['escalations']}update/", {"seen": 1, "words": "x"}).status_code == 404
    assert client.get(reverse("growth:plan", args=[account.account_id])).status_code == 404


def test_a_guest_sees_none_of_it_on_the_account(
    people: People, client_of: ClientOf, something: dict[str, str]
) -> None:
    account = account_for(people.carla)
    GuestGrant.objects.create(guest=people.gus, account_id=account.account_id, until=FAR, granted_by="Lena")
    page = client_of(people.gus).get(reverse("portfolio:account", args=[account.account_id]))
    assert page.status_code == 200
    for words in ("Success plan", "Expansion and hand-over", "Exports time out"):
        assert words not in page.content.decode()
    assert client_of(people.gus).get(something["escalations"]).status_code == 403


def test_a_stale_form_is_refused_and_shows_what_changed(
    people: People, client_of: ClientOf, something: dict[str, str]
) -> None:
    url = something["escalations"]
    first = client_of(people.carla).post(f"{url}update/", {"seen": 1, "words": "Reproduced."})
    assert first.status_code == 302
    second = client_of(people.ada).post(f"{url}update/", {"seen": 1, "words": "My own <b>news</b>"})
    assert second.status_code == 409
    page = second.content.decode()
    assert "Carla wrote meanwhile" in page
    assert "Reproduced." in page
    assert "My own &lt;b&gt;news&lt;/b&gt;" in page, "what was typed is not lost"
    assert 'name="seen" value="2"' in page
    assert Escalation.objects.get().revision == 2


def test_what_to_change_is_said_beside_the_field(
    people: People, client_of: ClientOf, something: dict[str, str]
) -> None:
    client = client_of(people.anna)
    Account.objects.update(am_email=people.anna.email)
    page = client.post(f"{something['hand-overs']}refuse/", {"seen": 1, "why": "timing", "words": ""})
    assert page.status_code == 422
    assert "This field is required" in page.content.decode()
    assert client.post(f"{something['hand-overs']}refuse/", {"seen": 1}).status_code == 422
    assert client.post(f"{something['hand-overs']}explode/", {"seen": 1}).status_code == 404
    assert client.get(reverse("growth:thing", args=["nonsense", 1])).status_code == 404
    again = client.post(
        f"{something['goals']}confirm/", {"seen": 1, "who": "Maya", "how": "meeting", "on": "2026-11-19"}
    )
    assert again.status_code == 422
    assert "That day is to come" in again.content.decode()


def test_only_who_was_asked_or_a_lead_answers(
    people: People, client_of: ClientOf, something: dict[str, str]
) -> None:
    url = f"{something['hand-overs']}accept/"
    assert client_of(people.otto).post(url, {"seen": 1}).status_code == 403
    assert client_of(people.eve).post(url, {"seen": 1}).status_code == 403
    assert client_of(people.ada).post(url, {"seen": 1}).status_code == 302
    assert HandOver.objects.get().state == "accepted"


def test_handing_over_begins_with_what_is_known(people: People, client_of: ClientOf) -> None:
    account = account_for(people.carla)
    url = reverse("growth:hand_over", args=[account.account_id])
    page = client_of(people.carla).get(url).content.decode()
    assert "What is known" in page
    sent = client_of(people.carla).post(
        url, {"to": people.anna.pk, "kind": "cross_sell", "product": "", "why_now": "Now", "talk_to": "Maya"}
    )
    assert sent.status_code == 422
    assert "Say which product." in sent.content.decode()
    sent = client_of(people.carla).post(
        url,
        {
            "to": people.anna.pk,
            "kind": "cross_sell",
            "product": "insights",
            "why_now": "Now",
            "talk_to": "Maya",
        },
    )
    row = HandOver.objects.get()
    assert sent["Location"] == reverse("growth:thing", args=["hand-overs", row.pk])
    assert {c["name"] for c in row.package["conditions"]} >= {"healthy", "used", "paid", "severe"}
    assert "score" not in row.package, "a package can be forwarded: it has no score"
    twice = client_of(people.carla).post(
        url, {"to": people.anna.pk, "kind": "expansion", "why_now": "Now", "talk_to": "Maya"}
    )
    assert twice.status_code == 409


def test_asking_and_consenting_by_form(people: People, client_of: ClientOf) -> None:
    account = account_for(people.carla)
    client = client_of(people.carla)
    escalation = escalated(account, owner=people.anna, by=people.carla)
    told = {"kind": "reference", "person": "Maya", "what": "A call"}
    refused = client.post(reverse("growth:ask", args=[account.account_id]), told)
    assert refused.status_code == 422
    assert "No open severe issue does not hold" in refused.content.decode()
    assert not Ask.objects.exists()
    assert escalation.state == "open"
    kept = client.post(
        reverse("growth:consent", args=[account.account_id]),
        {"person": "Maya", "covers": ["event"], "how": "By mail", "given_on": "2026-11-01"},
    )
    assert kept.status_code == 302
    assert Consent.objects.get().covers == ["event"]
    wrong = client.post(reverse("growth:consent", args=[account.account_id]), {"person": "Maya"})
    assert wrong.status_code == 422


def test_the_sheet_for_the_customer_has_no_score_and_no_tier(people: People, client_of: ClientOf) -> None:
    account = account_for(people.carla)
    agreed_plan(account, people.carla)
    page = client_of(people.carla).get(reverse("growth:sheet", args=[account.account_id])).content.decode()
    body = page[page.index("<main") : page.index("</main>")]
    assert "Close faster" in body
    for word in ("score", "At Risk", "Watch", "Healthy", "hypothesis"):
        assert word not in body


@pytest.mark.usefixtures("judged")
def test_lists_are_narrowed_to_what_i_may_see(people: People, client_of: ClientOf) -> None:
    def shown(user: User) -> set[str]:
        text = client_of(user).get(reverse("growth:export", args=["expansion"])).content.decode()
        return {row["account_id"] for row in csv.DictReader(io.StringIO(text))}

    own = set(
        Account.objects.filter(csm_email=people.carla.email, is_current=True).values_list(
            "account_id", flat=True
        )
    )
    assert shown(people.carla) == own
    assert shown(people.ada) == set(
        Account.objects.filter(is_current=True).values_list("account_id", flat=True)
    )
    page = client_of(people.carla).get(reverse("growth:expansion") + "?show=all")
    ready = Readiness.objects.filter(
        account__csm_email=people.carla.email, holds=True, account__is_current=True
    )
    assert page.context["counts"]["ready"] == ready.count()
    assert page.context["counts"]["all"] == len(own)


def test_exports_are_harmless_in_a_spreadsheet(people: People, client_of: ClientOf) -> None:
    escalated(account_for(people.carla), owner=people.anna, by=people.carla, title="=cmd|' /C calc'!A1")
    text = client_of(people.ada).get(reverse("growth:export", args=["escalations"])).content.decode()
    assert "'=cmd" in text
    for name in ("hand-overs", "goals", "advocates", "asks"):
        assert client_of(people.ada).get(reverse("growth:export", args=[name])).status_code == 200
    assert client_of(people.ada).get(reverse("growth:export", args=["people"])).status_code == 404


def test_what_is_written_is_escaped(people: People, client_of: ClientOf) -> None:
    account = account_for(people.carla)
    row = escalated(account, owner=people.anna, by=people.carla, title="<script>alert(1)</script>")
    for url in (
        reverse("growth:thing", args=["escalations", row.pk]), reverse("growth:escalations"),
        reverse("portfolio:account", args=[account.account_id]),
    ):  # fmt: skip
        page = client_of(people.carla).get(url).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_rules_are_written_by_cs_ops_with_a_reason(people: People, client_of: ClientOf) -> None:
    url = reverse("growth:rules")
    first = client_of(people.otto).get(url).context["form"].initial
    values = {name: value for name, value in first.items() if value is not False}
    refused = client_of(people.otto).post(url, {**values, "used_at_least": "0.5", "reason": ""})
    assert refused.status_code == 422
    assert client_of(people.lena).post(url, {**values, "reason": "x"}).status_code == 403
    out = client_of(people.otto).post(url, {**values, "asks_at_most": "0", "reason": "x"})
    assert out.status_code == 422
    assert "asks_at_most" in out.context["form"].errors
    done = client_of(people.otto).post(url, {**values, "used_at_least": "0.5", "reason": "Fewer seats now."})
    assert done.status_code == 302
    assert RuleSet.objects.get().rules["used_at_least"] == 0.5
    assert Run.objects.filter(kind=RunKind.PROJECT, key="growth-rules-1").exists()
    stale = client_of(people.ada).post(url, {**values, "used_at_least": "0.6", "reason": "Mine."})
    assert stale.status_code == 409
    assert RuleSet.objects.count() == 1
    same = client_of(people.otto).post(
        url, {**values, "used_at_least": "0.5", "seen": "1", "reason": "Again."}
    )
    assert same.status_code == 422


def test_a_plan_is_begun_by_form_once(people: People, client_of: ClientOf) -> None:
    account = account_for(people.carla)
    url = reverse("growth:plan", args=[account.account_id])
    client = client_of(people.carla)
    assert client.post(url, {"summary": "", "begins_on": "2026-11-18"}).status_code == 422
    assert client.post(url, {"summary": "Faster", "begins_on": "2026-11-18"}).status_code == 302
    assert client.post(url, {"summary": "Other", "begins_on": "2026-11-18"}).status_code == 409
    assert client_of(people.eve).post(url, {"summary": "Mine", "begins_on": "2026-11-18"}).status_code == 403
    assert SuccessPlan.objects.get().summary == "Faster"
    goal = reverse("growth:goal", args=[account.account_id])
    assert client.post(goal, {"title": "Close", "baseline": "3", "target": "3"}).status_code == 422
    assert client.post(goal, {"title": "Close", "baseline": "9", "target": "3"})["Location"] == url
    plan = SuccessPlan.objects.get()
    services_plans.close_plan(plan, seen=1, words="Over.", by=people.carla, now=NOW)
    assert client.get(goal)["Location"] == url
