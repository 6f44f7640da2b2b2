"""What the API gives (X1, X2, H2, L5): what the caller may see and nothing else, adding up, with ETags and pages.
Truth: the rows of the application, the documents of the library, permissions, growth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from barograph_web.api.throttle import parse_rate
from barograph_web.ops.workspace import now, today
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.settings.options import Options
from barograph_web.users.models import ApiToken, User
from support.web_people import People

Programs = Callable[..., object]
pytestmark = pytest.mark.django_db
READS = (
    "/accounts", "/scores", "/weeks", "/review", "/models", "/decisions", "/accounts/{a}", "/accounts/{a}/score",
    "/accounts/{a}/history", "/accounts/{a}/decisions",
)  # fmt: skip


@pytest.mark.parametrize("address", READS)
def test_reading_needs_a_token_with_the_scope(people: People, program: Programs, address: str) -> None:
    account = visible_accounts(people.carla, today()).first()
    assert account is not None
    address = address.replace("{a}", account.account_id)
    assert program(people.carla, "read").get(address).status_code == 200  # type: ignore[attr-defined]
    refused = program(people.carla, "decide").get(address)  # type: ignore[attr-defined]
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"
    stranger = Client().get(f"/api/v1{address}")
    assert stranger.status_code == 401
    assert stranger.headers["WWW-Authenticate"] == "Bearer"


def test_expired_and_revoked_tokens_and_those_of_people_who_left_open_nothing(
    people: People, program: Programs, client_of: Callable[[User], Client]
) -> None:
    caller = program(people.carla, "read")
    assert caller.get("/accounts").status_code == 200  # type: ignore[attr-defined]
    ApiToken.objects.update(expires_at=now() - timedelta(seconds=1))
    assert caller.get("/accounts").status_code == 401  # type: ignore[attr-defined]
    ApiToken.objects.update(expires_at=now() + timedelta(days=1), revoked_at=now())
    assert caller.get("/accounts").status_code == 401  # type: ignore[attr-defined]
    ApiToken.objects.update(revoked_at=None)
    User.objects.filter(pk=people.carla.pk).update(is_active=False)
    assert caller.get("/accounts").status_code == 401  # type: ignore[attr-defined]
    # A refused token is not made good by a session beside it.
    signed_in = client_of(people.otto)
    assert signed_in.get("/api/v1/accounts").status_code == 200
    assert signed_in.get("/api/v1/accounts", **caller.headers).status_code == 401  # type: ignore[attr-defined]


def test_everybody_reads_their_own_accounts_only(people: People, program: Programs) -> None:
    for person in (people.carla, people.anna, people.lena, people.otto):
        expected = set(visible_accounts(person, today()).values_list("account_id", flat=True))
        caller = program(person, "read")
        for address in ("/accounts?per_page=500", "/scores?per_page=500"):
            items = caller.get(address).json()["items"]  # type: ignore[attr-defined]
            assert {item["account_id"] for item in items} <= expected
            assert items
        other = Account.objects.exclude(account_id__in=expected).first()
        if other is not None:
            for part in ("", "/score", "/history", "/decisions"):
                assert caller.get(f"/accounts/{other.account_id}{part}").status_code == 404  # type: ignore[attr-defined]


def test_guests_have_no_api(people: People, client_of: Callable[[User], Client]) -> None:
    assert client_of(people.gus).get("/api/v1/accounts").status_code == 403


def test_a_score_is_its_base_plus_what_it_is_made_of(people: People, program: Programs) -> None:
    items = program(people.otto, "read").get("/scores?per_page=500").json()["items"]  # type: ignore[attr-defined]
    known = 0
    for item in items:
        made_of = item["decomposition"]
        if item["standing"]["score"] is None:
            assert made_of["score"] is None
            continue
        known += 1
        total = made_of["base"] + sum(c["contribution"] for c in made_of["components"])
        assert total == pytest.approx(item["standing"]["score"], abs=1e-6)
    assert known > 50


def test_pages_cover_the_list_once(people: People, program: Programs) -> None:
    caller = program(people.otto, "read")
    whole = [a["account_id"] for a in caller.get("/accounts?per_page=500&sort=name").json()["items"]]  # type: ignore[attr-defined]
    found, address = [], "/accounts?per_page=17&sort=name"
    while address:
        page = caller.get(address).json()  # type: ignore[attr-defined]
        found += [a["account_id"] for a in page["items"]]
        address = page["next"].partition("/api/v1")[2] if page["next"] else ""
    assert found == whole
    assert len(set(found)) == page["count"]


def test_filters_narrow_and_wrong_ones_are_named(people: People, program: Programs) -> None:
    caller = program(people.otto, "read")
    items = caller.get("/accounts?tier=at_risk&tier=watch&per_page=500").json()["items"]  # type: ignore[attr-defined]
    assert {a["standing"]["tier"] for a in items} == {"at_risk", "watch"}
    wrong = {
        "/accounts?tier=red": "tier",
        "/accounts?within=soon": "within",
        "/accounts?page=0": "page",
        "/accounts?per_page=501": "per_page",
    }
    for address, field in wrong.items():
        refused = caller.get(address)  # type: ignore[attr-defined]
        assert refused.status_code == 422
        assert field in {e["field"] for e in refused.json()["errors"]}
    assert caller.get("/accounts?sort=luck").status_code == 422  # type: ignore[attr-defined]
    assert caller.get("/scores?week=2001-01-01").status_code == 404  # type: ignore[attr-defined]


def test_week_documents_have_an_etag_that_is_the_callers_own(people: People, program: Programs) -> None:
    carla, otto = program(people.carla, "read"), program(people.otto, "read")
    for address in ("/scores?per_page=5", "/review?per_page=5"):
        first = carla.get(address)  # type: ignore[attr-defined]
        again = carla.get(address, HTTP_IF_NONE_MATCH=first.headers["ETag"])  # type: ignore[attr-defined]
        assert (again.status_code, again.content) == (304, b"")
        assert otto.get(address, HTTP_IF_NONE_MATCH=first.headers["ETag"]).status_code == 200  # type: ignore[attr-defined]


def test_queries_do_not_grow_with_rows(people: People, program: Programs) -> None:
    caller = program(people.otto, "read")
    for address in ("/accounts", "/scores", "/review", "/weeks"):
        caller.get(address)  # type: ignore[attr-defined]
        with CaptureQueriesContext(connection) as few:
            caller.get(f"{address}?per_page=2")  # type: ignore[attr-defined]
        with CaptureQueriesContext(connection) as many:
            caller.get(f"{address}?per_page=90")  # type: ignore[attr-defined]
        assert len(many) <= len(few)


def test_beyond_the_rate_requests_wait(
    people: People, program: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    options = settings.OPTIONS_IN_FORCE
    monkeypatch.setattr(
        settings, "OPTIONS_IN_FORCE", Options({**options.values, "api_rate": "3/h"}, options.sources)
    )
    caller, other = program(people.otto, "read"), program(people.carla, "read")
    codes = [caller.get("/weeks").status_code for _ in range(4)]  # type: ignore[attr-defined]
    assert codes == [200, 200, 200, 429]
    refused = caller.get("/weeks")  # type: ignore[attr-defined]
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert other.get("/weeks").status_code == 200  # type: ignore[attr-defined]
    cache.clear()


@pytest.mark.parametrize("text", ["", "600", "0/m", "600/d", "-1/s", "six/m"])
def test_a_rate_that_cannot_be_read_names_itself(text: str) -> None:
    with pytest.raises(ValueError, match="BAROGRAPH_API_RATE"):
        parse_rate(text)
    assert parse_rate("600/m") == (600, 60)
