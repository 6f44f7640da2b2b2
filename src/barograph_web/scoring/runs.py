"""What the worker does with models: effects of drafts, comparisons, validations with their report, learning."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from barograph.cli.validate import moved_accounts, on_file
from barograph.core.calendar import day_number, grid_day
from barograph.errors import RefusedError, UsageError
from barograph.lake import acting_user
from barograph.pipeline.engine import engine_of
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.evidence_screen import tried_before
from barograph.pipeline.learn import LearnSettings
from barograph.pipeline.learn import learn as learn_models
from barograph.pipeline.learn_compare import changes, migration
from barograph.pipeline.learn_inputs import Models, models_of
from barograph.pipeline.learn_kept import keep_validation
from barograph.pipeline.learn_proposals import Proposals
from barograph.pipeline.learn_validate import validate as validate_models
from barograph.pipeline.score_store import published_weeks
from barograph.pipeline.signal_store import known_columns
from barograph.reports.learn import SCHEMA as LEARN_SCHEMA
from barograph.reports.learn import learn_document
from barograph.reports.learn_head import learning_head
from barograph.reports.models import DIFF_SCHEMA, diff_document
from barograph.reports.validate import SCHEMA as VALIDATE_SCHEMA
from barograph.reports.validate import validate_document
from barograph.workspace import Workspace
from barograph_web.ops.audit import audit
from barograph_web.ops.running import RunContext, Step
from barograph_web.ops.workspace import workspace
from barograph_web.scoring import effect, registry, report_files
from barograph_web.scoring.models import ModelDraft
from barograph_web.scoring.services_drafts import model_of
from barograph_web.scoring.services_versions import champion_print


def validate(run: RunContext) -> dict[str, Any]:
    """Handler of RunKind.VALIDATE. Arguments: work (draft, compare or validate) and today, an ISO date."""
    place = Workspace.open(workspace().path)
    day = day_number(date.fromisoformat(run.arguments["today"]))
    with acting_user(_who(run)):
        return {"draft": _draft, "compare": _compare, "validate": _validate}[run.arguments["work"]](
            run, place, day
        )


def learn(run: RunContext) -> dict[str, Any]:
    """Handler of RunKind.LEARN: a proposal, or what is missing for one. Nothing in force changes."""
    place = Workspace.open(workspace().path)
    day = grid_day(day_number(date.fromisoformat(run.arguments["today"])))
    models = models_of(place)
    with acting_user(_who(run)):
        evidence = _evidence(run, models, day)
        with run.step("Learning") as step:
            learnt = learn_models(models, evidence, LearnSettings(), now=run.now, progress=_heard(step))
    head = learning_head(LEARN_SCHEMA, models, day)
    document = learn_document(learnt, models.in_force, known_columns(place.lake) or None, head)
    if document["proposed"]:
        audit(
            "model.proposed",
            ("model", document["version"], document["version"]),
            after={"stage": document["stage"]},
        )
    if learnt.too_few:
        raise RefusedError(document["refused_because"])
    return {
        "proposed": document["proposed"],
        "version": document["version"],
        "stage": document["stage"],
        "refused_because": document["refused_because"],
    }


def _draft(run: RunContext, place: Workspace, day: int) -> dict[str, Any]:
    draft = ModelDraft.objects.filter(pk=run.arguments["draft"]).first()
    if draft is None or draft.revision != run.arguments["revision"]:
        raise UsageError("the draft was changed since; its newest revision has a run of its own.")
    models = models_of(place)
    with run.step("Who would change tier, and how it would have done") as step:
        found = effect.effect_of(models, engine_of(place), model_of(draft), day=day)
        step.count(moved=found["moved_in_short"].get("moved"), outcomes=found["test"]["outcomes"])
    kept = {
        **found,
        "revision": draft.revision,
        "champion": models.key,
        "champion_behaviour": champion_print(models),
    }
    ModelDraft.objects.filter(pk=draft.pk, revision=draft.revision).update(effect=kept)
    return {"moved": found["moved_in_short"], "promoted": found["test"]["promoted"]}


def _compare(run: RunContext, place: Workspace, day: int) -> dict[str, Any]:
    before = registry.named(place, run.arguments["before"])
    after = registry.named(place, run.arguments["after"])
    models = models_of(place)
    with run.step("Both models on the newest week"):
        moved = None
        if published_weeks(place.lake.manifest()):
            moved = migration(place, engine_of(place), before.model, after.model, until=day)
    head = learning_head(DIFF_SCHEMA, models, day)
    document = diff_document((before.key, after.key), changes(before.model, after.model), moved, head)
    if document["migration"] is not None:
        listed = document["migration"]["accounts_moved"][: effect.MOST_LISTED]
        document["migration"] = {**document["migration"], "accounts_moved": listed}
    return json.loads(json.dumps(document, default=str))


def _validate(run: RunContext, place: Workspace, day: int) -> dict[str, Any]:
    models = models_of(place)
    evidence = _evidence(run, models, grid_day(day))
    latest = Proposals(models.registry.folder).latest(models.in_force.name)
    kind = "blended" if latest is not None and latest.kind == "weights" else "predictive"
    proposal = on_file(models, latest)
    with run.step("Every model out of time") as step:
        found = validate_models(
            models,
            evidence,
            train_at=effect.HORIZON,
            proposed=kind,
            seed=effect.SEED,
            tried_before=tried_before(place.lake.manifest(), models.in_force),
            proposal=proposal,
            progress=_heard(step),
        )
    proposed: dict[str, Any] = {"kind": kind, "version": None}
    if latest is not None and proposal is not None:
        proposed |= {"version": latest.key, "tiers": latest.figures.get("tiers", [])}
    moved = None if proposal is None else moved_accounts(models, proposal, grid_day(day))
    document = validate_document(
        found, proposed, learning_head(VALIDATE_SCHEMA, models, grid_day(day)), moved
    )
    with run.step("Keeping it, with its report"):
        path = keep_validation(models, document, found.track_record(models), day=grid_day(day), now=run.now)
        written = report_files.write(place, models.key, document)
    return {
        "version": models.key,
        "kept": None if path is None else path.name,
        "report": written.name,
        "decisions": document["decisions"],
        "lost": document["lost"],
    }


def _evidence(run: RunContext, models: Models, day: int) -> Evidence:
    with run.step("Looking back at past decisions") as step:
        return gather(
            models.workspace,
            engine_of(models.workspace),
            models.in_force,
            day=day,
            horizons=models.in_force.outcome.horizons_days,
            views=models.views,
            progress=_heard(step),
        )


def _heard(step: Step) -> Any:
    return step.progress


def _who(run: RunContext) -> str:
    by = run.run.requested_by
    return f"{by.name} <{by.email}>" if by is not None else "Barograph"
