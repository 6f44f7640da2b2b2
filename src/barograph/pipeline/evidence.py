"""The evidence of a workspace: observations for learning, and how the models saw the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray, TextArray, texts
from barograph.core.outcomes.record import ANCHORS, OUTCOMES, Censored, Outcomes
from barograph.core.outcomes.record import Notice as OutcomeNotice
from barograph.core.thresholds import AT_RISK, WATCH
from barograph.definitions.model import ScoreModel
from barograph.definitions.signal import FromSource, Signal
from barograph.engines.base import SignalEngine
from barograph.engines.duckdb.connection import connect
from barograph.errors import RefusedError
from barograph.learning.observations import Candidate, Observations
from barograph.learning.person_periods import Training
from barograph.learning.weights import ExpertPrior
from barograph.pipeline.observations_decisions import Lookout, entities, look_back, one_per_day
from barograph.pipeline.observations_facts import data_begin, late_shares, moved_by_zone, worked
from barograph.pipeline.observations_periods import PeriodOutcomes, mixed_notice, person_periods
from barograph.pipeline.observations_weeks import ModelView, Progress, Seen, see
from barograph.pipeline.outcome_store import RawSource, workspace_outcomes
from barograph.pipeline.signal_store import SignalPlan
from barograph.workspace import Workspace

EARLIER_DAYS = 30
"""How much earlier the leak audit looks at the same decision once more."""
LEAST_HISTORY_DAYS = 28
"""Data there must be before the first day that can be looked from."""


@dataclass(frozen=True)
class Periods:
    """Rows to fit on where decisions have no date of their own; see `observations_periods`. views: as of
    Evidence. period: days within which their event falls, None for a lapse."""

    rows: Observations
    views: Mapping[str, ModelView]
    period: int | None


@dataclass(frozen=True)
class Evidence:
    """n observations as of `day`, with everything that judges them.

    rows: the observations over the candidates of the model, all horizons. decision: row of `outcomes` behind
    each. name: what the account was called. views: model key -> how it saw the rows. earlier: the candidates
    30 days before, NaN where that was not observed. late_share, replay: see `observations_facts` and
    `observations_weeks`. censored: terms not decided yet. left_out: how many rows were left out, by why.
    periods: the rows to fit on for evergreen contracts and lapses, None where the rows themselves are.
    """

    day: int
    model: ScoreModel
    outcomes: Outcomes
    censored: Censored
    notices: tuple[OutcomeNotice, ...]
    rows: Observations
    decision: IntArray
    name: TextArray
    views: Mapping[str, ModelView]
    earlier: FloatArray
    late_share: FloatArray
    replay: FloatArray
    left_out: Mapping[str, int]
    periods: Periods | None = None

    def take(self, rows: AnyArray) -> Evidence:
        """Some rows, with everything beside them; a mask or an index array."""
        return replace(
            self,
            rows=self.rows.take(rows),
            decision=self.decision[rows],
            name=self.name[rows],
            views={key: view.take(rows) for key, view in self.views.items()},
            earlier=self.earlier[rows],
        )

    def at(self, horizon: int) -> Evidence:
        """The rows of one horizon; of a lapse rule, which has a horizon of its own, all rows."""
        return self.take(np.flatnonzero(self.rows.horizon == horizon))

    @property
    def horizons(self) -> tuple[int, ...]:
        """The horizons that have rows, ascending."""
        return tuple(int(h) for h in np.unique(self.rows.horizon))

    def prior(self, key: str, model: ScoreModel) -> ExpertPrior | None:
        """The scored signals of a model on these rows as the expert's opinion; None for a model without
        weight or with one input only."""
        return _prior(self.views[key], model)

    def training(self, key: str, model: ScoreModel | None) -> Training | None:
        """The rows to fit on where they are not these: person-periods, with the expert's opinion of them."""
        if self.periods is None:
            return None
        opinion = None if model is None else _prior(self.periods.views[key], model)
        return Training(self.periods.rows, opinion, self.periods.period)

    def anchors(self) -> dict[str, int]:
        """How many decisions are dated by which of their dates."""
        rows = np.unique(self.decision)
        counts = np.bincount(self.outcomes.anchor_kind[rows], minlength=len(ANCHORS))
        return {name: int(n) for name, n in zip(ANCHORS, counts, strict=True) if n}


def _prior(view: ModelView, model: ScoreModel) -> ExpertPrior | None:
    if len(view.signals) < 2:
        return None
    weights = np.array([model.signal(name).weight for name in view.signals])
    return ExpertPrior(view.signals, view.points / 100.0, weights)


def candidate(signal: Signal) -> Candidate:
    """What learning must know of a signal of the model file."""
    return Candidate(
        signal.name,
        category=signal.category,
        direction=signal.direction,
        kind=signal.kind,
        label=signal.label,
        unit=signal.unit if signal.unit in ("money", "hours") else "",
    )


def not_learnable(signal: Signal) -> str:
    """Why a signal is shown but never learnt from; "" when it may be."""
    if isinstance(signal, FromSource):
        if signal.source == "legacy_scores":
            return "it is another system's score: audit-score says what that was worth"
        if signal.source == "contracts" and "cancelled_at" in signal.where:
            return "it is the decision itself (notice given), not a sign of it"
    return ""


def gather(
    workspace: Workspace,
    engine: SignalEngine,
    model: ScoreModel,
    *,
    day: int,
    horizons: Sequence[int] | None = None,
    views: Mapping[str, ScoreModel] | None = None,
    period: tuple[int | None, int | None] = (None, None),
    facts: bool = True,
    periods: bool = True,
    progress: Progress = lambda _what, _done, _of: None,
) -> Evidence:
    """Observe every decision that is known at `day`, from each horizon (days; the model's by default).

    model: names the candidates (all its signals), the outcome rules and the population. views: further models
    to score the rows with; `model` itself is `in_force`. All must use signals of `model`. period: first and
    last decision day that count, either open. facts: ask for lateness too. periods: observe person-periods to fit
    on where decisions have no date of their own.

    Raises RefusedError when there are no outcomes, none in the period, or none of their accounts was known at
    the time.
    """
    lake, zone = workspace.lake, workspace.settings.timezone
    manifest = lake.manifest()
    found = workspace_outcomes(lake, manifest, model.outcome, day, zone)
    unit = model.rollup.unit
    outcomes = _within(one_per_day(found.outcomes, model.outcome, unit), period)
    asked = tuple(horizons or model.outcome.horizons_days)
    ids = entities(outcomes, unit)
    look = look_back(outcomes, (*asked, max(asked) + EARLIER_DAYS))
    with connect() as connection:
        begin = data_begin(RawSource(connection, lake, manifest, day, zone), model.signals)
    first = look.as_of.min(initial=0) if begin is None else begin + LEAST_HISTORY_DAYS
    early = look.as_of < first
    asked_for = _asked(look, outcomes, asked)
    before_data = int((early & asked_for).sum())
    look = look.take(~early)
    fit_on = None
    if periods:
        fit_on = person_periods(
            lake,
            manifest,
            model.outcome,
            day=day,
            zone=zone,
            unit=unit,
            reported=outcomes,
            begin=None if begin is None else int(first),
        )
    every = _together(ids[look.decision], look.as_of, fit_on)
    seen = see(
        lake,
        manifest,
        engine,
        SignalPlan.of(workspace, model),
        *every,
        {"in_force": model, **(views or {})},
        progress,
    )
    seen_to_fit = seen.take(np.arange(len(look.as_of), len(every[0])))
    seen = seen.take(np.arange(len(look.as_of)))
    earlier = _earlier(look, seen)
    wanted = _asked(look, outcomes, asked)
    rows = np.flatnonzero(wanted & seen.found)
    if not len(rows):
        raise _nothing(found.outcomes, outcomes, int(wanted.sum()), before_data)
    left_out = {
        "already_decided": look.settled,
        "before_data": before_data,
        "not_in_population": int((wanted & ~seen.found).sum()),
    }
    look, seen = look.take(rows), seen.take(rows)
    with connect() as connection:
        source = RawSource(connection, lake, manifest, day, zone)
        late = (
            late_shares(source, model.signals, outcomes.account_ids[look.decision], look.as_of)
            if facts
            else np.full(len(model.signals), np.nan)
        )
        treated = _treated(source, outcomes, look, seen.views["in_force"])
        moved = moved_by_zone(source)
    notices = (*found.notices, *moved, *mixed_notice(outcomes), *(fit_on.notices if fit_on else ()))
    return Evidence(
        day=day,
        model=model,
        outcomes=outcomes,
        censored=found.censored,
        notices=notices,
        rows=_observations(outcomes, ids, look, seen, model, treated),
        decision=look.decision,
        name=seen.name,
        views=seen.views,
        earlier=earlier[rows],
        late_share=late,
        replay=seen.replay,
        left_out=left_out,
        periods=None if fit_on is None else _periods(fit_on, seen_to_fit, model),
    )


def _together(ids: TextArray, as_of: IntArray, fit_on: PeriodOutcomes | None) -> tuple[TextArray, IntArray]:
    """Who is looked at and when: the rows that are judged, then those that are only fitted on."""
    if fit_on is None:
        return ids, as_of
    more = fit_on.ids[fit_on.look.decision]
    return np.concatenate([ids, more]), np.concatenate([as_of, fit_on.look.as_of])


def _periods(fit_on: PeriodOutcomes, seen: Seen, model: ScoreModel) -> Periods | None:
    """The rows to fit on, of accounts that were in the population then; None when there are none."""
    rows = np.flatnonzero(seen.found)
    if not len(rows):
        return None
    look, seen = fit_on.look.take(rows), seen.take(rows)
    untreated = np.zeros(len(rows), dtype=bool)
    found = _observations(fit_on.outcomes, fit_on.ids, look, seen, model, untreated)
    return Periods(found, seen.views, fit_on.period)


def _observations(
    outcomes: Outcomes, ids: TextArray, look: Lookout, seen: Seen, model: ScoreModel, treated: BoolArray
) -> Observations:
    """The rows of a look-out as learning takes them; accounts of one family are one group."""
    decided = outcomes.anchor[look.decision]
    return Observations(
        account=ids[look.decision],
        as_of=look.as_of,
        decision=decided,
        horizon=look.horizon,
        lost=outcomes.lost[look.decision],
        outcome=np.array(OUTCOMES, dtype=object)[outcomes.outcome[look.decision]],
        arr_before=outcomes.arr_before[look.decision],
        arr_after=outcomes.arr_after[look.decision],
        known_day=np.maximum(outcomes.known[look.decision], decided),
        segment=seen.segment,
        treated=treated,
        group=_families(outcomes.account_ids[look.decision], seen.parent),
        signals=seen.values,
        candidates=tuple(candidate(signal) for signal in model.signals),
        tenure=np.maximum(look.as_of - seen.start, 0.0),
    )


def _families(account: TextArray, parent: TextArray) -> TextArray:
    """Per row the topmost account above it, itself without a parent: never on both sides of a split."""
    above = {a: p for a, p in zip(account.tolist(), parent.tolist(), strict=True) if p}
    top: dict[object, object] = {}
    for name in dict.fromkeys(account.tolist()):
        here, seen = name, {name}
        while (up := above.get(here)) and up not in seen:
            here = up
            seen.add(up)
        top[name] = here
    return texts([top[name] for name in account.tolist()])


def _asked(look: Lookout, outcomes: Outcomes, horizons: Sequence[int]) -> BoolArray:
    """Rows at a horizon that was asked for; a lapse has a horizon of its own."""
    return np.asarray(np.isin(look.horizon, horizons) | ~np.isnan(outcomes.horizon[look.decision]))


def _within(outcomes: Outcomes, period: tuple[int | None, int | None]) -> Outcomes:
    first, last = period
    rows: BoolArray = np.ones(len(outcomes), dtype=bool)
    if first is not None:
        rows &= outcomes.anchor >= first
    if last is not None:
        rows &= outcomes.anchor <= last
    return outcomes.take(rows)


def _earlier(look: Lookout, seen: Seen) -> FloatArray:
    """Per row the candidates of the same decision at the next horizon up, NaN where there is none."""
    keys = look.decision * 10_000 + look.horizon
    order = np.argsort(keys)
    place = np.searchsorted(keys[order], keys + EARLIER_DAYS)
    place = np.minimum(place, len(keys) - 1)
    hit = order[place] if len(keys) else order
    matched = (keys[hit] == keys + EARLIER_DAYS) & seen.found[hit] if len(keys) else np.zeros(0, dtype=bool)
    out = np.full_like(seen.values, np.nan)
    out[matched] = seen.values[hit[matched]]
    return out


def _treated(source: RawSource, outcomes: Outcomes, look: Lookout, view: ModelView) -> BoolArray:
    """Rows whose account was warned of (At Risk or Watch) and worked between then and the decision."""
    warned = (view.tier == AT_RISK) | (view.tier == WATCH)
    account = outcomes.account_ids[look.decision]
    touched = worked(source, account, look.as_of, outcomes.anchor[look.decision])
    return np.asarray(warned & touched, dtype=bool)


def _nothing(every: Outcomes, inside: Outcomes, wanted: int, early: int) -> RefusedError:
    if not len(every):
        text = "no decision is known yet: 0 resolved outcomes, 30 with 10 lost are needed."
        hint = "Import outcomes, or wait until terms have ended and their grace period is over."
    elif not len(inside):
        text = f"none of {len(every)} decisions falls in the period asked for."
        hint = "Leave out --from and --to, or choose a longer period."
    else:
        text = (
            f"{len(inside)} decisions are known, and none can be looked back on: {early} rows lie before the "
            f"data begin, and in {wanted} the account was not in the population at the time."
        )
        hint = "Import history that reaches back before the decisions, or wait for the next renewals."
    return RefusedError(text, hint=hint)


__all__ = ["Evidence", "candidate", "gather", "not_learnable"]
