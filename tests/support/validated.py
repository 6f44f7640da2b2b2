"""A validation of the planted company, made once per process: every part of the report has something to say.

Some rows are marked as worked and some accounts that stayed as downsold, which the planted company has none of.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.learn import LearnSettings, learn
from barograph.pipeline.learn_compare import migration
from barograph.pipeline.learn_inputs import Models, models_of
from barograph.pipeline.learn_proposals import Proposals
from barograph.pipeline.learn_validate import Validation, validate
from barograph.pipeline.refresh import refresh
from barograph.reports.learn_head import learning_head
from barograph.reports.validate import SCHEMA, validate_document
from support.renewals import END, NOW, company, planted_model, workspace


class Validated(NamedTuple):
    """The models, the evidence (with what was planted), what came out, and its document."""

    models: Models
    evidence: Evidence
    found: Validation
    document: dict[str, Any]


def planted_evidence(models: Models) -> Evidence:
    """The evidence, every seventh account worked and every sixth of those that stayed downsold by a third."""
    evidence = gather(models.workspace, DuckDBEngine(), models.in_force, day=END, views=models.views)
    o = evidence.rows
    number = np.array([int(a[1:]) for a in o.account.tolist()])
    down = ~o.lost & (number % 6 == 0)
    outcome = np.where(down, "downsold", o.outcome).astype(object)
    after = np.where(down, o.arr_before * 2 / 3, o.arr_after)
    rows = replace(o, outcome=outcome, arr_after=after, treated=number % 7 == 0)
    return replace(evidence, rows=rows)


@cache
def validated(base: Path) -> Validated:
    """300 accounts whose adoption decides, learnt from, validated beside the proposal. Read only."""
    place = workspace(base / "validated" / "ws", company(300, effect=2.0, seed=5).raw, planted_model())
    refresh(place, DuckDBEngine(), as_of=END, weeks=2, now=NOW)
    models = models_of(place)
    evidence = planted_evidence(models)
    learnt = learn(models, evidence, LearnSettings(), now=NOW)
    assert learnt.kept is not None and learnt.kept.kind == "scorecard"
    proposal = Proposals(models.registry.folder).model(learnt.kept), learnt.kept.figures
    found = validate(models, evidence, train_at=90, proposed="predictive", seed=0, proposal=proposal)
    moved = migration(place, DuckDBEngine(), models.in_force, proposal[0], until=END)
    proposed = {"kind": "predictive", "version": learnt.kept.key, "tiers": learnt.kept.figures["tiers"]}
    document = validate_document(found, proposed, learning_head(SCHEMA, models, END), moved)
    return Validated(models, evidence, found, document)
