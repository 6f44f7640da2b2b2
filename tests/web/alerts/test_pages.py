"""Pages of alerts and webhooks (P5, X2, R1): what they show to whom, that forms are not overwritten, that a secret is
shown once, and that queries do not grow with rows (growth)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from barograph_web.alerts import services_webhooks
from barograph_web.alerts.delivering import PURPOSE, Answer, deliver_due
from barograph_web.alerts.events import emit
from barograph_web.alerts.models import Delivery, Notice, Preference, Webhook, WebhookForm
from barograph_web.alerts.spread import spread
from barograph_web.ops.models import AuditEvent
from barograph_web.ops.workspace import now, today
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import own_accounts
from barograph_web.users.models import User
from barograph_web.users.sealing import unseal
from support.web_fresh import fresh_client
from support.web_people import People

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def fall_of(account: Account, key: str) -> None:
    said = {"as_of": "2026-11-16", "before": "healthy", "after": "watch", "direction": "down", "score": 50.2}
    emit("tier.changed", key=key, at=now(), account_id=account.account_id, payload=said)


@pytest.fixture
def told(people: People) -> list[Account]:
    """Three falls of carla's accounts, spread."""
    mine = list(own_accounts(people.carla, today())[:3])
    for account in mine:
        fall_of(account, account.account_id)
    spread(now(), today())
    return mine


def test_the_bell_counts_what_is_unread(people: People, told: list[Account], client_of: ClientOf) -> None:
    page = client_of(people.carla).get("/portfolio/").content.decode()
    assert re.search(r'class="bell" href="/alerts/".*?<span class="count">3<', page, re.DOTALL)
    quiet = client_of(people.eve).get("/portfolio/").content.decode()
    assert 'class="bell"' in quiet
    assert 'class="count"' not in quiet
    assert 'class="bell"' not in client_of(people.gus).get("/portfolio/shared/").content.decode()


def test_alerts_are_listed_opened_and_read(people: People, told: list[Account], client_of: ClientOf) -> None:
    client = client_of(people.carla)
    page = client.get("/alerts/").content.decode()
    assert page.count('class="unread"') == 3
    for account in told:
        assert f"{escape(account.name)} fell from Healthy to Watch, score 50" in page
    first = Notice.objects.filter(user=people.carla).order_by("pk")[0]
    answer = client.get(f"/alerts/{first.pk}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/portfolio/accounts/")
    assert client.get("/alerts/?unread=1").content.decode().count('class="unread"') == 2
    newest = Notice.objects.filter(user=people.carla).latest("pk")
    assert client.post("/alerts/read/", {"until": newest.pk}).status_code == 302
    assert "Nothing like that" in client.get("/alerts/?unread=1").content.decode()
    assert AuditEvent.objects.filter(action="alerts.read", actor=people.carla).count() == 2


def test_somebody_elses_notice_is_not_there(people: People, told: list[Account], client_of: ClientOf) -> None:
    of_carla = Notice.objects.filter(user=people.carla)[0]
    assert client_of(people.lena).get(f"/alerts/{of_carla.pk}/").status_code == 404
    client_of(people.lena).post("/alerts/read/", {"notice": of_carla.pk})
    of_carla.refresh_from_db()
    assert of_carla.read_at is None


def test_an_account_that_is_no_longer_shared_is_not_named(
    people: People, told: list[Account], client_of: ClientOf
) -> None:
    Account.objects.filter(pk=told[0].pk).update(csm_email="nobody@example.com", am_email=None)
    client = client_of(people.carla)
    page = client.get("/alerts/").content.decode()
    assert "no longer shared with you" in page
    gone = Notice.objects.get(user=people.carla, event__account_id=told[0].account_id)
    assert client.get(f"/alerts/{gone.pk}/").status_code == 404


def test_strange_values_are_read_as_nothing(people: People, told: list[Account], client_of: ClientOf) -> None:
    client = client_of(people.carla)
    for query in ("group=%00", "page=x", "group=<b>", "unread=2"):
        assert client.get(f"/alerts/?{query}").status_code == 200
    for until in ("9" * 40, "-1", "x", "²"):
        assert client.post("/alerts/read/", {"until": until}).status_code == 302
    assert Notice.objects.filter(user=people.carla, read_at=None).count() == 3


def test_queries_do_not_grow_with_alerts(people: People, client_of: ClientOf) -> None:
    client = client_of(people.carla)

    def queries(accounts: int) -> int:
        for account in own_accounts(people.carla, today())[:accounts]:
            fall_of(account, f"{accounts}:{account.account_id}")
        spread(now(), today())
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/alerts/").status_code == 200
        return len(seen)

    client.get("/alerts/")  # the first request of a session has more to do
    assert queries(2) == queries(12) <= 12


def form_of(client: Client) -> dict[str, str]:
    """The fields of the settings as the page has them."""
    form = client.get("/alerts/settings/").context["form"]
    found = {}
    for field in form:
        value = field.value()
        if value is True:
            found[field.html_name] = "on"
        elif value is not False:
            found[field.html_name] = str(value)
    return found


def test_what_one_is_told_is_saved_and_not_overwritten(people: People, client_of: ClientOf) -> None:
    client = client_of(people.carla)
    fields = form_of(client)
    fields["tier-changed-up_scope"] = "off"
    fields["task-assigned_scope"] = "yes"
    fields["task-assigned_mail"] = "at_once"
    fields.pop("digest")
    assert client.post("/alerts/settings/", fields).status_code == 302
    kept = Preference.objects.get(user=people.carla)
    assert kept.topics["tier.changed.up"]["scope"] == "off"
    assert kept.topics["task.assigned"] == {"scope": "mine", "in_app": True, "mail": "at_once"}
    assert not kept.digest
    stale = client.post("/alerts/settings/", fields)
    assert stale.status_code == 409
    assert "another window" in stale.content.decode()
    wrong = client.post("/alerts/settings/", {**fields, "revision": "1", "task-assigned_mail": "pigeon"})
    assert wrong.status_code == 422
    beyond = client.post("/alerts/settings/", {**fields, "revision": "1", "tier-changed-down_scope": "all"})
    assert beyond.status_code == 422, "a CSM is not offered all accounts"
    assert Preference.objects.get(user=people.carla).revision == 1


@pytest.mark.parametrize("name", ["carla", "anna", "lena", "otto", "eve", "ada"])
def test_everybody_can_save_what_they_are_shown(people: People, client_of: ClientOf, name: str) -> None:
    client = client_of(getattr(people, name))
    assert client.post("/alerts/settings/", form_of(client)).status_code == 302
    page = client.get("/alerts/settings/").content.decode()
    assert "Weekly digest" in page
    assert ("The weekly refresh failed" in page) == (name in ("lena", "otto", "ada"))


NEW = {
    "name": "warehouse",
    "form": "signed",
    "address": "https://hooks.example.com/in?key=s3cr3t",
    "kinds": ["tier.changed"],
}


def test_a_webhook_from_its_making_to_its_end(people: People) -> None:
    client = fresh_client(people.otto)
    made = client.post("/alerts/webhooks/new/", NEW)
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]+", made.content.decode())
    row = Webhook.objects.get()
    assert unseal(row.secret, PURPOSE) == secret
    page = client.get(f"/alerts/webhooks/{row.pk}/").content.decode()
    for hidden in (secret, "s3cr3t", row.secret):
        assert hidden not in page + client.get(f"/alerts/webhooks/{row.pk}/change/").content.decode()
    assert "https://hooks.example.com/…" in page

    changed = client.post(
        f"/alerts/webhooks/{row.pk}/change/", {"name": "lake", "address": "", "kinds": [], "revision": "1"}
    )
    assert changed.status_code == 302
    row.refresh_from_db()
    assert (row.name, row.kinds, unseal(row.address, PURPOSE)) == ("lake", [], NEW["address"])
    stale = client.post(f"/alerts/webhooks/{row.pk}/change/", {"name": "x", "address": "", "revision": "1"})
    assert stale.status_code == 409

    rotated = client.post(f"/alerts/webhooks/{row.pk}/secret/", {"revision": "2"})
    [second] = re.findall(r"whsec_[A-Za-z0-9+/=]+", rotated.content.decode())
    assert second != secret

    tested = client.post(f"/alerts/webhooks/{row.pk}/test/")
    delivery = Delivery.objects.get()
    assert tested["Location"] == f"/alerts/webhooks/deliveries/{delivery.pk}/"
    waiting = client.get(tested["Location"]).content.decode()
    assert "hx-get" in waiting
    deliver_due(now(), send=lambda *_: Answer(500, "answered 500 Oops", "<b>no</b>", 12))
    shown = client.get(tested["Location"]).content.decode()
    assert "answered 500 Oops" in shown
    assert "&lt;b&gt;no&lt;/b&gt;" in shown
    assert client.post(f"/alerts/webhooks/deliveries/{delivery.pk}/again/").status_code == 302
    deliver_due(now(), send=lambda *_: Answer(200, "", "ok", 3))
    part = client.get(tested["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "Delivered" in part
    assert "<html" not in part
    assert "hx-get" not in part, "what ended is not asked for again"

    assert (
        client.post(
            f"/alerts/webhooks/{row.pk}/switch/", {"revision": "3", "active": "0", "reason": "noisy"}
        ).status_code
        == 302
    )
    assert "noisy" in client.get("/alerts/webhooks/").content.decode()
    client.post(f"/alerts/webhooks/{row.pk}/remove/", {"revision": "4"})
    assert client.get(f"/alerts/webhooks/{row.pk}/").status_code == 404
    actions = set(AuditEvent.objects.filter(action__startswith="webhook.").values_list("action", flat=True))
    assert actions == {
        "webhook.made", "webhook.changed", "webhook.secret_rotated", "webhook.tested", "webhook.switched",
        "webhook.removed",
    }  # fmt: skip


def test_making_one_asks_for_the_password_again(people: People, client_of: ClientOf) -> None:
    answer = client_of(people.otto).post("/alerts/webhooks/new/", NEW)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/again/")
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("address", "http//x", "no address"), ("name", "", "required"), ("kinds", ["nonsense"], "not one of")],
)
def test_what_to_change_is_said_beside_the_field(
    people: People, field: str, value: object, words: str
) -> None:
    answer = fresh_client(people.otto).post("/alerts/webhooks/new/", {**NEW, field: value})
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])


def test_the_log_is_paged_and_its_queries_do_not_grow(people: People) -> None:
    client = fresh_client(people.otto)
    row, _ = services_webhooks.make_webhook(
        "w", WebhookForm.CHAT, "https://example.com/x", [], people.otto, now()
    )

    def queries(count: int) -> int:
        for n in range(count):
            emit(
                "refresh.failed", key=f"{count}:{n}", at=now() - timedelta(minutes=n),
                payload={"run_id": 1, "key": "2026-11-16", "state": "failed"},
            )  # fmt: skip
        spread(now(), today())
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/alerts/webhooks/{row.pk}/").status_code == 200
        return len(seen)

    client.get("/alerts/webhooks/")  # the first request of a session has more to do
    assert queries(2) == queries(40) <= 12
    assert client.get(f"/alerts/webhooks/{row.pk}/?state=dead").content.decode().count("refresh.failed") == 0
    with CaptureQueriesContext(connection) as seen:
        client.get("/alerts/webhooks/")
    assert len(seen) <= 12


def test_events_by_the_api(people: People, told: list[Account], client_of: ClientOf) -> None:
    client = client_of(people.carla)
    found = client.get("/api/v1/events").json()
    assert found["count"] == 3
    assert {item["account"]["id"] for item in found["items"]} == {a.account_id for a in told}
    assert found["items"][0]["data"]["after"] == "watch"
    one = client.get("/api/v1/events", {"account": told[0].account_id, "kind": "tier.changed"}).json()
    assert one["count"] == 1
    assert client.get("/api/v1/events", {"kind": "no.such"}).status_code == 422
    assert client.get("/api/v1/events", {"since": "2026-11-16T00:00:00"}).status_code == 422
    assert client.get("/api/v1/events", {"since": "2999-01-01T00:00:00Z"}).json()["count"] == 0
    assert client_of(people.anna).get("/api/v1/events").json()["count"] <= 3
    kinds = client.get("/api/v1/events/kinds").json()
    assert next(k for k in kinds if k["name"] == "tier.changed")["data_schema"]["properties"]["after"]
