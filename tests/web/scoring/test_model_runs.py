"""What the worker does for the pages of models (L5, L6, L8): comparisons, validations with their report, learning.
Truth: the library's registry and documents; the report's own content policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from barograph.pipeline.learn_inputs import models_of
from barograph.pipeline.learn_kept import validations
from barograph.pipeline.registry import Registry
from barograph.workspace import Workspace
from barograph_web.ops.models import AuditEvent, Run, RunKind, RunState
from barograph_web.ops.workspace import today
from barograph_web.scoring import registry, report_files, services_versions
from barograph_web.users.models import User
from support.proposals import put_proposal
from support.web_people import People

ClientOf = Callable[[User], Client]
Worked = Callable[[], list[RunState]]
pytestmark = pytest.mark.django_db


def test_two_definitions_beside_each_other_in_words_at_once_and_in_accounts_by_the_worker(
    own_company: Workspace, crew: People, worked: Worked, client_of: ClientOf
) -> None:
    in_force = models_of(own_company).in_force
    put_proposal(own_company, in_force.model_copy(update={"min_coverage": in_force.min_coverage / 2}))
    proposals = [entry["version"] for entry in registry.known(own_company).proposals]
    address = f"/models/{proposals[-1]}/against/saas-v1/"
    client = client_of(crew.otto)
    page = client.get(address).content.decode()
    assert "What differs" in page
    assert "Compute it for the newest week" in page
    assert "Compute it" not in client_of(crew.carla).get(address).content.decode()
    client_of(crew.carla).post(address)
    assert not Run.objects.filter(kind=RunKind.VALIDATE).exists()
    client.post(address)
    client.post(address)
    assert Run.objects.filter(kind=RunKind.VALIDATE).count() == 1
    assert "The worker computes it" in client.get(address).content.decode()
    assert worked() == [RunState.DONE]
    moved = Run.objects.get(kind=RunKind.VALIDATE).result["migration"]
    assert sum(cell["accounts"] for cell in moved["cells"]) == moved["accounts"] > 50
    page = client_of(crew.eve).get(address).content.decode()
    assert f"<b>{moved['moved']}</b> of {moved['accounts']} accounts" in page


def test_a_report_is_served_with_a_policy_that_allows_its_own_style_only(
    own_company: Workspace, crew: People, client_of: ClientOf
) -> None:
    folder = report_files.folder_of(own_company)
    folder.mkdir(parents=True)
    (folder / "2026-11-16-saas-v1.html").write_text("<style>p{color:red}</style><p>fine", encoding="utf-8")
    (folder / "other.html").write_text("not a report", encoding="utf-8")
    client = client_of(crew.eve)
    response = client.get("/models/reports/2026-11-16-saas-v1.html")
    assert b"".join(response.streaming_content).startswith(b"<style>")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert client.get("/models/reports/other.html").status_code == 404
    assert client_of(crew.gus).get("/models/reports/2026-11-16-saas-v1.html").status_code == 403
    assert "Open the validation report" in client.get("/models/saas-v1/").content.decode()


def test_asking_again_after_a_failure_is_done_again(own_company: Workspace, crew: People) -> None:
    first = services_versions.ask_validation(own_company, crew.otto, today())
    assert services_versions.ask_validation(own_company, crew.otto, today()).pk == first.pk
    Run.objects.filter(pk=first.pk).update(state=RunState.REFUSED, error="too few")
    again = services_versions.ask_validation(own_company, crew.otto, today())
    assert (again.pk, again.state) == (first.pk, RunState.QUEUED)


def test_starting_work_needs_the_right(own_company: Workspace, crew: People, client_of: ClientOf) -> None:
    for person in crew.all():
        allowed = person.role in {"ops", "administrator"}
        for address in ("/models/learn/", "/models/validate/"):
            assert client_of(person).post(address).status_code == (302 if allowed else 403), person


@pytest.mark.slow
def test_validation_is_kept_with_its_report_and_learning_proposes_or_says_what_is_missing(
    own_company: Workspace, crew: People, worked: Worked, client_of: ClientOf
) -> None:
    before = own_company.model_file().read_text()
    services_versions.ask_validation(own_company, crew.otto, today())
    services_versions.ask_learning(own_company, crew.otto, today())
    states = worked()
    assert states[0] == RunState.DONE
    assert states[1] in (RunState.DONE, RunState.REFUSED)
    store = Registry(own_company.path / "registry")
    [version] = store.versions("saas")
    kept = validations(store, version)
    assert kept[-1]["horizons"]
    page = client_of(crew.lena).get("/models/saas-v1/validation/").content.decode()
    assert f"{kept[-1]['decisions']} decisions" in page
    name = report_files.newest(own_company, "saas-v1")
    assert name is not None
    assert b"<script" not in b"".join(client_of(crew.lena).get(f"/models/reports/{name}").streaming_content)
    assert own_company.model_file().read_text() == before
    learning = Run.objects.get(kind=RunKind.LEARN)
    proposed = AuditEvent.objects.filter(action="model.proposed").exists()
    assert proposed == bool(learning.result.get("proposed"))
