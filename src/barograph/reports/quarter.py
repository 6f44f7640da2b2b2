"""The quarterly validation as it is kept (`barograph.quarter/1`), what is said of it, and the run that makes it.

The run is here and not in the pipeline because what it keeps is a document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from barograph.core.calendar import to_date
from barograph.engines.base import SignalEngine
from barograph.errors import BarographError, RefusedError
from barograph.pipeline.learn_inputs import Models, models_of
from barograph.pipeline.learn_kept import (
    QUARTER_DAYS,
    decay,
    keep_validation,
    next_validation,
    quarters,
    validation_due,
)
from barograph.pipeline.registry import Registry, Version
from barograph.reports.learn_head import learning_head
from barograph.reports.numbers import number
from barograph.workspace import Workspace

if TYPE_CHECKING:
    from barograph.pipeline.evidence import Evidence
    from barograph.pipeline.quarterly import Quarter, QuarterHorizon

SCHEMA = "barograph.quarter/1"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class QuarterRun:
    """What came of the quarterly validation: kept (the document), or why not. warning: it was due and failed."""

    due: bool
    document: dict[str, Any] | None
    because: str
    warning: bool = False


def validate_when_due(
    workspace: Workspace,
    engine: SignalEngine,
    *,
    day: int,
    now: datetime,
    evidence: Evidence | None = None,
    progress: Progress = lambda _what, _done, _of: None,
) -> QuarterRun:
    """Judge the model in force on the quarter before `day`, and keep that, when a quarter has ended.

    evidence: of all decisions known at `day`, where the caller has gathered it already.

    Never raises: whatever goes wrong in judging the past must not cost the present its scores. It is said in
    `because`, and tried again at the next refresh.
    """
    try:
        models = models_of(workspace)
        if models.version is None or not validation_due(models.registry, models.version, day):
            return QuarterRun(False, None, "not due")
        return _run(models, engine, day=day, now=now, evidence=evidence, progress=progress)
    except RefusedError as e:
        return QuarterRun(True, None, str(e))
    except BarographError as e:
        return QuarterRun(True, None, str(e), warning=True)
    except Exception as e:  # noqa: BLE001 - see above
        return QuarterRun(True, None, f"{type(e).__name__}: {e}", warning=True)


def _run(
    models: Models,
    engine: SignalEngine,
    *,
    day: int,
    now: datetime,
    evidence: Evidence | None,
    progress: Progress,
) -> QuarterRun:
    # Statistics are needed once a quarter; the commands of every day start without them.
    from barograph.pipeline.evidence import gather  # noqa: PLC0415
    from barograph.pipeline.quarterly import judge_quarter  # noqa: PLC0415

    every = evidence or gather(
        models.workspace,
        engine,
        models.in_force,
        day=day,
        views=models.views,
        facts=False,
        periods=False,
        progress=progress,
    )
    found = judge_quarter(models, every, day)
    if found is None:
        first = to_date(day - QUARTER_DAYS)
        text = f"no decision became known from {first} to {to_date(day - 1)} that could be judged (0 rows)."
        return QuarterRun(True, None, text)
    document = quarter_document(found, learning_head(SCHEMA, models, day))
    keep_validation(models, document, found.track_record, day=day, now=now, quarter=True)
    return QuarterRun(True, document, "")


def quarter_document(found: Quarter, head: dict[str, Any]) -> dict[str, Any]:
    """The document; see docs/reference/json-learning.md."""
    warning = found.warning
    document = {
        **head,
        "from": to_date(found.first).isoformat(),
        "to": to_date(found.last).isoformat(),
        "decisions": found.decisions,
        "lost": found.lost,
        "downsold": found.downsold,
        "horizons": [_horizon(h) for h in found.horizons],
        "surprises": warning.surprises,
        "surprise_arr": number(warning.surprise_arr),
        "lost_arr": number(warning.lost_arr),
        "lead_median": number(warning.lead_median),
        "false_alarms": warning.false_alarms,
        "treated_alarms": warning.treated_alarms,
    }
    return document | {"summary": summary(document)}


def _horizon(found: QuarterHorizon) -> dict[str, Any]:
    return {
        "days": found.days,
        "n": found.n,
        "without_score": found.without,
        "lost": found.lost,
        "downsold": found.downsold,
        "treated": found.treated,
        "arr": number(found.arr),
        "arr_lost": number(found.arr_lost),
        "auc": number(found.auc.value),
        "auc_low": number(found.auc.low),
        "auc_high": number(found.auc.high),
        "expert_auc": number(found.expert_auc),
        "at_risk_precision": number(found.cells.precision),
        "at_risk_recall": number(found.cells.recall),
        "tiers": [
            {
                "tier": tier.tier,
                "n": tier.n,
                "lost": tier.lost,
                "rate": number(tier.rate),
                "arr": number(tier.arr),
                "arr_lost": number(tier.arr_lost),
            }
            for tier in found.tiers
        ],
    }


def summary(document: dict[str, Any]) -> str:
    """The quarter in one or two sentences."""
    n = document["decisions"]
    basis = f"{n} decision{'' if n == 1 else 's'}, {document['lost']} lost, {document['downsold']} downsold"
    judged = [h for h in document["horizons"] if h["auc"] is not None]
    if not judged:
        return f"{basis}: the order of the score cannot be judged while only one side is there."
    longest = max(judged, key=lambda h: h["days"])
    text = (
        f"{basis}. {longest['days']} days before, AUC {longest['auc']:.2f} "
        f"({longest['auc_low']:.2f} to {longest['auc_high']:.2f})"
    )
    caught = longest["at_risk_recall"]
    text += "." if caught is None else f"; {caught:.0%} of the lost were At Risk."
    if document["surprises"]:
        text += f" {document['surprises']} of {document['lost']} losses were never At Risk before."
    return text


def last_quarter(registry: Registry, version: Version | None, day: int) -> dict[str, Any] | None:
    """When the quarterly validation last ran for a version, what it found, whether the version should be fixed or
    decommissioned (L6), and when the next one is due; None for a model without a version."""
    if version is None:
        return None
    kept = quarters(registry, version)
    last = kept[-1] if kept else None
    found = decay(registry, version)
    return {
        "last": None if last is None else last["workspace_as_of"],
        "from": None if last is None else last["from"],
        "to": None if last is None else last["to"],
        "decisions": None if last is None else last["decisions"],
        "lost": None if last is None else last["lost"],
        "summary": None if last is None else last["summary"],
        "quarters": len(kept),
        "next": to_date(next_validation(registry, version, day)).isoformat(),
        "fix_or_decommission": bool(found and found.flagged),
        "decay": None if found is None else found.text,
    }
