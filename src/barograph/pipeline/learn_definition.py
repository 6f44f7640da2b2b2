"""From what was learnt to a model definition: weights, bands, tier lines and what they stand on.

Everything that learning has no say in (caps, gate, targets, population, outcome rules, damping) stays as it is in
force. Signals that were not chosen stay as candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from barograph.core.calendar import to_date
from barograph.definitions.base import TierName
from barograph.definitions.model import Component, ScoreModel, Stage, TierThresholds
from barograph.definitions.normalise import Band, BandedShape
from barograph.definitions.signal import Signal, Variant
from barograph.learning.observations import Observations
from barograph.learning.proposal import Proposal
from barograph.learning.scorecard import BandedSignal
from barograph.learning.segments import SegmentWeights
from barograph.learning.tiers_from_risk import TierThresholds as RiskLines

LINE_PLACES: dict[TierName, str] = {"watch": "watch_from", "healthy": "healthy_from", "growth": "top_from"}


def learnt_definition(
    proposal: Proposal, base: ScoreModel, expert: ScoreModel | None, rows: Observations, name: str
) -> ScoreModel:
    """The definition of a proposal that proposes something.

    base: the model in force, which gives everything learning has no say in. expert: the model whose inputs
    were weighted (kind 'weights'). rows: what was learnt from. name: of the new model.
    """
    if proposal.scorecard is not None:
        signals = tuple(_banded(s, proposal.scorecard.signals, proposal.own_weights) for s in base.signals)
    else:
        weight = {s.name: float(s.weight) for s in proposal.signals}
        opinion = {s.name: s for s in expert.signals} if expert is not None else {}
        signals = tuple(
            opinion.get(s.name, s).model_copy(update={"weight": weight[s.name]})
            if s.name in weight
            else s.model_copy(update={"weight": 0.0})
            for s in base.signals
        )
    signals, components = _with_components(signals, base.components)
    draft = base.model_copy(
        update={
            "name": name,
            "purpose": purpose(proposal, rows),
            "stage": proposal.stage.label,
            "outcomes_behind": proposal.stage.outcomes,
            "signals": signals,
            "components": components,
        }
    )
    return ScoreModel.model_validate(_with_lines(draft, proposal.tiers).model_dump())


def relabelled(base: ScoreModel, stage: Stage, outcomes: int) -> ScoreModel:
    """The same definition with the label that the outcomes have earned it."""
    return base.model_copy(update={"stage": stage, "outcomes_behind": outcomes})


def purpose(proposal: Proposal, rows: Observations) -> str:
    """What the model stands on, for its file."""
    first, last = to_date(int(rows.decision.min())), to_date(int(rows.decision.max()))
    what = "Weights and bands were learnt" if proposal.kind == "scorecard" else "Expert weights were moved"
    return (
        f"{what} from {proposal.stage.outcomes} renewal decisions, {proposal.stage.lost} of them lost, made "
        f"from {first} to {last} and seen {int(np.median(rows.horizon))} days before. "
        f"{proposal.stage.headline}."
    )


def _banded(signal: Signal, chosen: Sequence[BandedSignal], own: Sequence[SegmentWeights] = ()) -> Signal:
    """A signal with the weight and bands that learning gave it; weight 0 when it was not chosen.

    A segment with weights of its own has them as a variant of the shape: other points for the same bands."""
    place = next((j for j, s in enumerate(chosen) if s.name == signal.name), None)
    if place is None:
        return signal.model_copy(update={"weight": 0.0})
    found = chosen[place]
    variants = tuple(
        Variant(when={"segment": w.segment}, normalise=banded_shape(_with_points(found, w.points[place])))
        for w in own
    )
    update = {
        "weight": float(found.weight),
        "normalise": banded_shape(found),
        "variants": variants,
        "missing": "redistribute",
    }
    if found.bands.candidate.shape != "monotone":
        update["direction"] = "free"
    elif signal.direction == "free" and found.points[0] != found.points[-1]:
        update["direction"] = "up" if found.points[0] < found.points[-1] else "down"
    return signal.model_copy(update=update)


def _with_points(signal: BandedSignal, points: Sequence[int]) -> BandedSignal:
    """The same bands with other points (that of a missing value last)."""
    return replace(signal, points=tuple(points[:-1]), missing_points=points[-1])


def banded_shape(signal: BandedSignal) -> BandedShape:
    """The bands as a shape of the model file, giving the same points to every value.

    A signal of which only its absence speaks has one band; the file wants two, so it is cut at 0 with equal
    points. Points for a missing value are written only where learning saw missing values.
    """
    cuts, points = list(signal.cuts), list(signal.points)
    if not cuts:
        cuts, points = [0.0], [points[0], points[0]]
    bands = [Band(below=cut, points=point) for cut, point in zip(cuts, points, strict=False)]
    missing = signal.missing_points if int(signal.bands.n[-1]) > 0 else None
    return BandedShape(method="banded", bands=(*bands, Band(points=points[-1])), missing_points=missing)


def _with_components(
    signals: Sequence[Signal], components: tuple[Component, ...]
) -> tuple[tuple[Signal, ...], tuple[Component, ...]]:
    """Give every scored signal a declared component: its own, else one that its category already has."""
    names = {c.name for c in components}
    by_category = {s.category: s.component for s in reversed(signals) if s.component in names}
    out, added = [], list(components)
    for signal in signals:
        if signal.weight > 0 and signal.component not in names:
            home = by_category.get(signal.category) or signal.category
            if home not in names:
                names.add(home)
                added.append(Component(name=home, label=home.capitalize()))
            out.append(signal.model_copy(update={"component": home}))
        else:
            out.append(signal)
    return tuple(out), tuple(added)


def _with_lines(model: ScoreModel, proposed: Sequence[RiskLines]) -> ScoreModel:
    """Tier lines from risk: for all accounts, and for each segment that has its own."""
    everyone = next((lines for lines in proposed if not lines.segment), None)
    if everyone is None:
        return model
    lines = _lines(model, everyone)
    tiers = tuple(
        tier.model_copy(update={"from_score": lines.get(tier.name, tier.from_score)}) for tier in model.tiers
    )
    own = tuple(
        TierThresholds(when={"segment": found.segment}, from_score=_lines(model, found))
        for found in proposed
        if found.segment
    )
    return model.model_copy(update={"tiers": tiers, "thresholds": own})


def _lines(model: ScoreModel, found: RiskLines) -> dict[TierName, float]:
    """Lines of the model's tiers above the lowest, whole scores of 1 to 100 that grow by at least 1."""
    names = [tier.name for tier in model.tiers[1:]]
    raw = [float(getattr(found, LINE_PLACES[name])) for name in names]
    out: list[float] = []
    for place, line in enumerate(raw):
        room = len(raw) - 1 - place
        floor = 1.0 if not out else out[-1] + 1
        out.append(float(np.clip(line, floor, 100 - room)))
    assert all(a < b for a, b in pairwise(out))  # noqa: S101 - by construction, at most three lines
    return dict(zip(names, out, strict=True))
