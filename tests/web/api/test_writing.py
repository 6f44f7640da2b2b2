"""What the API takes (X1, X2, P6): decisions once, files and rows through the library's import, refreshes as runs.
Truth: the rows and the lake afterwards, the audit log, and what the worker did."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from barograph_web.ingest.models import Upload
from barograph_web.ops.models import AuditEvent, Run, RunState
from barograph_web.ops.worker import work_off
from barograph_web.ops.workspace import today
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.review.models import Decision
from barograph_web.settings.options import Options
from barograph_web.users.models import User
from support.web_company import company_copy, open_in_application
from support.web_people import People

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_company(people: People, projected: Any, tmp_path: Any) -> Any:
    """A copy of the company that imports may write to."""
    return open_in_application(company_copy(projected, tmp_path / "company"))


def named(name: str, content: bytes) -> BytesIO:
    file = BytesIO(content)
    file.name = name
    return file


def test_a_decision_is_recorded_once_for_a_key(people: People, program: Callable[..., Any]) -> None:
    account = visible_accounts(people.carla, today()).first()
    assert account is not None
    caller = program(people.carla, "decide")
    body = {
        "account_id": account.account_id,
        "verdict": "disagree",
        "reason": "new sponsor",
        "owner": people.anna.email,
        "next_step": "call",
        "due_on": "2026-11-30",
    }
    first = caller.post("/decisions", body, HTTP_IDEMPOTENCY_KEY="once-and-only")
    again = caller.post("/decisions", body, HTTP_IDEMPOTENCY_KEY="once-and-only")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Decision.objects.count() == 1
    event = AuditEvent.objects.get(action="decision.recorded")
    assert (event.via, event.actor, event.account_id) == ("api", people.carla, account.account_id)
    other = caller.post("/decisions", {**body, "reason": "x"}, HTTP_IDEMPOTENCY_KEY="once-and-only")
    assert other.status_code == 422
    assert caller.post("/decisions", body).status_code == 400


def test_a_decision_that_somebody_overtook_gets_theirs(people: People, program: Callable[..., Any]) -> None:
    account = visible_accounts(people.carla, today()).first()
    assert account is not None
    body = {"account_id": account.account_id, "verdict": "agree"}
    theirs = program(people.otto, "decide").post("/decisions", body, HTTP_IDEMPOTENCY_KEY="theirs-123").json()
    caller = program(people.carla, "decide")
    late = caller.post("/decisions", body, HTTP_IDEMPOTENCY_KEY="mine-12345")
    assert late.status_code == 409
    assert late.json()["latest"]["id"] == theirs["id"]
    seen = caller.post("/decisions", {**body, "seen": theirs["id"]}, HTTP_IDEMPOTENCY_KEY="mine-12345")
    assert seen.status_code == 201
    history = program(people.carla, "read").get(f"/accounts/{account.account_id}/decisions").json()
    assert [d["replaced_by"] for d in history["items"]] == [None, seen.json()["id"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"verdict": "disagree"}, "reason"),
        ({"next_step": "call"}, "due_on"),
        ({"verdict": "maybe"}, "wanted.verdict"),
        ({"owner": "nobody@nowhere.example"}, "owner"),
        ({"due_on": "soon"}, "wanted.due_on"),
    ],
)
def test_a_decision_that_breaks_a_rule_says_which_field(
    people: People, program: Callable[..., Any], change: dict[str, str], field: str
) -> None:
    account = visible_accounts(people.carla, today()).first()
    assert account is not None
    body = {"account_id": account.account_id, "verdict": "agree", **change}
    refused = program(people.carla, "decide").post("/decisions", body, HTTP_IDEMPOTENCY_KEY="rule-breaker")
    assert refused.status_code == 422
    assert field in {e["field"] for e in refused.json()["errors"]}
    assert not Decision.objects.exists()


def test_nobody_decides_on_what_they_may_not_see(people: People, program: Callable[..., Any]) -> None:
    hidden = Account.objects.exclude(pk__in=visible_accounts(people.carla, today())).first()
    assert hidden is not None
    body = {"account_id": hidden.account_id, "verdict": "agree"}
    assert (
        program(people.carla, "decide")
        .post("/decisions", body, HTTP_IDEMPOTENCY_KEY="not-mine-1")
        .status_code
        == 404
    )


def test_a_session_writes_only_with_its_csrf_token(people: People) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.carla, backend="django.contrib.auth.backends.ModelBackend")
    account = visible_accounts(people.carla, today()).first()
    assert account is not None
    body = f'{{"account_id": "{account.account_id}", "verdict": "agree"}}'
    address = "/api/v1/decisions"
    plain = client.post(address, body, content_type="application/json", HTTP_IDEMPOTENCY_KEY="forged-123")
    assert plain.status_code == 403
    assert not Decision.objects.exists()
    page = client.get("/api/v1/docs").content.decode()
    token = page.split('data-csrf-token="')[1].split('"')[0]
    sent = client.post(
        address,
        body,
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY="meant-1234",
        HTTP_X_CSRFTOKEN=token,
    )
    assert sent.status_code == 201


def test_rows_come_in_and_those_that_break_the_contract_are_named(
    own_company: Any, people: People, program: Callable[..., Any]
) -> None:
    account = Account.objects.first()
    assert account is not None
    caller = program(people.otto, "import")
    rows = [
        {"ticket_id": "API-1", "account_id": account.account_id, "opened_at": "2026-11-01", "priority": "p1"},
        {"ticket_id": "API-2", "account_id": account.account_id, "opened_at": "last week"},
        {"ticket_id": "API-3", "account_id": account.account_id, "opened_at": "2026-11-02", "colour": "red"},
    ]
    sent = caller.post("/imports/rows", {"table": "tickets", "rows": rows, "wait_seconds": 0})
    assert sent.status_code == 202
    assert work_off() == [RunState.DONE]
    found = caller.get(f"/imports/{sent.json()['id']}").json()
    assert found["state"] == "imported"
    [table] = found["tables"]
    assert (table["rows"], table["new"], table["quarantined"]) == (3, 2, 1)
    [error] = found["errors"]
    assert (error["row"], error["column"], error["value"]) == (2, "opened_at", "last week")
    again = caller.post(
        "/imports/rows", {"table": "tickets", "rows": [{**rows[0], "priority": "p2"}], "wait_seconds": 0}
    )
    work_off()
    [table] = caller.get(f"/imports/{again.json()['id']}").json()["tables"]
    assert (table["new"], table["changed"]) == (0, 1)
    assert AuditEvent.objects.filter(action="upload.received", via="api").count() == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"table": "tikets", "rows": [{"a": 1}]}, "tickets"),
        ({"table": "tickets", "rows": [{"ticket_id": "1"}]}, "account_id, opened_at"),
        ({"table": "tickets", "rows": []}, "rows"),
        ({"table": "tickets", "rows": [{"ticket_id": ["1"]}]}, "rows"),
    ],
)
def test_rows_of_nothing_are_refused_before_anything_is_stored(
    own_company: Any, people: People, program: Callable[..., Any], body: dict[str, Any], words: str
) -> None:
    refused = program(people.otto, "import").post("/imports/rows", body)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]
    assert not Upload.objects.exists()


def test_a_file_whose_header_fits_is_imported_and_a_guess_waits_for_a_person(
    own_company: Any, people: People, program: Callable[..., Any]
) -> None:
    caller = program(people.otto, "import")
    sure = caller.upload(named("goals.csv", b"goal_id,account_id,title\nG1,A1,Save time\n")).json()
    assert sure["state"] == "queued"
    guess = caller.upload(named("tickets.csv", b"Case Number,account_id,Created\n1,A1,2026-10-01\n")).json()
    assert guess["state"] == "mapped"
    assert any("Case Number" in line for line in guess["to_settle"])
    taken = caller.upload(
        named("tickets.csv", b"Case Number,account_id,Created\n1,A1,2026-10-01\n"), accept_guesses="true"
    )
    assert taken.json()["state"] == "queued"
    assert caller.upload(named("x.csv", b"%PDF")).status_code == 422
    assert caller.upload(named("x.csv", b"a,b\n1,2\n"), table="nothing").status_code == 422
    assert work_off() == [RunState.DONE, RunState.DONE]


def test_a_file_over_the_limit_is_refused(
    own_company: Any, people: People, program: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = settings.OPTIONS_IN_FORCE
    monkeypatch.setattr(
        settings, "OPTIONS_IN_FORCE", Options({**options.values, "upload_bytes": 10}, options.sources)
    )
    refused = program(people.otto, "import").upload(named("goals.csv", b"goal_id,account_id\nG1,A1\n"))
    assert refused.status_code == 413
    assert not Upload.objects.exists()


def test_a_refresh_is_one_run_for_each_week(people: People, program: Callable[..., Any]) -> None:
    caller = program(people.otto, "run")
    first = caller.post("/runs/refresh", {"as_of": "2026-11-18"})
    again = caller.post("/runs/refresh", {"as_of": "2026-11-16"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["key"] == "2026-11-16"
    assert caller.get(f"/runs/{first.json()['id']}").json()["state"] == "queued"
    assert caller.get("/runs?kind=refresh").json()["count"] == Run.objects.filter(kind="refresh").count() == 1
    assert caller.get("/runs/999999").status_code == 404


@pytest.mark.parametrize(
    ("scope", "address"), [("decide", "/decisions"), ("import", "/imports/rows"), ("run", "/runs/refresh")]
)
def test_writing_needs_its_own_scope(
    people: People, program: Callable[..., Any], client_of: Callable[[User], Client], scope: str, address: str
) -> None:
    others = [s for s in ("read", "decide", "import", "run") if s != scope]
    refused = program(people.otto, *others).post(address, {}, HTTP_IDEMPOTENCY_KEY="scope-12345")
    assert refused.status_code == 403
    assert scope in refused.json()["detail"]
