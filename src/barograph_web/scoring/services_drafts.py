"""Drafts of models: begun from a version or a proposal, edited with a revision, submitted with their effect."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from barograph.definitions.fingerprint import behaviour_fingerprint, label_fingerprint
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import dumps_model, loads_model
from barograph.errors import UsageError
from barograph.workspace import Workspace
from barograph_web.ops.audit import audit
from barograph_web.ops.models import RunKind, RunState
from barograph_web.ops.services import request_run, retry_run
from barograph_web.ops.workspace import now
from barograph_web.scoring import registry
from barograph_web.scoring.editing import Edit, edited
from barograph_web.scoring.models import DraftState, ModelDraft
from barograph_web.scoring.wording import findings
from barograph_web.users.models import User

LONGEST = 400_000
"""Characters of a model file."""


class StaleDraftError(UsageError):
    """Somebody saved the draft since the form was shown."""


def begin(place: Workspace, key: str, by: User) -> ModelDraft:
    """A draft with the definition of a version or proposal. Raises UsageError when there is none."""
    found = registry.named(place, key)
    return _begun(found.model.name, key, dumps_model(found.model), by)


def begin_from_text(place: Workspace, text: str, by: User) -> ModelDraft:
    """A draft with a definition that something proposed. It takes the place of the model in force when approved, so
    it gets that model's name. Raises DefinitionError for a text that is no model."""
    model = loads_model(text, where="the proposal")
    current = registry.known(place)
    based_on = current.in_force or model.name
    if current.models is not None:
        model = model.model_copy(update={"name": current.models.in_force.name})
    return _begun(model.name, based_on, dumps_model(model), by)


def save_edit(number: int, edit: Edit, *, revision: int) -> ModelDraft:
    """Keep what the form says. Raises EditError with the fields, StaleDraftError, UsageError when it is not open."""
    with transaction.atomic():
        draft = _locked(number, revision)
        return _saved(draft, dumps_model(edited(loads_model(draft.text), edit)))


def save_text(number: int, text: str, *, revision: int) -> ModelDraft:
    """Keep a model file as an expert wrote it.

    Raises DefinitionError with the lines to correct, StaleDraftError, UsageError for a text that is too long or
    names another model.
    """
    if len(text) > LONGEST:
        raise UsageError(f"{len(text):,} characters; a model file has at most {LONGEST:,}.")
    model = loads_model(text.replace("\r\n", "\n"), where="line by line")
    with transaction.atomic():
        draft = _locked(number, revision)
        if model.name != draft.model:
            raise UsageError(
                f"the name is {model.name!r}; this draft is of {draft.model!r}.",
                hint="Keep the name: versions of one model belong together.",
            )
        return _saved(draft, text.replace("\r\n", "\n"))


def ask_effect(place: Workspace, number: int, by: User, today: date) -> ModelDraft:
    """Have the worker say what the draft would change; once for each revision and day of the data."""
    with transaction.atomic():
        draft = ModelDraft.objects.select_for_update().get(pk=number)
        _check_open(draft, DraftState.EDITING, DraftState.SUBMITTED)
        generation = place.lake.manifest().generation
        key = f"draft:{draft.pk}:{draft.revision}:{generation}"
        arguments = {
            "work": "draft",
            "draft": draft.pk,
            "revision": draft.revision,
            "today": today.isoformat(),
        }
        run = request_run(RunKind.VALIDATE, key, arguments, by)
        if run.state in (RunState.FAILED, RunState.REFUSED):
            run = retry_run(run, by, now())
        draft.effect_run = run
        draft.save(update_fields=["effect_run"])
    return draft


def submit(number: int, reason: str, *, revision: int) -> ModelDraft:
    """Send it for approval. Raises UsageError without a reason, with lint errors, or before its effect is known."""
    if not reason.strip():
        raise UsageError("say why this draft should be in force: whoever approves it reads that first.")
    with transaction.atomic():
        draft = _locked(number, revision)
        _check_open(draft, DraftState.EDITING)
        errors = [f for f in findings(loads_model(draft.text)) if f.severity == "error"]
        if errors:
            raise UsageError(f"{errors[0].where}: {errors[0].message}", hint=errors[0].fix)
        if draft.effect is None or draft.effect.get("revision") != draft.revision:
            raise UsageError("its effect is not known yet.", hint="Look at who would change tier first.")
        draft.state, draft.reason = DraftState.SUBMITTED, reason.strip()
        draft.save()
        audit(
            "draft.submitted",
            draft,
            after={"state": draft.state, "revision": draft.revision},
            reason=draft.reason,
        )
    return draft


def send_back(number: int, by: User, reason: str, *, revision: int) -> ModelDraft:
    """Not as it is: back to its author, who may edit it again. Raises UsageError without a reason."""
    if not reason.strip():
        raise UsageError("say what should be different.")
    with transaction.atomic():
        draft = _locked(number, revision)
        _check_open(draft, DraftState.SUBMITTED)
        draft.state = DraftState.REJECTED
        draft.decision = {
            "what": "sent_back",
            "by": by.name,
            "at": now().isoformat(),
            "reason": reason.strip(),
        }
        draft.save()
        audit("draft.sent_back", draft, after={"state": draft.state}, reason=reason.strip())
    return draft


def reopen(number: int, *, revision: int) -> ModelDraft:
    """Edit it again: taken back by its author, or sent back."""
    with transaction.atomic():
        draft = _locked(number, revision)
        _check_open(draft, DraftState.SUBMITTED, DraftState.REJECTED)
        before, draft.state = draft.state, DraftState.EDITING
        draft.save()
        audit("draft.reopened", draft, before={"state": before}, after={"state": draft.state})
    return draft


def drop(number: int, *, revision: int) -> ModelDraft:
    """Put it aside for good."""
    with transaction.atomic():
        draft = _locked(number, revision)
        _check_open(draft, DraftState.EDITING, DraftState.SUBMITTED, DraftState.REJECTED)
        before, draft.state = draft.state, DraftState.DROPPED
        draft.save()
        audit("draft.dropped", draft, before={"state": before}, after={"state": draft.state})
    return draft


def model_of(draft: ModelDraft) -> ScoreModel:
    """The definition of a draft: every text that is kept was read once."""
    return loads_model(draft.text, where=str(draft))


def _begun(name: str, based_on: str, text: str, by: User) -> ModelDraft:
    with transaction.atomic():
        draft = ModelDraft.objects.create(
            model=name, based_on=based_on, text=text, author=by, author_label=f"{by.name} <{by.email}>"[:200]
        )
        audit("draft.begun", draft, after={"model": name, "based_on": based_on})
    return draft


def _saved(draft: ModelDraft, text: str) -> ModelDraft:
    _check_open(draft, DraftState.EDITING)
    if text == draft.text:
        return draft
    before = draft.text
    draft.text, draft.effect, draft.effect_run = text, None, None
    draft.revision += 1
    draft.save()
    audit("draft.saved", draft, before=_prints(before), after={**_prints(text), "revision": draft.revision})
    return draft


def _prints(text: str) -> dict[str, str]:
    """What an audit event says of a definition: fingerprints tell whether numbers or only names differ."""
    model = loads_model(text)
    weights = {s.name: s.weight for s in model.scored}
    return {
        "behaviour": behaviour_fingerprint(model),
        "label": label_fingerprint(model),
        "weights": ", ".join(f"{name} {weight:g}" for name, weight in weights.items()),
        "lines": ", ".join(f"{tier.name} {tier.from_score:g}" for tier in model.tiers),
    }


def _locked(number: int, revision: int) -> ModelDraft:
    draft = ModelDraft.objects.select_for_update().get(pk=number)
    if draft.revision != revision:
        raise StaleDraftError(
            f"somebody saved revision {draft.revision} since you opened revision {revision}.",
            where=str(draft),
            hint="Below is what it is now; make your change again if it is still needed.",
        )
    return draft


def _check_open(draft: ModelDraft, *states: str) -> None:
    if draft.state not in states:
        raise UsageError(
            f"the draft is {draft.get_state_display().lower()}.", where=str(draft), hint="Reload the page."
        )
