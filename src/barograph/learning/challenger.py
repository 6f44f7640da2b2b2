"""The unconstrained challenger: gradient boosting on every candidate, to see what being explainable costs.

It is never put in force. Two settings (shallow and deep) are averaged, both fixed beforehand, so that the
bound is neither tuned to a data set nor weak."""

from __future__ import annotations

import numpy as np

from barograph.learning.metrics import log_odds, probability
from barograph.learning.observations import FloatArray, Observations

SETTINGS = (
    {"max_leaf_nodes": 6, "learning_rate": 0.06, "max_iter": 300},
    {"max_leaf_nodes": 24, "learning_rate": 0.03, "max_iter": 300},
)
MIN_LEAF = 20
MOST_LEVELS = 200
FEWEST_KNOWN = 10
THREADS_FROM = 20_000  # below this, threads wait for each other longer than they work


def fit_challenger(
    train: Observations, test: Observations, seed: int = 0, iterations: int | None = None
) -> FloatArray:
    """P(lost) of the test rows from boosting fitted on the train rows; same candidates on both.

    Nominal candidates are passed as categories. Early stopping on a tenth of the training rows from 500 rows
    on, a hundred rounds below. Raises ValueError from scikit-learn when the training rows are one-sided.
    """
    # scikit-learn takes a second to import, which commands that fit no challenger should not wait for
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415 - without stubs

    kept = [j for j in range(len(train.candidates)) if _can_split(train.signals[:, j])]
    nominal = [c.shape == "nominal" for c in train.candidates]
    x, there = _matrix(train, nominal, train)[:, kept], _matrix(train, nominal, test)[:, kept]
    nominal = [nominal[j] for j in kept]
    if not kept:
        return np.full(test.n, train.base_rate)
    odds = np.zeros(test.n)
    for number, setting in enumerate(SETTINGS):
        early = train.n >= 500
        rounds = iterations or (int(setting["max_iter"]) if early else 100)
        model = HistGradientBoostingClassifier(
            max_leaf_nodes=int(setting["max_leaf_nodes"]),
            learning_rate=setting["learning_rate"],
            max_iter=rounds,
            min_samples_leaf=min(MIN_LEAF, max(2, train.n // 10)),
            l2_regularization=1.0,
            categorical_features=nominal if any(nominal) else None,
            early_stopping=early,
            n_iter_no_change=20,
            random_state=seed + number,
        )
        with threadpool_limits(limits=1 if train.n < THREADS_FROM else None):
            model.fit(x, train.lost)
            odds += log_odds(model.predict_proba(there)[:, 1]) / len(SETTINGS)
    return probability(odds)


def _can_split(values: FloatArray) -> bool:
    """Whether a candidate has enough known and different values to be binned, also after early stopping's
    split.
    """
    known = values[~np.isnan(values)]
    return len(known) >= FEWEST_KNOWN and len(np.unique(known)) > 1


def _matrix(train: Observations, nominal: list[bool], rows: Observations) -> FloatArray:
    """Nominal codes renumbered 0..k-1 by the training rows; codes unseen there, and rare ones, become
    unknown.
    """
    out = rows.signals.copy()
    for j in np.flatnonzero(nominal):
        known = train.signals[~np.isnan(train.signals[:, j]), j]
        codes, counts = np.unique(known, return_counts=True)
        codes = np.sort(codes[np.argsort(-counts, kind="stable")][:MOST_LEVELS])
        column = rows.signals[:, j]
        position = np.searchsorted(codes, column)
        hit = np.isin(column, codes)
        out[:, j] = np.where(hit, position, np.nan)
    return out
