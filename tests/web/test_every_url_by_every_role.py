"""Truth: permission. Every address of the application by every role: who may gets an answer, who may not gets 403, who
is not signed in goes to sign in. An address without a line in EXPECTED fails (X2; issue 4, tests)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from barograph_web.users.models import User
from support.web_fresh import fresh_client
from support.web_people import People, make_people

pytestmark = pytest.mark.django_db

EVERYBODY = "carla anna lena otto eve gus ada"
STAFF = "carla anna lena otto eve ada"
WORKERS = "carla anna lena otto ada"
LEADS = "lena ada"
OPERATORS = "otto ada"
WATCHERS = "lena otto ada"
ADMINISTRATOR = "ada"
OPEN = "open"
"""Answers people who are not signed in too; what it says to whom is tested where it belongs."""

EXPECTED: dict[str, str] = {
    "home": EVERYBODY,
    # the Monday review
    "review:week": STAFF,
    "review:export": STAFF,
    "review:agenda": STAFF,
    "review:agenda_file": STAFF,
    "review:close": LEADS,
    "review:minutes_list": STAFF,
    "review:minutes": STAFF,
    "review:minutes_file": STAFF,
    "review:minutes_send": LEADS,
    "review:release": LEADS,
    "review:outcome": WORKERS,
    "review:rule": LEADS,
    "review:entry": STAFF,
    "review:decide": WORKERS,
    "review:agree": WORKERS,
    "review:undo": WORKERS,
    # my work
    "work:list": WORKERS,
    "work:export": WORKERS,
    "work:save_view": WORKERS,
    "work:delete_view": WORKERS,
    "work:task": WORKERS,
    "work:comment": WORKERS,
    "work:erase_comment": WORKERS,
    "work:act": WORKERS,
    "work:team": LEADS,
    "work:hand_over_all": LEADS,
    "work:calendar": WORKERS,
    "work:make_calendar": WORKERS,
    "work:withdraw_calendar": WORKERS,
    "work:feed": OPEN,
    "work:log_touch": WORKERS,
    "work:open_play": WORKERS,
    "work:add_task": WORKERS,
    # portfolio and accounts
    "portfolio:table": STAFF,
    "portfolio:export": STAFF,
    "portfolio:groups": STAFF,
    "portfolio:over_time": STAFF,
    "portfolio:movement": STAFF,
    "portfolio:alarm": STAFF,
    "portfolio:find": EVERYBODY,
    "portfolio:shared": EVERYBODY,
    "portfolio:save_view": STAFF,
    "portfolio:delete_view": STAFF,
    "portfolio:account": EVERYBODY,
    "portfolio:write_note": WORKERS,
    "portfolio:replace_note": WORKERS,
    "portfolio:erase_note": WORKERS,
    "portfolio:share": LEADS,
    "portfolio:stop_sharing": LEADS,
    # pulses; grades of another person and accounts of others are 404, tested in tests/web/pulses
    "pulses:due": WORKERS,
    "pulses:give": WORKERS,
    "pulses:last": WORKERS,
    "pulses:queue": STAFF,
    "pulses:rule": LEADS,
    "pulses:context": WORKERS,
    "pulses:withdraw": WORKERS,
    "pulses:verdict": WORKERS,
    "pulses:register": STAFF,
    "pulses:register_export": STAFF,
    "pulses:grades": WORKERS,
    "pulses:grade": WORKERS,
    # models
    "scoring:models": STAFF,
    "scoring:release": LEADS,
    "scoring:learn": OPERATORS,
    "scoring:validate": OPERATORS,
    "scoring:report": STAFF,
    "scoring:begin": OPERATORS,
    "scoring:draft": STAFF,
    "scoring:draft-text": OPERATORS,
    "scoring:draft-file": STAFF,
    "scoring:effect": STAFF,
    "scoring:submit": OPERATORS,
    "scoring:reopen": OPERATORS,
    "scoring:drop": OPERATORS,
    "scoring:send-back": LEADS,
    "scoring:approve-draft": LEADS,
    "scoring:version": STAFF,
    "scoring:file": STAFF,
    "scoring:validation": STAFF,
    "scoring:compare": STAFF,
    "scoring:approve": LEADS,
    "scoring:roll-back": LEADS,
    # data
    "ingest:data": WORKERS,
    "ingest:proposal": WORKERS,
    "ingest:look": OPERATORS,
    "ingest:upload": OPERATORS,
    "ingest:file": OPERATORS,
    "ingest:settle": OPERATORS,
    "ingest:check": OPERATORS,
    "ingest:import": OPERATORS,
    "ingest:again": OPERATORS,
    "ingest:delete": OPERATORS,
    "ingest:progress": OPERATORS,
    "ingest:mapping": OPERATORS,
    "ingest:quarantine": OPERATORS,
    "ingest:quarantine-csv": OPERATORS,
    # people
    "users:people": ADMINISTRATOR,
    "users:add": ADMINISTRATOR,
    "users:person": ADMINISTRATOR,
    "users:invite": ADMINISTRATOR,
    "users:active": ADMINISTRATOR,
    "users:second_factor": ADMINISTRATOR,
    "users:sign_out": ADMINISTRATOR,
    "users:teams": ADMINISTRATOR,
    "users:add_team": ADMINISTRATOR,
    "users:team": ADMINISTRATOR,
    "users:remove_team": ADMINISTRATOR,
    "users:stand_ins": ADMINISTRATOR,
    "users:end_stand_in": ADMINISTRATOR,
    "users:me": EVERYBODY,
    "users:theme": EVERYBODY,
    "users:own_stand_in": STAFF,
    "users:end_own_stand_in": EVERYBODY,
    "users:add_token": WORKERS,
    "users:revoke_token": WORKERS,
    # operations
    "ops:administration": WATCHERS,
    "ops:health": WATCHERS,
    "ops:runs": WATCHERS,
    "ops:refresh_now": OPERATORS,
    "ops:run": WATCHERS,
    "ops:retry": OPERATORS,
    "ops:audit": WATCHERS,
    "ops:audit_export": WATCHERS,
    "ops:settings": OPERATORS,
    "ops:personal_data": ADMINISTRATOR,
    "ops:erase": ADMINISTRATOR,
    "ui:elements": ADMINISTRATOR,
    # what accounts get to
    "growth:expansion": STAFF,
    "growth:pipeline": STAFF,
    "growth:plans": STAFF,
    "growth:advocates": STAFF,
    "growth:escalations": STAFF,
    "growth:rules": STAFF,
    "growth:export": STAFF,
    "growth:hand_over": WORKERS,
    "growth:request": WORKERS,
    "growth:opportunity": WORKERS,
    "growth:escalate": WORKERS,
    "growth:plan": STAFF,
    "growth:goal": WORKERS,
    "growth:sheet": STAFF,
    "growth:advocate": STAFF,
    "growth:ask": WORKERS,
    "growth:consent": WORKERS,
    "growth:thing": STAFF,
    "growth:move": WORKERS,
    # plays; what a person may settle or see of others is tested in tests/web/plays
    "plays:library": STAFF,
    "plays:play": STAFF,
    "plays:hold_out": LEADS,
    "plays:ask_dry_run": LEADS,
    "plays:dry_run": STAFF,
    "plays:runs": STAFF,
    "plays:run": STAFF,
    "plays:close": WORKERS,
    "plays:pause": WORKERS,
    "plays:resume": WORKERS,
    "plays:incidents": STAFF,
    "plays:incident": STAFF,
    "plays:settle": WATCHERS,
    "plays:levels": STAFF,
    "plays:capacity": STAFF,
    "plays:pools": STAFF,
    "plays:risk": WORKERS,
    "plays:snooze": WORKERS,
    # alerts
    "alerts:mine": STAFF,
    "alerts:follow": STAFF,
    "alerts:read": STAFF,
    "alerts:settings": STAFF,
    "alerts:webhooks": OPERATORS,
    "alerts:add_webhook": OPERATORS,
    "alerts:webhook": OPERATORS,
    "alerts:change_webhook": OPERATORS,
    "alerts:switch_webhook": OPERATORS,
    "alerts:rotate_secret": OPERATORS,
    "alerts:remove_webhook": OPERATORS,
    "alerts:test_webhook": OPERATORS,
    "alerts:delivery": OPERATORS,
    "alerts:resend": OPERATORS,
    # sign-in, by allauth
    "account_login": OPEN,
    "account_logout": OPEN,
    "account_inactive": OPEN,
    "account_reauthenticate": OPEN,
    "account_change_password": OPEN,
    "account_set_password": OPEN,
    "account_reset_password": OPEN,
    "account_reset_password_done": OPEN,
    "account_reset_password_from_key": OPEN,
    "account_reset_password_from_key_done": OPEN,
    "mfa_index": OPEN,
    "mfa_authenticate": OPEN,
    "mfa_reauthenticate": OPEN,
    "mfa_activate_totp": OPEN,
    "mfa_deactivate_totp": OPEN,
    "mfa_view_recovery_codes": OPEN,
    "mfa_generate_recovery_codes": OPEN,
    "mfa_download_recovery_codes": OPEN,
    "usersessions_list": OPEN,
    "account_signup": OPEN,
    "account_email": OPEN,
    "account_email_verification_sent": OPEN,
    "account_confirm_email": OPEN,
    # the API, with a session; tokens are tested in tests/web/api
    "api:openapi-json": EVERYBODY,
    "api:openapi-view": EVERYBODY,
    "api:list_accounts": STAFF,
    "api:get_account": STAFF,
    "api:get_score": STAFF,
    "api:get_history": STAFF,
    "api:get_decisions": STAFF,
    "api:list_scores": STAFF,
    "api:list_weeks": STAFF,
    "api:get_review": STAFF,
    "api:list_models": STAFF,
    "api:list_events": STAFF,
    "api:list_event_kinds": STAFF,
    "api:list_decisions": STAFF,
    "api:record_decision": WORKERS,
    "api:list_imports": OPERATORS,
    "api:get_import": OPERATORS,
    "api:upload_file": OPERATORS,
    "api:upsert_rows": OPERATORS,
    "api:list_runs": WATCHERS,
    "api:get_run": WATCHERS,
    "api:start_refresh": OPERATORS,
    "api:list_tasks": WORKERS,
    "api:get_task": WORKERS,
    "api:complete_task": WORKERS,
    "api:list_touches": WORKERS,
    "api:log_touch": WORKERS,
    "api:api-root": OPEN,
    # probes
    "healthz": OPEN,
    "metrics": OPEN,
}
SAMPLES: dict[str, Any] = {
    "pk": 999_999,
    "number": 999_999,
    "run_id": 999_999,
    "account_id": "nobody & sons/1",
    "key": "nothing-v1",
    "other": "nothing-v2",
    "name": "nothing",
    "ending": "md",
    "kind": "user",
    "do": "complete",
    "what": "release",
    "task_id": 999_999,
}
UUIDS = "00000000-0000-0000-0000-000000000000"
POSTED = {"api:record_decision", "api:upload_file", "api:upsert_rows", "api:start_refresh", "api:log_touch"}


def addresses(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, list[str], dict[str, Any]]]:
    """(name, names of its parts, converters) of every pattern in the URLconf."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, ":".join(filter(None, (namespace, pattern.namespace))))
        elif isinstance(pattern, URLPattern):
            name = ":".join(filter(None, (namespace, pattern.name)))
            yield name, list(pattern.pattern.converters), dict(pattern.pattern.converters)


ADDRESSES = list(addresses(get_resolver()))


def address(name: str, parts: list[str], converters: dict[str, Any]) -> str:
    kwargs = {p: UUIDS if "uuid" in type(converters[p]).__name__.lower() else SAMPLES[p] for p in parts}
    return reverse(name, kwargs=kwargs)


def answer(client: Client, name: str, url: str) -> Any:
    """GET, or POST where only that is answered."""
    if name not in POSTED:
        found = client.get(url)
        if found.status_code != 405:
            return found
    return client.post(url)


def test_every_address_has_an_expectation_and_none_is_left_over() -> None:
    names = {name for name, _, _ in ADDRESSES}
    assert names - set(EXPECTED) == set(), "a new address needs a line in EXPECTED"
    assert set(EXPECTED) - names == set(), "EXPECTED names what is gone"


@pytest.mark.parametrize("who", EVERYBODY.split())
def test_who_may_gets_an_answer_and_who_may_not_gets_403(who: str) -> None:
    people: People = make_people()
    user: User = getattr(people, who)
    client = fresh_client(user)
    wrong = []
    for name, parts, converters in ADDRESSES:
        expected = EXPECTED[name]
        if expected == OPEN:
            continue
        found = answer(client, name, address(name, parts, converters))
        allowed = who in expected.split()
        # 404 for what is not there, 4xx for a form without values: the role was let through.
        right = found.status_code not in (401, 403, 405, 500) if allowed else found.status_code == 403
        if not right:
            wrong.append((name, found.status_code, "may" if allowed else "may not"))
    assert wrong == []


def test_who_is_not_signed_in_is_sent_to_sign_in_or_refused() -> None:
    make_people()
    wrong = []
    for name, parts, converters in ADDRESSES:
        if EXPECTED[name] == OPEN:
            continue
        url = address(name, parts, converters)
        found = answer(Client(), name, url)
        sent = found.status_code == 302 and found["Location"].startswith(reverse("account_login"))
        if not (sent or (name.startswith("api:") and found.status_code == 401)):
            wrong.append((name, found.status_code))
    assert wrong == []


def test_somebody_who_was_disabled_is_out_at_once() -> None:
    people = make_people()
    client = fresh_client(people.ada)
    assert client.get(reverse("users:people")).status_code == 200
    people.ada.is_active = False
    people.ada.save()
    assert client.get(reverse("users:people")).status_code == 302
