"""The ledger adds up to the difference of the scores under every combination of changes (H2, decision 8)."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.arrays import AnyArray
from barograph.core.inputs import WeekInputs
from barograph.core.ledger import Ledger, ledger
from barograph.core.ledger_lines import ITEMS, KINDS, SPREAD
from barograph.core.score import WeekScores, score_week
from barograph.definitions.model import ScoreModel
from support.score_models import MONDAY, random_model, random_week

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=30, deadline=None)


def check(found: Ledger) -> None:
    explained = found.statement == ITEMS
    assert (explained <= ~(np.isnan(found.before) | np.isnan(found.after))).all()
    difference = (found.after - found.before)[explained]
    assert np.abs(found.totals()[explained] - difference).max(initial=0) < 1e-9
    assert (np.abs(found.totals()[~explained]) == 0).all()
    assert (np.diff(found.account) >= 0).all()


def kinds(found: Ledger) -> set[str]:
    return {KINDS[k] for k in np.unique(found.kind[np.abs(found.points) > 1e-9])}


def two_weeks(
    seed: int, *, new_model: bool = False, move: bool = True, scope: bool = True
) -> tuple[WeekScores, WeekScores]:
    rng = np.random.default_rng(seed)
    first = random_model(rng)
    second = random_model(rng) if new_model else first
    ids = [f"a{i}" for i in range(40)]
    early = random_week(rng, first, 40, MONDAY - 7, ids=ids)
    late = random_week(rng, second, 40, MONDAY, ids=[f"a{i}" for i in range(5, 45)])
    if not scope:
        early, late = early.take(np.arange(5, 40)), late.take(np.arange(35))
        late = WeekInputs(
            late.as_of, late.account_ids, late.signals, late.values, late.reasons, early.attributes
        )
    if not move:
        late = WeekInputs(
            MONDAY, late.account_ids, late.signals, early.values, early.reasons, late.attributes
        )
    return score_week(early, first), score_week(late, second)


@FEW
@given(SEEDS)
def test_values_missingness_scope_and_peers_together(seed: int) -> None:
    check(ledger(*two_weeks(seed)))


@FEW
@given(SEEDS)
def test_another_model_on_top(seed: int) -> None:
    check(ledger(*two_weeks(seed, new_model=True)))


@FEW
@given(SEEDS)
def test_published_scores_that_late_rows_have_overtaken(seed: int) -> None:
    before, after = two_weeks(seed, new_model=True)
    rng = np.random.default_rng(seed)
    published = before.score + rng.choice([0.0, 0.0, 3.5, -2.25], len(before.score))
    published[rng.random(len(published)) < 0.1] = np.nan
    found = ledger(before, after, published=published)
    check(found)
    rows = {a: i for i, a in enumerate(before.account_ids)}
    for i, account in enumerate(after.account_ids):
        if account in rows:
            assert np.array_equal(found.before[i], published[rows[account]], equal_nan=True)


@FEW
@given(SEEDS)
def test_nothing_changed_means_no_lines(seed: int) -> None:
    before, after = two_weeks(seed, move=False, scope=False)
    found = ledger(before, after)
    check(found)
    assert len(found.points) == 0


@FEW
@given(SEEDS)
def test_one_cause_gives_one_kind(seed: int) -> None:
    """Only the model changes: only `weights` (and `cap`, where a new model caps in points)."""
    before, _ = two_weeks(seed, scope=False)
    rng = np.random.default_rng(seed + 1)
    weights = rng.integers(1, 30, len(before.model.scored)).astype(float)
    changed = before.model.model_copy(
        update={
            "signals": tuple(
                s.model_copy(update={"weight": w}) for s, w in zip(before.model.signals, weights, strict=True)
            )
        }
    )
    again = score_week(next_week(before), changed)
    assert kinds(ledger(before, again)) <= {"weights", "cap"}


@FEW
@given(SEEDS)
def test_an_account_that_stands_still_moves_by_its_peers_alone(seed: int) -> None:
    """Others' values change, one account's do not: its lines are of kind `peers` only."""
    rng = np.random.default_rng(seed)
    model = random_model(rng, plain=True)
    early = random_week(rng, model, 40, MONDAY - 7, missing=0.0)
    values = rng.integers(0, 21, early.values.shape) / 2.0
    values[0] = early.values[0]
    late = WeekInputs(MONDAY, early.account_ids, early.signals, values, early.reasons, early.attributes)
    found = ledger(score_week(early, model), score_week(late, model))
    check(found)
    assert {item.kind for item in found.items(0)} <= {"peers"}


@FEW
@given(SEEDS)
def test_an_account_that_moves_alone_moves_by_data_alone(seed: int) -> None:
    """The others stand still: nothing is blamed on peers, in a group of ties and fallbacks too."""
    rng = np.random.default_rng(seed)
    model = random_model(rng, plain=True)
    early = random_week(rng, model, 40, MONDAY - 7, missing=0.1)
    values = early.values.copy()
    values[0] = np.where(np.isnan(values[0]), np.nan, rng.integers(0, 21, values.shape[1]) / 2.0)
    late = WeekInputs(MONDAY, early.account_ids, early.signals, values, early.reasons, early.attributes)
    found = ledger(score_week(early, model), score_week(late, model))
    check(found)
    assert {item.kind for item in found.items(0)} <= {"data"}


@FEW
@given(SEEDS)
def test_going_missing_is_stale_and_coming_back_is_data(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = no_percentiles(random_model(rng, plain=True))
    full = random_week(rng, model, 30, MONDAY - 7, missing=0.0)
    gone = rng.random(full.values.shape) < 0.3
    holes = WeekInputs(
        MONDAY, full.account_ids, full.signals, np.where(gone, np.nan, full.values),
        np.where(gone, 1, 0).astype(np.int8), full.attributes,
    )  # fmt: skip
    lost = ledger(score_week(full, model), score_week(holes, model))
    back = ledger(score_week(at(holes, MONDAY - 7), model), score_week(at(full, MONDAY), model))
    check(lost)
    check(back)
    assert kinds(lost) <= {"stale"}
    assert kinds(back) <= {"data"}
    for found in (lost, back):
        for row in np.flatnonzero(found.statement == ITEMS).tolist():
            touched = {item.name for item in found.items(row)} - {SPREAD}
            assert touched <= {name for j, name in enumerate(model_names(model)) if gone[row, j]}


def model_names(model: ScoreModel) -> list[str]:
    return [s.name for s in model.scored]


def no_percentiles(model: ScoreModel) -> ScoreModel:
    """Gaps change the peers of a percentile as well; here only the gaps are looked at."""
    plain = {"method": "range", "zero": 0, "full": 10}
    data = model.model_dump()
    for signal in data["signals"]:
        for holder in (signal, *signal["variants"]):
            if holder["normalise"] is not None and holder["normalise"]["method"] == "percentile":
                holder["normalise"] = plain
    return ScoreModel.model_validate(data)


def next_week(week: WeekScores) -> WeekInputs:
    return at(week.inputs, week.as_of + 7)


def at(inputs: WeekInputs, day: int) -> WeekInputs:
    columns: dict[str, AnyArray] = dict(inputs.attributes)
    return WeekInputs(day, inputs.account_ids, inputs.signals, inputs.values, inputs.reasons, columns)
