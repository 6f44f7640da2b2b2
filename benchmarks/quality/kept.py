"""How much of the unconstrained challenger's separation a few readable signals keep, set by set.

Three columns of the recipe: as declared (one direction per signal), with the shapes that the diagnostic
proposes accepted, and with proposed shapes and derived candidates accepted. Proposals are made inside each
training fold, so nothing of a test row is ever seen. `no cap` shows what the limit of 40 % on one signal
costs, `additive bound` what boosted stumps on every candidate reach, so how much only interactions could
give. Undated sets: five folds by group; CDNOW: out of time with an embargo."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedGroupKFold

from barograph.learning.challenger import fit_challenger
from barograph.learning.columns import columns_of
from barograph.learning.intervals import auc_interval, codes
from barograph.learning.metrics import auc, calibration_error, confusion, log_loss, probability
from barograph.learning.observations import FloatArray, IntArray, Observations
from barograph.learning.scorecard import FitRules, Scorecard, fit_scorecard
from barograph.learning.screening import ScreenRules, screen
from barograph.learning.search import SearchRules, review
from barograph.learning.weights import centre_on_expert, heuristic_slope
from benchmarks.quality.datasets import QualitySet

VARIANTS = {"declared": (False, False), "shapes": (True, False), "shapes + derived": (True, True)}
SIZES = (8, 5)
OUT_OF_TIME_TEST = 10_227  # local day of 1 January 1998


@dataclass(frozen=True)
class Row:
    """One model on one set, all figures on the same test rows."""

    set: str
    model: str
    signals: float
    n: int
    lost: int
    auc: float
    auc_low: float
    auc_high: float
    kept: float
    log_loss: float
    ece: float
    balanced_accuracy: float
    rounding_loss: float


def splits(chosen: QualitySet) -> list[tuple[IntArray, IntArray]]:
    """(train rows, test rows): out of time when there are dates, else five folds by group."""
    o = chosen.observations
    if chosen.dated:
        test = np.flatnonzero(o.as_of >= OUT_OF_TIME_TEST)
        return [(np.flatnonzero(o.decision <= OUT_OF_TIME_TEST), test)]
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0).split(o.signals, o.lost, o.group)
    return [(train, test) for train, test in folds]


def measure(chosen: QualitySet) -> list[Row]:
    """The challenger, the expert's kinds, and the scorecard in every variant and size."""
    o, prior = chosen.observations, chosen.prior()
    folds = splits(chosen)
    tested = np.concatenate([test for _, test in folds])
    p: dict[str, FloatArray] = {}
    used: dict[str, list[int]] = {}
    losses: dict[str, list[float]] = {}
    base = np.full(o.n, np.nan)

    def put(name: str, test: IntArray, values: FloatArray, signals: int) -> None:
        p.setdefault(name, np.full(o.n, np.nan))[test] = values
        used.setdefault(name, []).append(signals)

    for train, test in folds:
        a, b = o.take(train), o.take(test)
        base[test] = a.base_rate
        put("challenger", test, fit_challenger(a, b), len(o.names))
        put("additive bound (all candidates)", test, _additive_bound(a, b), len(o.names))
        mine = prior.take(train)
        there = mine.filled_like(prior.take(test))
        link = heuristic_slope(mine.filled() @ mine.shares, a.lost)
        put(
            "equal weights (expert's inputs)",
            test,
            probability(link.log_odds((there @ mine.shares)[:, None])),
            there.shape[1],
        )
        weights = centre_on_expert(mine, a.lost)
        put("blended (expert's inputs)", test, probability(weights.log_odds(there)), there.shape[1])
        for label, (shapes, derived) in VARIANTS.items():
            for size in SIZES:
                rules = FitRules(most=size, prefer_few=False)
                seen = review(a, SearchRules(fit=rules), shapes=shapes, derived=derived)
                rows, other = seen.rows, seen.prepare(b)
                usable = screen(rows, np.random.default_rng(0), ScreenRules(draws=0)).usable
                rows = rows.choose([name for name in rows.names if name in set(usable)])
                columns = columns_of(rows)
                card = fit_scorecard(rows, rules, columns)
                if card is None:
                    raise RuntimeError(f"{chosen.name}: no scorecard on {len(train)} rows")
                name = f"scorecard <= {size}, {label}"
                put(name, test, probability(card.log_odds(other)), len(card.signals))
                losses.setdefault(name, []).append(_rounding(card, other))
                free = fit_scorecard(rows, replace(rules, cap=1.0), columns) if derived else None
                if free is not None:
                    put(f"{name}, no cap", test, probability(free.log_odds(other)), len(free.signals))
    clusters = codes(o.account[tested])
    bound = auc(-p["challenger"][tested], o.lost[tested])
    out = []
    for name, values in p.items():
        q, lost = values[tested], o.lost[tested]
        found = auc_interval(-q, lost, clusters)
        out.append(
            Row(
                set=chosen.name,
                model=name,
                signals=float(np.mean(used[name])),
                n=len(tested),
                lost=int(lost.sum()),
                auc=found.value,
                auc_low=found.low,
                auc_high=found.high,
                kept=(found.value - 0.5) / (bound - 0.5),
                log_loss=log_loss(q, lost),
                ece=calibration_error(q, lost),
                balanced_accuracy=confusion(q >= base[tested], lost).balanced_accuracy,
                rounding_loss=float(np.mean(losses.get(name, [np.nan]))),
            )
        )
    return out


def _additive_bound(train: Observations, test: Observations) -> FloatArray:
    """P(lost) by boosted stumps on every candidate: what adding up can reach without limits of size or shape."""
    stumps = HistGradientBoostingClassifier(
        max_leaf_nodes=2,
        learning_rate=0.06,
        max_iter=600,
        l2_regularization=1.0,
        categorical_features=[c.shape == "nominal" for c in train.candidates],
        early_stopping=True,
        n_iter_no_change=20,
        random_state=0,
    )
    return np.asarray(stumps.fit(train.signals, train.lost).predict_proba(test.signals)[:, 1], dtype=float)


def _rounding(card: Scorecard, other: Observations) -> float:
    """AUC of the exact weights less AUC of the whole-number ones, on test rows."""
    exact = card.components(other) / 100 @ card.exact_weights
    return auc(exact, other.lost) - auc(card.score(other), other.lost)


def medians(rows: list[Row], distinct: set[str]) -> dict[str, tuple[float, float]]:
    """Per model (median kept over all sets, median over the sets named distinct)."""
    out = {}
    for model in dict.fromkeys(row.model for row in rows):
        kept = {row.set: row.kept for row in rows if row.model == model}
        own = [value for name, value in kept.items() if name in distinct]
        out[model] = (float(np.median(list(kept.values()))), float(np.median(own)) if own else float("nan"))
    return out
