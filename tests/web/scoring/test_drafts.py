"""A draft from its first edit to its approval (L6, P9, X2, journey 3). Truth: the registry of the library holds what
was approved, the person's name and reason with it; nothing is in force before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from barograph.definitions.fingerprint import behaviour_fingerprint
from barograph.definitions.toml_io import load_model, loads_model
from barograph.errors import RefusedError, UsageError
from barograph.pipeline.registry import Registry
from barograph.workspace import Workspace
from barograph_web.ops.current import acting_as
from barograph_web.ops.models import AuditEvent, RunState
from barograph_web.ops.workspace import now, today
from barograph_web.scoring import registry, services, services_drafts, services_versions
from barograph_web.scoring.editing import Edit
from barograph_web.scoring.forms import DraftForm
from barograph_web.scoring.models import DraftState, ModelDraft, VersionRelease
from barograph_web.users.models import User
from support.web_fresh import fresh_client
from support.web_people import PASSWORD, People

ClientOf = Callable[[User], Client]
Worked = Callable[[], list[RunState]]
pytestmark = pytest.mark.django_db
EFFECTS: dict[str, Any] = {}
"""What the worker said of a text: the company is the same in every test, so that once is enough."""


def moved_weights(place: Workspace) -> Edit:
    """Five points from the heaviest signal to the lightest, and the Watch line ten points up."""
    model = load_model(place.model_file())
    order = sorted(model.scored, key=lambda s: s.weight)
    light, heavy = order[0], order[-1]
    watch = next(t for t in model.tiers if t.name == "watch")
    return Edit(
        weights={light.name: light.weight + 5, heavy.name: heavy.weight - 5},
        lines={"watch": watch.from_score + 10},
    )


def submitted(place: Workspace, crew: People, worked: Worked) -> ModelDraft:
    """A draft of otto's with its effect, waiting for approval."""
    with acting_as(crew.otto, via="web"):
        draft = services_drafts.begin(place, "saas-v1", crew.otto)
        draft = services_drafts.save_edit(draft.pk, moved_weights(place), revision=1)
        if draft.text not in EFFECTS:
            services_drafts.ask_effect(place, draft.pk, crew.otto, today())
            assert worked() == [RunState.DONE]
            EFFECTS[draft.text] = ModelDraft.objects.get(pk=draft.pk).effect
        ModelDraft.objects.filter(pk=draft.pk).update(effect=EFFECTS[draft.text])
        return services_drafts.submit(draft.pk, "sponsors matter more", revision=2)


def test_the_effect_says_who_moves_and_how_both_would_have_done(
    own_company: Workspace, crew: People, worked: Worked, client_of: ClientOf
) -> None:
    draft = submitted(own_company, crew, worked)
    effect = draft.effect
    assert effect is not None
    moved = effect["migration"]
    assert moved["moved"] == sum(c["accounts"] for c in moved["cells"] if c["before"] != c["after"])
    assert sum(c["accounts"] for c in moved["cells"]) == moved["accounts"]
    assert {c["what"] for c in effect["changes"]} >= {"weight", "line"}
    assert [f["kind"] for f in effect["figures"]] == ["in_force", "draft"]
    assert effect["figures"][0]["n"] == effect["figures"][1]["n"] > 0
    assert effect["test"]["reason"]
    page = client_of(crew.lena).get(f"/models/drafts/{draft.pk}/").content.decode()
    assert "sponsors matter more" in page
    assert "would stand in another tier" in page


def test_nothing_is_in_force_before_somebody_else_approves(
    own_company: Workspace, crew: People, worked: Worked
) -> None:
    before = own_company.model_file().read_text()
    draft = submitted(own_company, crew, worked)
    assert own_company.model_file().read_text() == before
    arguments = {
        "revision": 2,
        "reason": "checked",
        "override": "few outcomes yet",
        "today": today(),
        "now": now(),
    }
    with pytest.raises(UsageError, match="somebody else approves"):
        services_versions.approve_draft(own_company, draft.pk, crew.otto, **arguments)
    with acting_as(crew.lena, via="web"):
        done = services_versions.approve_draft(own_company, draft.pk, crew.lena, **arguments)
    [first, second] = Registry(own_company.path / "registry").versions("saas")
    assert done.version.key == second.key == "saas-v2"
    assert second.created_by == f"{crew.lena.name} <{crew.lena.email}>"
    assert second.reason == "checked"
    assert second.figures["override"] == "few outcomes yet"
    assert second.behaviour == behaviour_fingerprint(loads_model(draft.text)) != first.behaviour
    assert behaviour_fingerprint(load_model(own_company.model_file())) == second.behaviour
    draft.refresh_from_db()
    assert (draft.state, draft.decision["version"]) == (DraftState.APPROVED, "saas-v2")
    events = AuditEvent.objects.filter(action="model.approved")
    assert events.get().before == {"in_force": "saas-v1"}
    assert events.get().after["in_force"] == "saas-v2"
    assert registry.known(own_company).in_force == "saas-v2"


@pytest.mark.parametrize("look", ["/models/drafts/{}/", "/models/drafts/{}/approve/"])
def test_an_approval_that_the_database_lost_is_found_in_the_registry(
    own_company: Workspace,
    crew: People,
    worked: Worked,
    monkeypatch: pytest.MonkeyPatch,
    look: str,
) -> None:
    """The version is made in files, its draft's state in a row: the row's transaction can fail at its very end."""
    draft = submitted(own_company, crew, worked)

    def broken(*_args: object, **_more: object) -> None:
        raise OperationalError("the disk is full")

    with monkeypatch.context() as patched, acting_as(crew.lena, via="web"):
        patched.setattr(services_versions, "audit", broken)
        with pytest.raises(OperationalError):
            services_versions.approve_draft(
                own_company, draft.pk, crew.lena, revision=2, reason="checked", override="few outcomes",
                today=today(), now=now(),
            )  # fmt: skip
    draft.refresh_from_db()
    assert draft.state == DraftState.SUBMITTED
    assert registry.known(own_company).in_force == "saas-v2"

    page = fresh_client(crew.ada).get(look.format(draft.pk), follow=True)
    assert page.status_code == 200
    draft.refresh_from_db()
    assert (draft.state, draft.decision["version"]) == (DraftState.APPROVED, "saas-v2")
    assert (draft.decision["by"], draft.decision["override"]) == (crew.lena.name, "few outcomes")
    for action in ("draft.approved", "model.approved"):
        event = AuditEvent.objects.get(action=action)
        assert event.actor is None, "whoever looked did not approve it"
        assert event.actor_label == f"{crew.lena.name} <{crew.lena.email}>"
        assert event.after["found_in_registry"] is True
    assert "saas-v2" in page.content.decode()


def test_a_draft_that_nobody_approved_stays_as_it_is(
    own_company: Workspace, crew: People, worked: Worked, client_of: ClientOf
) -> None:
    draft = submitted(own_company, crew, worked)
    assert client_of(crew.lena).get(f"/models/drafts/{draft.pk}/").status_code == 200
    draft.refresh_from_db()
    assert draft.state == DraftState.SUBMITTED


def test_without_a_passed_test_an_override_needs_a_reason(
    own_company: Workspace, crew: People, worked: Worked
) -> None:
    draft = submitted(own_company, crew, worked)
    assert draft.effect is not None
    assert not draft.effect["test"]["promoted"], (
        "100 accounts are too few to pass: the seeded company changed"
    )
    with pytest.raises(RefusedError, match="acceptance test"):
        services_versions.approve_draft(
            own_company, draft.pk, crew.lena, revision=2, reason="ok", override=" ", today=today(), now=now()
        )
    draft.refresh_from_db()
    assert draft.state == DraftState.SUBMITTED
    assert len(Registry(own_company.path / "registry").versions("saas")) == 1


def test_an_administrator_may_approve_their_own_with_a_reason_only(
    own_company: Workspace, crew: People, worked: Worked
) -> None:
    draft = submitted(own_company, crew, worked)
    ModelDraft.objects.update(author=crew.ada)
    arguments = {"revision": 2, "reason": "ok", "today": today(), "now": now()}
    with pytest.raises(UsageError, match="somebody else"):
        services_versions.approve_draft(own_company, draft.pk, crew.ada, override="", **arguments)
    done = services_versions.approve_draft(
        own_company, draft.pk, crew.ada, override="alone this week", **arguments
    )
    assert done.version.figures["override"] == "alone this week"


def test_approving_asks_for_the_password_again_and_then_goes_on(
    own_company: Workspace, crew: People, worked: Worked, client_of: ClientOf
) -> None:
    draft = submitted(own_company, crew, worked)
    client = client_of(crew.lena)
    address = f"/models/drafts/{draft.pk}/approve/"
    page = client.get(address)
    assert page.status_code == 200
    assert "acceptance test does not pass" in page.content.decode()
    asked = client.post(address, {"revision": 2, "reason": "ok", "override": ""})
    assert asked.status_code == 302
    assert ModelDraft.objects.get().state == DraftState.SUBMITTED
    refused = client.post(asked.headers["Location"], {"password": PASSWORD}, follow=True)
    assert "did not pass the acceptance test" in refused.content.decode()
    done = client.post(address, {"revision": 2, "reason": "ok", "override": "small team"})
    assert done.headers["Location"] == "/models/saas-v2/"
    assert client.get("/models/saas-v2/").status_code == 200


def test_two_people_saving_one_draft_do_not_overwrite_each_other(
    own_company: Workspace, crew: People, client_of: ClientOf
) -> None:
    draft = services_drafts.begin(own_company, "saas-v1", crew.otto)
    services_drafts.save_edit(draft.pk, moved_weights(own_company), revision=1)
    text = ModelDraft.objects.get().text
    response = client_of(crew.ada).post(
        f"/models/drafts/{draft.pk}/text/", {"revision": 1, "text": draft.text}
    )
    assert response.status_code == 409
    assert "somebody saved revision 2" in response.content.decode()
    assert ModelDraft.objects.get().text == text


def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(
    own_company: Workspace, crew: People, client_of: ClientOf
) -> None:
    draft = services_drafts.begin(own_company, "saas-v1", crew.otto)
    form = DraftForm(services_drafts.model_of(draft))
    shown = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data = {name: "" if value is None else str(value) for name, value in shown.items()}
    data |= {"revision": "1", "line__watch": "99", "line__healthy": "10"}
    response = client_of(crew.otto).post(f"/models/drafts/{draft.pk}/", data)
    assert response.status_code == 422
    assert "It must lie above" in response.content.decode()
    assert 'value="99"' in response.content.decode()
    assert ModelDraft.objects.get().revision == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not toml [", "not valid TOML"),
        ("[model]\nname = 'saas'\ntitel = 'x'\n", "titel"),
        ("x" * 400_001, "at most 400,000"),
        (None, "Keep the name"),
    ],
)
def test_a_file_that_is_no_model_is_refused_with_what_to_correct(
    own_company: Workspace, crew: People, client_of: ClientOf, text: str | None, words: str
) -> None:
    draft = services_drafts.begin(own_company, "saas-v1", crew.otto)
    sent = draft.text.replace('name = "saas"', 'name = "other"', 1) if text is None else text
    response = client_of(crew.otto).post(f"/models/drafts/{draft.pk}/text/", {"revision": 1, "text": sent})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert ModelDraft.objects.get().revision == 1


def test_weights_that_do_not_sum_to_100_can_be_kept_but_not_submitted(
    own_company: Workspace, crew: People, worked: Worked
) -> None:
    draft = services_drafts.begin(own_company, "saas-v1", crew.otto)
    heavy = max(services_drafts.model_of(draft).scored, key=lambda s: s.weight)
    draft = services_drafts.save_edit(draft.pk, Edit(weights={heavy.name: heavy.weight + 7}), revision=1)
    with pytest.raises(UsageError, match="100"):
        services_drafts.submit(draft.pk, "please", revision=2)


def test_a_draft_cannot_be_submitted_blind(own_company: Workspace, crew: People) -> None:
    draft = services_drafts.begin(own_company, "saas-v1", crew.otto)
    with pytest.raises(UsageError, match="effect is not known"):
        services_drafts.submit(draft.pk, "please", revision=1)
    with pytest.raises(UsageError, match="say why"):
        services_drafts.submit(draft.pk, "  ", revision=1)


def test_sent_back_with_a_reason_edited_again_and_put_aside(
    own_company: Workspace, crew: People, worked: Worked, client_of: ClientOf
) -> None:
    draft = submitted(own_company, crew, worked)
    lena, otto = client_of(crew.lena), client_of(crew.otto)
    lena.post(f"/models/drafts/{draft.pk}/send-back/", {"revision": 2, "reason": ""})
    draft.refresh_from_db()
    assert draft.state == DraftState.SUBMITTED
    lena.post(f"/models/drafts/{draft.pk}/send-back/", {"revision": 2, "reason": "too much usage"})
    assert "too much usage" in otto.get(f"/models/drafts/{draft.pk}/").content.decode()
    assert otto.post(f"/models/drafts/{draft.pk}/reopen/", {"revision": 2}).status_code == 302
    assert otto.post(f"/models/drafts/{draft.pk}/drop/", {"revision": 2}).status_code == 302
    assert otto.get(f"/models/drafts/{draft.pk}/").status_code == 404
    told = AuditEvent.objects.filter(object_id=str(draft.pk), action__startswith="draft.").order_by("pk")
    assert list(told.values_list("action", flat=True)) == [
        "draft.begun", "draft.saved", "draft.submitted", "draft.sent_back", "draft.reopened", "draft.dropped",
    ]  # fmt: skip


def test_a_model_that_came_into_force_meanwhile_asks_for_a_new_effect(
    own_company: Workspace, crew: People, worked: Worked
) -> None:
    first = submitted(own_company, crew, worked)
    second = services_drafts.begin(own_company, "saas-v1", crew.otto)
    second = services_drafts.save_edit(second.pk, Edit(lines={"watch": 31}), revision=1)
    ModelDraft.objects.filter(pk=second.pk).update(effect=first.effect)
    services_drafts.submit(second.pk, "lower line", revision=2)
    arguments = {"reason": "ok", "override": "small team", "today": today(), "now": now()}
    services_versions.approve_draft(own_company, first.pk, crew.lena, revision=2, **arguments)
    with pytest.raises(UsageError, match="saas-v2"):
        services_versions.approve_draft(own_company, second.pk, crew.lena, revision=2, **arguments)


def test_going_back_makes_a_new_version_of_the_old_definition(
    own_company: Workspace, crew: People, worked: Worked
) -> None:
    draft = submitted(own_company, crew, worked)
    arguments = {"reason": "ok", "today": today(), "now": now()}
    services_versions.approve_draft(
        own_company, draft.pk, crew.lena, revision=2, override="small", **arguments
    )
    done = services_versions.go_back(own_company, "saas-v1", crew.lena, **arguments)
    assert done.version.key == "saas-v3"
    versions = Registry(own_company.path / "registry").versions("saas")
    assert versions[2].behaviour == versions[0].behaviour
    assert AuditEvent.objects.filter(action="model.rolled_back").get().after["to"] == "saas-v1"
    with pytest.raises(UsageError):
        services_versions.go_back(own_company, "saas-v1", crew.lena, reason=" ", today=today(), now=now())


def test_who_may_do_what_with_drafts(own_company: Workspace, crew: People, client_of: ClientOf) -> None:
    draft = services_drafts.begin(own_company, "saas-v1", crew.otto)
    edits, approves = {"ops", "administrator"}, {"leader", "administrator"}
    for person in crew.all():
        client = client_of(person)
        sees = 403 if person.role == "guest" else 200
        assert client.get(f"/models/drafts/{draft.pk}/").status_code == sees
        for work in ("submit", "reopen", "drop"):
            if person.role not in edits:
                assert client.post(f"/models/drafts/{draft.pk}/{work}/").status_code == 403
        if person.role not in edits:
            assert client.post("/models/drafts/", {"key": "saas-v1"}).status_code == 403
            assert client.post(f"/models/drafts/{draft.pk}/").status_code == 403
            assert client.post(f"/models/drafts/{draft.pk}/effect/").status_code == 403
            assert client.get(f"/models/drafts/{draft.pk}/text/").status_code == 403
        if person.role not in approves:
            assert client.post(f"/models/drafts/{draft.pk}/send-back/").status_code == 403
            assert client.get(f"/models/drafts/{draft.pk}/approve/").status_code == 403
            assert client.post("/models/release/").status_code == 403
            assert client.get("/models/saas-v1/roll-back/").status_code == 403
    assert ModelDraft.objects.count() == 1


def test_a_release_is_one_and_the_first_persons(
    own_company: Workspace, crew: People, client_of: ClientOf
) -> None:
    client = client_of(crew.lena)
    VersionRelease.objects.all().delete()
    assert "do not count as news" in client.get("/models/").content.decode()
    client.post("/models/release/", {"key": "saas-v1", "reason": "looked at"})
    client_of(crew.ada).post("/models/release/", {"key": "saas-v1", "reason": "again"})
    release = VersionRelease.objects.get()
    assert (release.released_by, release.reason) == (crew.lena, "looked at")
    assert AuditEvent.objects.filter(action="version.released").count() == 1
    assert "do not count as news" not in client.get("/models/").content.decode()
    with pytest.raises(UsageError):
        services.release_version("saas-v77", crew.lena)
