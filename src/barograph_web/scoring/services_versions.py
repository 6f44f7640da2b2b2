"""Models come into force and go back: through the library's own functions, under the workspace's lock."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from barograph.core.calendar import day_number
from barograph.definitions.fingerprint import behaviour_fingerprint
from barograph.definitions.toml_io import loads_model
from barograph.errors import UsageError
from barograph.lake import Record, acting_user
from barograph.pipeline.learn_approve import Approved
from barograph.pipeline.learn_approve import approve as approve_proposal
from barograph.pipeline.learn_approve import rollback as roll_back
from barograph.pipeline.learn_inputs import Models, models_of
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.workspace import Workspace
from barograph_web.alerts.events import emit
from barograph_web.ops.audit import audit
from barograph_web.ops.current import acting
from barograph_web.ops.models import Run, RunKind, RunState
from barograph_web.ops.services import request_run, retry_run
from barograph_web.ops.workspace import now
from barograph_web.scoring.models import DraftState, ModelDraft
from barograph_web.scoring.services_drafts import StaleDraftError
from barograph_web.users.models import Role, User

EDIT = "edit"
"""Kind of a proposal that people edited by hand."""


def approve(
    place: Workspace, key: str, by: User, *, reason: str, override: str, today: date, now: datetime
) -> Approved:
    """Put a learnt proposal in force. override: why although its acceptance test did not pass, "" without.

    Raises what the library's `approve` raises: RefusedError without an override where one is needed, UsageError
    without a reason or when another model is in force meanwhile, LockedError while another process writes.
    """
    place = Workspace.open(place.path)
    models = models_of(place)
    proposal = Proposals(models.registry.folder).by_key(key)
    with acting_user(_label(by)):
        done = approve_proposal(
            models, proposal, reason=reason, override=override.strip() or None, day=day_number(today), now=now
        )
    with transaction.atomic():
        _record("model.approved", done, reason, {"proposal": key})
    return done


def approve_draft(
    place: Workspace,
    number: int,
    by: User,
    *,
    revision: int,
    reason: str,
    override: str,
    today: date,
    now: datetime,
) -> Approved:
    """Put a submitted draft in force.

    Its author may not, so that two people have looked at it; an administrator may with a reason for that in
    `override`. Raises UsageError for that, for a draft that is not submitted or whose effect is of another revision,
    StaleDraftError, and what `approve` raises.
    """
    with transaction.atomic():
        draft = ModelDraft.objects.select_for_update().get(pk=number)
        if draft.revision != revision:
            raise StaleDraftError("somebody saved it since you opened the page.", where=str(draft))
        if draft.state != DraftState.SUBMITTED:
            raise UsageError(f"the draft is {draft.get_state_display().lower()}.", where=str(draft))
        if draft.author_id == by.pk and not (by.role == Role.ADMINISTRATOR and override.strip()):
            raise UsageError(
                "you wrote this draft, and somebody else approves it.",
                hint="An administrator may approve their own with a reason for setting the rule aside.",
            )
        place = Workspace.open(place.path)
        models = models_of(place)
        with acting_user(_label(by)):
            proposal = _proposal_of(models, draft, now)
            done = approve_proposal(
                models,
                proposal,
                reason=reason,
                override=override.strip() or None,
                day=day_number(today),
                now=now,
            )
        draft.state = DraftState.APPROVED
        draft.decision = {
            "what": "approved",
            "by": by.name,
            "at": now.isoformat(),
            "reason": reason.strip(),
            "override": override.strip(),
            "version": done.version.key,
        }
        draft.save()
        audit(
            "draft.approved", draft, after={"state": draft.state, "version": done.version.key}, reason=reason
        )
        _record("model.approved", done, reason, {"draft": draft.pk, "author": draft.author_label})
    return done


def go_back(place: Workspace, to: str, by: User, *, reason: str, today: date, now: datetime) -> Approved:
    """Bring the definition of an older version into force again, as a new version. Raises as the library does."""
    place = Workspace.open(place.path)
    models = models_of(place)
    with acting_user(_label(by)):
        done = roll_back(models, to=to, reason=reason, day=day_number(today), now=now)
    with transaction.atomic():
        _record("model.rolled_back", done, reason, {"to": to})
    return done


def ask_validation(place: Workspace, by: User, today: date) -> Run:
    """Have the worker validate the model in force; once per generation of the lake."""
    generation = place.lake.manifest().generation
    arguments = {"work": "validate", "today": today.isoformat()}
    return _asked(RunKind.VALIDATE, f"in-force:{today.isoformat()}:{generation}", arguments, by)


def ask_comparison(place: Workspace, before: str, after: str, by: User, today: date) -> Run:
    """Have the worker say who would stand in another tier under `after`; once per generation of the lake."""
    generation = place.lake.manifest().generation
    arguments = {"work": "compare", "before": before, "after": after, "today": today.isoformat()}
    return _asked(RunKind.VALIDATE, comparison_key(before, after, generation), arguments, by)


def comparison_key(before: str, after: str, generation: int) -> str:
    """The key of the run that compares two definitions."""
    return f"compare:{before}:{after}:{generation}"[:120]


def ask_learning(place: Workspace, by: User, today: date) -> Run:
    """Have the worker learn from past renewals; once per generation of the lake. Nothing in force changes."""
    generation = place.lake.manifest().generation
    return _asked(RunKind.LEARN, f"learn:{generation}", {"today": today.isoformat()}, by)


def _asked(kind: RunKind, key: str, arguments: dict[str, Any], by: User) -> Run:
    """The run of that key; one that failed or was refused is done again, because somebody asks again."""
    run = request_run(kind, key, arguments, by)
    return retry_run(run, by, now()) if run.state in (RunState.FAILED, RunState.REFUSED) else run


def _proposal_of(models: Models, draft: ModelDraft, now: datetime) -> ModelProposal:
    """The draft as a proposal of the registry, with what its effect said."""
    effect = draft.effect or {}
    if effect.get("revision") != draft.revision:
        raise UsageError(
            "its effect is not known for this revision.", where=str(draft), hint="Ask for it first."
        )
    test: dict[str, Any] = effect["test"]
    with models.workspace.lake.transaction("propose") as txn:
        proposal = Proposals(models.registry.folder).add(
            loads_model(draft.text),
            kind=EDIT,
            champion=models.key,
            champion_behaviour=effect["champion_behaviour"],
            promoted=bool(test["promoted"]),
            reason=test["reason"],
            seed=0,
            now=now,
            figures={
                "draft": draft.pk,
                "draft_revision": draft.revision,
                "author": draft.author_label,
                "test": test,
                "moved": effect["moved_in_short"],
            },
            track_record=list(effect["track_record"]),
        )
        told = {"proposal": proposal.key, "draft": draft.pk}
        txn.record(Record.of(now, _author(draft), "propose", reason=draft.reason, counts=told))
    return proposal


def champion_print(models: Models) -> str:
    """What a draft is compared with: a definition that came into force meanwhile has another."""
    return behaviour_fingerprint(models.in_force)


def _record(action: str, done: Approved, reason: str, more: dict[str, Any]) -> None:
    """The audit event and, for who wants to be told, the event of alerts. Inside a transaction."""
    audit(
        action,
        ("model", done.version.key, done.version.title),
        before={"in_force": done.before},
        after={"in_force": done.version.key, "override": done.override, **more},
        reason=reason.strip(),
    )
    who = acting().user
    emit(
        "model.approved",
        key=done.version.key,
        at=now(),
        payload={
            "version": done.version.key,
            "title": done.version.title[:400],
            "before": done.before or "",
            "how": "approved" if action == "model.approved" else "rolled_back",
            "by": "" if who is None else who.name,
            "reason": reason.strip()[:2000],
        },
    )


def _author(draft: ModelDraft) -> str:
    return draft.author_label


def _label(by: User) -> str:
    return f"{by.name} <{by.email}>"
