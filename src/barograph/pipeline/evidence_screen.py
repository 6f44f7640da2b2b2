"""Screening of a workspace's candidates: leaks first, then what each says, against all that was ever tried."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from barograph.definitions.fingerprint import signals_fingerprint
from barograph.definitions.model import ScoreModel
from barograph.lake.journal import Record
from barograph.lake.manifest import Manifest
from barograph.lake.store import user_name
from barograph.learning.leaks import LeakAudit, audit
from barograph.learning.observations import check
from barograph.learning.screening import Screening, ScreenRules, screen
from barograph.pipeline.evidence import Evidence, not_learnable
from barograph.workspace import Workspace

MARK = "candidates_tried"


@dataclass(frozen=True, slots=True)
class Screened:
    """What screening found, what the leak audit said, and the notices on the rows themselves."""

    screening: Screening
    leaks: LeakAudit
    notices: tuple[str, ...]


def screen_evidence(
    evidence: Evidence, *, seed: int, confirmed: Collection[str] = (), tried_before: int = 0, draws: int = 500
) -> Screened:
    """Judge every candidate on the rows of one horizon.

    confirmed: candidates whose leak suspicion a person has cleared; those that the model file marks
    `confirmed` are cleared as well. Raises RefusedError with the counts below 30 outcomes or 10 lost.
    """
    notices = check(evidence.rows)
    leaks = leak_audit(evidence, confirmed)
    refused = (*leaks.reasons(), *_not_learnable(evidence.model))
    rules = ScreenRules(draws, tried_before, refused)
    found = screen(evidence.rows, np.random.default_rng(seed), rules)
    return Screened(found, leaks, tuple(notice.text for notice in notices))


def leak_audit(evidence: Evidence, confirmed: Collection[str] = ()) -> LeakAudit:
    """The leak audit with all that the workspace knows about its rows."""
    cleared = {signal.name for signal in evidence.model.signals if signal.confirmed}
    return audit(
        evidence.rows,
        earlier=evidence.earlier,
        late_share=evidence.late_share,
        replay_differs=evidence.replay,
        confirmed=cleared | set(confirmed),
    )


def _not_learnable(model: ScoreModel) -> tuple[tuple[str, str], ...]:
    return tuple((s.name, reason) for s in model.signals if (reason := not_learnable(s)))


def tried_before(manifest: Manifest, model: ScoreModel) -> int:
    """How many candidates were tried earlier and are no longer in the model: each still counts as a test."""
    return len(set(manifest.marks.get(MARK) or ()) - set(candidate_prints(model)))


def remember_tried(workspace: Workspace, model: ScoreModel, now: datetime) -> None:
    """Add the model's candidates to the register of everything ever tried; nothing new writes nothing."""
    prints = set(candidate_prints(model))
    if prints <= set(workspace.lake.manifest().marks.get(MARK) or ()):
        return
    with workspace.lake.transaction("screen") as txn:
        known = set(txn.mark(MARK) or ())
        txn.set_mark(MARK, sorted(known | prints))
        counts = {"candidates": len(known | prints)}
        txn.record(Record.of(now, user_name(), "candidates tried", counts=counts))


def candidate_prints(model: ScoreModel) -> list[str]:
    """`name:fingerprint` of every signal; another window or condition is another candidate."""
    return [
        f"{s.name}:{signals_fingerprint([s], model.population, unit=model.rollup.unit)}"
        for s in model.signals
    ]
