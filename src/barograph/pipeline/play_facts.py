"""What triggers look at, read from published weeks: only the columns and weeks that the plays ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from barograph.core.arrays import FloatArray, IntArray, TextArray, texts
from barograph.core.calendar import WEEK
from barograph.core.overlay import ENGAGEMENT, NARRATIVE, NO_DAY, SPONSOR
from barograph.core.thresholds import NONE, TIER_CODES
from barograph.core.trajectory import HEADINGS, UNKNOWN
from barograph.core.trigger_facts import CARRY_DAYS, TriggerFacts
from barograph.definitions.model import ScoreModel
from barograph.definitions.play import Play
from barograph.definitions.play_match import all_signals
from barograph.definitions.play_trigger import (
    ComponentBelow,
    PulseSays,
    ScoreChange,
    SignalChange,
    SignalsMeet,
    TierHeld,
)
from barograph.definitions.signal import Signal
from barograph.lake.manifest import Manifest
from barograph.pipeline.play_columns import coded, flagged, floats, rows_of, taken
from barograph.pipeline.pulse_store import PulseBook
from barograph.pipeline.registry import Registry
from barograph.pipeline.score_store import PublishedWeek, read_scores
from barograph.pipeline.signal_store import read_week
from barograph.pipeline.versions import definition_of, version_of
from barograph.pipeline.week_inputs import ATTRIBUTE, account_state
from barograph.signals.accounts import STATE_COLUMNS
from barograph.workspace import Workspace

PRESENTATION = (
    "label",
    "note",
    "weight",
    "component",
    "normalise",
    "variants",
    "missing",
    "confirmed",
    "category",
)
"""Keys of a signal that do not change its value."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the plays read: days back for tiers, for everything else, the signals, and whether pulses are asked."""

    tier_days: int
    days: int
    signals: tuple[str, ...]
    pulses: bool


def needs_of(plays: Iterable[Play]) -> Needs:
    """What these plays read."""
    tier_days = days = 0
    signals: list[str] = []
    pulses = False
    for play in plays:
        trigger = play.trigger
        signals += all_signals(play)
        if isinstance(trigger, TierHeld):
            tier_days = max(tier_days, trigger.of_days or trigger.for_days)
        elif isinstance(trigger, ScoreChange | SignalChange):
            days = max(days, WEEK * trigger.over_weeks)
        elif isinstance(trigger, ComponentBelow | SignalsMeet):
            days = max(days, WEEK * trigger.for_weeks)
        pulses = pulses or isinstance(trigger, PulseSays)
    days += CARRY_DAYS + 2 * WEEK
    return Needs(max(tier_days + CARRY_DAYS + 2 * WEEK, days), days, tuple(dict.fromkeys(signals)), pulses)


class FactReader:
    """Reads facts of one state of the lake."""

    def __init__(self, workspace: Workspace, manifest: Manifest, model: ScoreModel) -> None:
        self.workspace = workspace
        self.manifest = manifest
        self.model = model
        self.registry = Registry(workspace.path / "registry")
        self.model_of = cache(self._model_of)

    def read(self, weeks: Sequence[PublishedWeek], since: int, needs: Needs) -> TriggerFacts:
        """Facts of the accounts of the last week. weeks: published, oldest first; since: day from which transitions
        are asked about, so that what they look back on is read as well."""
        last = weeks[-1]
        table = self._columns(
            last, [*STATE_COLUMNS, "account_id", "computed_tier", "held_by"], attributes=True
        )
        ids = table["account_id"].combine_chunks()
        chosen = [week for week in weeks if week.day >= since - needs.tier_days]
        return _Matrices(self, chosen, ids, since - needs.days, needs).facts(table)

    def _columns(self, week: PublishedWeek, wanted: Iterable[str], *, attributes: bool = False) -> pa.Table:
        """Those of the wanted columns that the week has; with `attributes` the user's own as well."""
        (path,) = self.workspace.lake.resolve((week.entry,))
        names = pq.ParquetFile(path).schema_arrow.names
        keep = set(wanted)
        chosen = [n for n in names if n in keep or (attributes and n.startswith(ATTRIBUTE))]
        return read_scores(self.workspace.lake, week, chosen)

    def columns(self, week: PublishedWeek, wanted: Iterable[str]) -> pa.Table:
        """Those of the wanted columns that the week has."""
        return self._columns(week, wanted)

    def matrix(self, week: PublishedWeek, columns: Sequence[str], account_ids: TextArray) -> FloatArray:
        """Numbers of a week, accounts x columns; NaN where the week has no such account or column."""
        table = self.columns(week, ["account_id", *columns])
        rows = rows_of(pa.array(account_ids, pa.string()), table)
        out = np.full((len(account_ids), len(columns)), np.nan)
        for j, name in enumerate(columns):
            if name in table.column_names:
                out[:, j] = taken(floats(table[name]), rows, np.nan)
        return out

    def _model_of(self, key: str) -> ScoreModel:
        return definition_of(self.registry, version_of(self.registry, key))


class _Matrices:
    """The matrices of the facts, filled week by week."""

    def __init__(
        self, reader: FactReader, weeks: Sequence[PublishedWeek], ids: pa.Array, short: int, needs: Needs
    ) -> None:
        self.reader, self.weeks, self.ids, self.short, self.needs = reader, weeks, ids, short, needs
        shape = (len(ids), len(weeks))
        self.shape = shape
        self.tier = np.full(shape, NONE, dtype=np.int8)
        self.score = self._empty()
        self.opt_out = self._empty()
        self.term_end = self._empty()
        self.components = {component.name: self._empty() for component in reader.model.components}
        self.signals = {name: self._empty() for name in needs.signals if name in self._own}
        self.heading = np.full(shape, UNKNOWN, dtype=np.int8)
        self.flags = {name: np.zeros(shape, dtype=bool) for name in ("about_to_turn", "long_on_watch")}
        self.stages: list[str] = []
        self.lifecycle = np.full(shape, -1, dtype=np.int64)

    @property
    def _own(self) -> dict[str, Signal]:
        return {signal.name: signal for signal in self.reader.model.signals}

    def _empty(self) -> FloatArray:
        return np.full(self.shape, np.nan)

    def facts(self, last: pa.Table) -> TriggerFacts:
        """All weeks read; `last` has the state of the accounts in the last one."""
        state = account_state(last)
        codes = coded(last["computed_tier"], list(TIER_CODES), list(TIER_CODES.values()), NONE)
        for j, week in enumerate(self.weeks):
            self._week(j, week)
        age, pulses = self._pulses()
        return TriggerFacts(
            days=np.array([week.day for week in self.weeks], dtype=np.int64),
            versions=tuple(week.model for week in self.weeks),
            account_ids=texts(self.ids.to_pylist()),
            tier=self.tier,
            score=self.score,
            components=self.components,
            signals=self.signals,
            heading=self.heading,
            about_to_turn=self.flags["about_to_turn"],
            long_on_watch=self.flags["long_on_watch"],
            lifecycle=self.lifecycle,
            stages=tuple(self.stages),
            opt_out=self.opt_out,
            term_end=self.term_end,
            pulse_age=age,
            pulses=pulses,
            attributes=state,
            arr=np.asarray(state["arr"], dtype=np.float64),
            computed=codes.astype(np.int8),
            held_by=texts([name or "" for name in last["held_by"].to_pylist()]),
        )

    def _week(self, j: int, week: PublishedWeek) -> None:
        wanted = ["account_id", "tier"]
        recent = week.day >= self.short
        if recent:
            wanted += ["score", "opt_out_day", "term_end_day", "heading", *self.flags, "lifecycle"]
            wanted += [f"component.{name}" for name in self.components]
            wanted += [f"value.{name}" for name in self.signals]
        table = self.reader.columns(week, wanted)
        rows = rows_of(self.ids, table)
        self.tier[:, j] = taken(
            coded(table["tier"], list(TIER_CODES), list(TIER_CODES.values()), NONE), rows, NONE
        )
        if not recent:
            return
        for name, into in (
            ("score", self.score),
            ("opt_out_day", self.opt_out),
            ("term_end_day", self.term_end),
        ):
            into[:, j] = taken(floats(table[name]), rows, np.nan)
        for name, component in self.components.items():
            if f"component.{name}" in table.column_names:
                component[:, j] = taken(floats(table[f"component.{name}"]), rows, np.nan)
        codes = coded(table["heading"], list(HEADINGS), list(range(len(HEADINGS))), UNKNOWN)
        self.heading[:, j] = taken(codes, rows, UNKNOWN)
        for name, flags in self.flags.items():
            flags[:, j] = taken(flagged(table[name]), rows, False)
        self._lifecycle(j, table, rows)
        self._signals(j, week, table, rows)

    def _lifecycle(self, j: int, table: pa.Table, rows: IntArray) -> None:
        found = [stage for stage in pc.unique(table["lifecycle"]).to_pylist() if stage is not None]
        self.stages += [stage for stage in found if stage not in self.stages]
        codes = coded(table["lifecycle"], self.stages, list(range(len(self.stages))), -1)
        self.lifecycle[:, j] = taken(codes, rows, -1)

    def _signals(self, j: int, week: PublishedWeek, table: pa.Table, rows: IntArray) -> None:
        """Values as they were stored with the score; of signals that no score depends on, from the week's signals.

        A week whose version measured something else under the name has no value to compare.
        """
        then = {signal.name: signal for signal in self.reader.model_of(week.model).signals}
        same = [n for n in self.signals if n in then and _measures(then[n]) == _measures(self._own[n])]
        apart = [name for name in same if f"value.{name}" not in table.column_names]
        other = read_week(self.reader.workspace.lake, self.reader.manifest, week.day) if apart else None
        for name in same:
            if name not in apart:
                self.signals[name][:, j] = taken(floats(table[f"value.{name}"]), rows, np.nan)
            elif other is not None and name in other.column_names:
                self.signals[name][:, j] = taken(floats(other[name]), rows_of(self.ids, other), np.nan)

    def _pulses(self) -> tuple[FloatArray, dict[str, TextArray]]:
        age = self._empty()
        answers = {
            question: np.full(self.shape, None, dtype=object)
            for question in ("sponsor_status", "executive_engagement", "outcome_narrative")
        }
        workspace = self.reader.workspace
        book = PulseBook(workspace.lake, workspace.settings.timezone) if self.needs.pulses else None
        history = book.of(self.reader.manifest) if book is not None else None
        if history is None:
            return age, answers
        ids = texts(self.ids.to_pylist())
        products = self.reader.model.rollup.unit == "product"
        for j, week in enumerate(self.weeks):
            if week.day < self.short:
                continue
            known = history.at(week.day, ids, products=products)
            there = known.day != NO_DAY
            age[there, j] = week.day - known.day[there]
            for question, codes, words in (
                ("sponsor_status", known.sponsor, SPONSOR),
                ("executive_engagement", known.engagement, ENGAGEMENT),
                ("outcome_narrative", known.narrative, NARRATIVE),
            ):
                answers[question][:, j] = texts([*words, None])[codes]
        return age, answers


def _measures(signal: Signal) -> dict[str, object]:
    """What decides a signal's value."""
    return signal.model_dump(exclude={*PRESENTATION})
