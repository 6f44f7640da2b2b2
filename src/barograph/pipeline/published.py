"""A published week read back as the objects of the core: what was said then, not what would be said now."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from barograph.core.arrays import AnyArray, CodeArray, FloatArray, texts
from barograph.core.inputs import WeekInputs
from barograph.core.ledger_lines import CAUSES, KINDS, STATEMENTS, Ledger
from barograph.core.overlay import Decided
from barograph.core.score import WeekScores, score_week
from barograph.core.thresholds import NONE, TIER_CODES
from barograph.core.tiers import TIER_REASONS, TierStates
from barograph.core.trajectory import HEADINGS, Trajectory
from barograph.definitions.model import ScoreModel
from barograph.pipeline.overlay_columns import overlay_of
from barograph.pipeline.score_table import ScoredWeek, judged_signals
from barograph.pipeline.week_inputs import account_state


def published(table: pa.Table, day: int, model: ScoreModel) -> ScoredWeek:
    """Scores, tier states, ledger and trajectory of a stored week.

    The values stored with the score are judged again by the stored model, which gives the score that was
    published: both were written once.
    """
    previous = table["previous_as_of"][0].as_py() if table.num_rows else None
    return ScoredWeek(
        scores_of(table, day, model),
        states_of(table, day),
        ledger_of(table),
        trajectory_of(table),
        previous,
        overlay=overlay_of(table),
    )


def scores_of(table: pa.Table, day: int, model: ScoreModel) -> WeekScores:
    """The scored week as it was published."""
    names = judged_signals(model)
    values = np.full((table.num_rows, len(names)), np.nan)
    reasons = np.zeros((table.num_rows, len(names)), dtype=np.int8)
    for j, name in enumerate(names):
        values[:, j] = _floats(table, f"value.{name}")
        reasons[:, j] = table[f"why.{name}"].to_numpy()
    ids = texts(table["account_id"].to_pylist())
    return score_week(WeekInputs(day, ids, names, values, reasons, account_state(table)), model)


def states_of(table: pa.Table, day: int) -> TierStates:
    """The tier state as it was stored with a week."""
    return TierStates(
        as_of=day,
        account_ids=texts(table["account_id"].to_pylist()),
        raw=_tiers(table, "raw_tier"),
        computed=_tiers(table, "computed_tier"),
        computed_since=_integers(table, "computed_since"),
        displayed=_tiers(table, "tier"),
        since=_integers(table, "tier_since"),
        level=_tiers(table, "level_tier"),
        pending=_tiers(table, "pending_tier"),
        pending_weeks=_integers(table, "pending_weeks"),
        reason=_words(table, "tier_reason", TIER_REASONS),
        held_by=texts([name or "" for name in table["held_by"].to_pylist()]),
    )


def decided_of(table: pa.Table) -> Decided | None:
    """What the overlay decided in a stored week; None where the model had none."""
    found = overlay_of(table)
    return None if found is None else found.decided()


def trajectory_of(table: pa.Table) -> Trajectory:
    """The trajectories as they were stored."""
    return Trajectory(
        slope=_floats(table, "slope"),
        level=_floats(table, "level"),
        noise=_floats(table, "noise"),
        heading=_words(table, "heading", HEADINGS),
        weeks_in_tier=_integers(table, "weeks_in_tier"),
        weeks_to_line=_floats(table, "weeks_to_line"),
        about_to_turn=np.asarray(table["about_to_turn"].to_pylist(), dtype=bool),
        watch_days=_integers(table, "watch_days"),
        long_on_watch=np.asarray(table["long_on_watch"].to_pylist(), dtype=bool),
    )


def ledger_of(table: pa.Table) -> Ledger:
    """The ledger as it was stored, lines by account."""
    change = table["change"].combine_chunks()
    lengths = np.array([0 if n is None else n for n in change.value_lengths().to_pylist()], dtype=np.int64)
    lines = change.flatten()

    def column(name: str) -> pa.Array:
        return lines.field(name)

    def floats(name: str) -> FloatArray:
        return np.asarray(column(name).to_numpy(zero_copy_only=False), dtype=np.float64)

    def codes(name: str, words: tuple[str, ...]) -> CodeArray:
        place = {word: code for code, word in enumerate(words)}
        return np.array([place[word] for word in column(name).to_pylist()], dtype=np.int8)

    return Ledger(
        account_ids=texts(table["account_id"].to_pylist()),
        before=_floats(table, "previous_score"),
        after=_floats(table, "score"),
        statement=_words(table, "change_statement", STATEMENTS),
        account=np.repeat(np.arange(len(lengths)), lengths),
        kind=codes("kind", KINDS),
        name=texts(column("name").to_pylist()),
        cause=codes("cause", CAUSES),
        points=floats("points"),
        value_before=floats("value_before"),
        value_after=floats("value_after"),
        why_before=floats("why_before").astype(np.int8),
        why_after=floats("why_after").astype(np.int8),
        weight_before=floats("weight_before"),
        weight_after=floats("weight_after"),
    )


def _floats(table: pa.Table, name: str) -> FloatArray:
    return np.asarray(table[name].to_numpy(), dtype=np.float64)


def _integers(table: pa.Table, name: str) -> AnyArray:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)


def _words(table: pa.Table, name: str, words: tuple[str, ...]) -> CodeArray:
    place = {word: code for code, word in enumerate(words)}
    return np.array([place[word] for word in table[name].to_pylist()], dtype=np.int8)


def _tiers(table: pa.Table, name: str) -> CodeArray:
    return np.array([NONE if t is None else TIER_CODES[t] for t in table[name].to_pylist()], dtype=np.int8)
