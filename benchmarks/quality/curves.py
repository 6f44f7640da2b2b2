"""Learning curves from 30 outcomes up: what each kind of model is worth on a fixed test set.

Samples are drawn from the training part, stratified so that the loss rate is the set's own. `recipe` is what
the product would have in force: the proposal where one passes its gate, else the heuristic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.errors import BarographError
from barograph.learning.calibration import calibrate
from barograph.learning.challenger import fit_challenger
from barograph.learning.contenders import SearchRules, search
from barograph.learning.metrics import auc, calibration_error, log_loss, probability
from barograph.learning.observations import FloatArray, IntArray
from barograph.learning.recipe import LearnOptions, propose
from barograph.learning.splits import deal
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
            rows = _draw(chosen, train, size, rng)
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


def _draw(chosen: QualitySet, train: IntArray, size: int, rng: np.random.Generator) -> IntArray:
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


def _searched(a: object, b: object, otherwise: FloatArray) -> FloatArray:
    try:
        card = search(a, SearchRules())
    except BarographError:
        return otherwise
    if card.scorecard is None:
        return otherwise
    return probability(card.scorecard.log_odds(card.prepare(b)))


def recalibration(chosen: QualitySet, outcomes: int = 250, samples: int = 12) -> tuple[float, float]:
    """(mean calibration error after recalibrating on `outcomes` fresh rows, what a perfect model would show).

    Half of the undated sets tests, because the figure has a floor: a perfect model's error over ten groups of
    n / 10 rows is chance alone, and is simulated here for the same predictions. Goal: at most .04.
    """
    o, rng = chosen.observations, np.random.default_rng(1)
    if chosen.dated:
        train, test = splits(chosen)[0]
    else:
        half = deal(o, 2, rng)
        train, test = np.flatnonzero(half == 0), np.flatnonzero(half == 1)
    found, floor = [], []
    for _ in range(samples):
        rows = _draw(chosen, train, min(1_000, len(train) // 2), rng)
        fresh = _draw(chosen, np.setdiff1d(train, rows), outcomes, rng)
        card = search(o.take(rows), SearchRules()).scorecard
        if card is None:
            continue
        q = probability(card.log_odds(o.take(fresh)))
        after = calibrate(q, o.lost[fresh]).apply(probability(card.log_odds(o.take(test))))
        found.append(calibration_error(after, o.lost[test]))
        floor.append(calibration_error(after, rng.random(len(test)) < after))
    return (float(np.mean(found)), float(np.mean(floor))) if found else (float("nan"), float("nan"))
