"""Truth: probes tell strangers whether, and people who may know why; metrics need a token; logs hold no secrets
(issue 4, operations)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client

from barograph_web.ops import health
from barograph_web.ops.logs import JsonFormatter, RequestFilter, TextFormatter
from barograph_web.ops.models import Run, RunState, WorkerBeat
from barograph_web.ops.redaction import without_secrets
from barograph_web.ops.workspace import now
from barograph_web.options import OPTIONS, Options
from support.web_people import People, make_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> People:
    return make_people()


@pytest.fixture
def working() -> WorkerBeat:
    return WorkerBeat.objects.create(name="w", started_at=now(), seen_at=now())


def with_options(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    defaults = {option.name: option.default for option in OPTIONS}
    monkeypatch.setattr(
        settings, "OPTIONS_IN_FORCE", Options(defaults | values, dict.fromkeys(defaults, "default"))
    )


def test_a_stranger_learns_whether_and_nothing_else(working: WorkerBeat) -> None:
    found = Client().get("/healthz")
    assert found.status_code == 200
    assert set(found.json()) == {"status"}
    assert "no-store" in found["Cache-Control"]


def test_without_a_worker_it_is_503_and_a_leader_is_told_why(
    staff: People, client_of: Callable[..., Client]
) -> None:
    assert Client().get("/healthz").status_code == 503
    told = client_of(staff.lena).get("/healthz").json()
    assert told["signs"]["worker"]["level"] == "bad"
    assert "No worker is running" in told["signs"]["worker"]["words"]
    assert set(client_of(staff.carla).get("/healthz").json()) == {"status"}


def test_a_worker_that_fell_silent_is_told(working: WorkerBeat) -> None:
    later = working.seen_at + health.SILENT_AFTER + timedelta(seconds=1)
    signs = {sign.name: sign for sign in health.signs(later)}
    assert signs["worker"].level == "bad"
    assert {s.name: s for s in health.signs(working.seen_at)}["worker"].level == "good"


def test_one_sign_that_fails_does_not_hide_the_others(
    working: WorkerBeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_now: datetime) -> timedelta:
        raise DatabaseError("password=hunter2")

    monkeypatch.setattr(health, "worker_age", broken)
    signs = {sign.name: sign for sign in health.signs(now())}
    assert set(signs) == {"database", "workspace", "worker", "newest_week", "runs", "disk"}
    assert signs["worker"].level == "bad"
    assert "hunter2" not in signs["worker"].words
    assert signs["database"].level == "good"


def test_failed_runs_of_the_last_week_need_a_look(working: WorkerBeat) -> None:
    moment = now()
    run = Run.objects.create(
        kind="refresh", key="k", state=RunState.FAILED, finished_at=moment - timedelta(days=2)
    )
    assert {s.name: s.level for s in health.signs(moment)}["runs"] == "warn"
    run.finished_at = moment - timedelta(days=8)
    run.save()
    assert {s.name: s.level for s in health.signs(moment)}["runs"] == "good"


def test_metrics_are_for_the_bearer_of_the_token_and_administrators(
    staff: People, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Client().get("/metrics").status_code == 401
    assert Client().get("/metrics", HTTP_AUTHORIZATION="Bearer ").status_code == 401
    with_options(monkeypatch, metrics_token="a long random token")  # noqa: S106
    assert Client().get("/metrics", HTTP_AUTHORIZATION="Bearer a long random tokem").status_code == 401
    assert Client().get("/metrics", HTTP_AUTHORIZATION="Bearer a long random token").status_code == 200
    assert client_of(staff.ada).get("/metrics").status_code == 200
    assert client_of(staff.carla).get("/metrics").status_code == 401


def test_metrics_count_requests_by_view_and_runs_by_state(
    staff: People, client_of: Callable[..., Client]
) -> None:
    Run.objects.create(kind="refresh", key="k")
    client = client_of(staff.ada)
    client.get("/administration/people/?q=carla@example.com")
    text = client.get("/metrics").content.decode()
    assert 'barograph_requests_total{method="GET",status="200",view="users:people"}' in text
    assert 'barograph_runs{state="queued"} 1.0' in text
    assert "barograph_queue_length 1.0" in text
    assert 'barograph_up{version="' in text
    assert "carla" not in text


def test_the_health_and_settings_pages_say_it_in_words_and_show_no_secret(
    staff: People, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, working: WorkerBeat
) -> None:
    client = client_of(staff.otto)
    assert "1 worker is running" in client.get("/administration/health/").content.decode()
    with_options(monkeypatch, database_url="postgresql://me:hunter2@host/db", refresh_time="07:30")
    page = client.get("/administration/settings/").content.decode()
    assert "hunter2" not in page
    assert "07:30" in page
    for option in OPTIONS:
        assert option.variable in page


SECRET = "hunter2hunter2"  # noqa: S105


@pytest.mark.parametrize(
    "text",
    [
        f"cannot reach postgresql://me:{SECRET}@host/db",
        f"mysql+pymysql://me:{SECRET}@host:3306/db?x=1",
        f"Authorization: Bearer {SECRET}",
        f"password={SECRET} host=db",
        f'{{"password": "{SECRET}"}}',
        f"DB_PASSWORD: {SECRET}",
        f"api_key='{SECRET}'",
        f"csrfmiddlewaretoken={SECRET}&q=1",
        f"key baro_{SECRET} was refused",
    ],
)
def test_secrets_are_struck_out_of_logs_traceback_and_extras_too(text: str) -> None:
    assert SECRET not in without_secrets(text)
    try:
        raise ValueError(text)
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "said %s", (text,), info)
    record.more = {"nested": text}
    RequestFilter().filter(record)
    line = JsonFormatter().format(record)
    assert SECRET not in line
    assert json.loads(line)["level"] == "ERROR"
    plain = TextFormatter().format(record)
    assert SECRET not in plain
    assert "more=" in plain


def test_ordinary_words_stay() -> None:
    for text in (
        "week 2026-11-16: 3 of 5",
        "https://example.com/a?b=1",
        "see docs/reference/settings.md: token",
        "a@b",
    ):
        assert without_secrets(text) == text


def test_a_request_is_logged_by_view_without_what_was_typed(
    staff: People, client_of: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "barograph.requests"):
        client_of(staff.ada).get("/administration/people/?q=somebody@example.com")
    record = SimpleNamespace(**vars(caplog.records[-1]))
    assert (record.view, record.method, record.status) == ("users:people", "GET", 200)
    assert "somebody" not in str(vars(caplog.records[-1]))


def test_now_is_an_instant_with_a_zone() -> None:
    assert now().tzinfo == UTC
