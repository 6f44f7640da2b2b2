"""Learning curves from 30 outcomes up: what each kind of model is worth on a fixed test set.

Samples are drawn from the training part, stratified so that the loss rate is the set's own. `recipe` is what
the product would have in force: the proposal where one passes its gate, else the heuristic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.errors import BarographError
from barograph.learning.challenger import fit_challenger
from barograph.learning.metrics import auc, calibration_error, log_loss, probability
from barograph.learning.observations import FloatArray, IntArray, Observations
from barograph.learning.recipe import LearnOptions, propose
from barograph.learning.search import SearchRules, search
from barograph.learning.weights import centre_on_expert, heuristic_slope
from benchmarks.quality.datasets import QualitySet
from benchmarks.quality.kept import splits

SIZES = (30, 60, 100, 200, 500, 1_000)
SAMPLES = {30: 24, 60: 24, 100: 16, 200: 12, 500: 8, 1_000: 4}
FAST = LearnOptions(draws=0, stability=0, challenger=False, propose_shapes=False, propose_derived=False)


@dataclass(frozen=True)
class Point:
    """One kind at one size on one set: means over samples; `not_worse` is the share of samples whose log-loss
    is at most the heuristic's, `better_auc` whose AUC is above equal weights'."""

    set: str
    kind: str
    outcomes: int
    lost: float
    samples: int
    auc: float
    log_loss: float
    ece: float
    not_worse: float
    better_auc: float


def curve(chosen: QualitySet, sizes: tuple[int, ...] = SIZES, thin: int = 1) -> list[Point]:
    """Every kind at every size that the training part can give."""
    train, test = splits(chosen)[0]
    rng = np.random.default_rng(0)
    if len(test) > 5_000:
        test = rng.choice(test, 5_000, replace=False)
    out: list[Point] = []
    for size in sizes:
        runs: list[dict[str, tuple[float, float, float]]] = []
        losses = []
        for _ in range(max(2, SAMPLES[size] // thin)):
            rows = draw(chosen, train, size, rng)
            losses.append(int(chosen.observations.lost[rows].sum()))
            runs.append(_figures(chosen, rows, test))
        for kind in runs[0]:
            have = [run for run in runs if kind in run]
            if len(have) < len(runs):
                continue
            table = np.array([run[kind] for run in have])
            heuristic = np.array([run["heuristic"] for run in have])
            out.append(
                Point(
                    set=chosen.name,
                    kind=kind,
                    outcomes=size,
                    lost=float(np.mean(losses)),
                    samples=len(have),
                    auc=float(table[:, 0].mean()),
                    log_loss=float(table[:, 1].mean()),
                    ece=float(table[:, 2].mean()),
                    not_worse=float((table[:, 1] <= heuristic[:, 1] + 1e-9).mean()),
                    better_auc=float((table[:, 0] > heuristic[:, 0]).mean()),
                )
            )
    return out


def draw(chosen: QualitySet, train: IntArray, size: int, rng: np.random.Generator) -> IntArray:
    """`size` rows of different accounts, with the set's own loss rate and at least ten lost."""
    o = chosen.observations
    shuffled = rng.permutation(train)
    _, first = np.unique(o.account[shuffled].astype(str), return_index=True)
    pool = shuffled[np.sort(first)]
    lost = max(10, round(size * float(o.lost[train].mean())))
    lost = min(lost, size - 10)
    return np.concatenate([pool[o.lost[pool]][:lost], pool[~o.lost[pool]][: size - lost]])


def _figures(chosen: QualitySet, rows: IntArray, test: IntArray) -> dict[str, tuple[float, float, float]]:
    o, prior = chosen.observations, chosen.prior()
    a, b = o.take(rows), o.take(test)
    mine = prior.take(rows)
    there = mine.filled_like(prior.take(test))
    link = heuristic_slope(mine.filled() @ mine.shares, a.lost)
    heuristic = probability(link.log_odds((there @ mine.shares)[:, None]))
    p: dict[str, FloatArray] = {"heuristic": heuristic}
    p["blended"] = probability(centre_on_expert(mine, a.lost).log_odds(there))
    p["boosting"] = fit_challenger(a, b)
    if len(rows) >= 100:
        p["scorecard"] = _searched(a, b, heuristic)
    found = propose(a, mine, FAST)
    p["recipe"] = heuristic
    if found.proposed and found.kind == "scorecard":
        p["recipe"] = found.p_lost(b)
    elif found.proposed and found.weights is not None and found.calibration is not None:
        p["recipe"] = found.calibration.apply(probability(found.weights.log_odds(there)))
    return {
        kind: (auc(-q, b.lost), log_loss(q, b.lost), calibration_error(q, b.lost)) for kind, q in p.items()
    }


def _searched(a: Observations, b: Observations, otherwise: FloatArray) -> FloatArray:
    try:
        card = search(a, SearchRules())
    except BarographError:
        return otherwise
    if card.scorecard is None:
        return otherwise
    return probability(card.scorecard.log_odds(card.prepare(b)))
