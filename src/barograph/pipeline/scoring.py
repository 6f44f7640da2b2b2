"""Scoring weeks in order: each from the week before it, read from the store or carried along."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow.parquet as pq

from barograph.core.arrays import FloatArray, positions
from barograph.core.inputs import WeekInputs
from barograph.core.ledger import ledger
from barograph.core.overlay import Decided, OverlayWeek, Pulses, overlay
from barograph.core.score import WeekScores, score_week
from barograph.core.tiers import TierStates, advance, ceilings, display
from barograph.core.trajectory import trajectory
from barograph.definitions.model import ScoreModel
from barograph.engines.base import SignalEngine
from barograph.lake.manifest import JSON, Manifest
from barograph.lake.transaction import Transaction
from barograph.pipeline.history import WeekPoint, days_before, matrix, read_point
from barograph.pipeline.published import decided_of, states_of
from barograph.pipeline.pulse_store import PulseBook
from barograph.pipeline.registry import Registry, Version
from barograph.pipeline.renewal import renewal_probability
from barograph.pipeline.score_store import DATASET, published_weeks, read_scores, shadow_weeks
from barograph.pipeline.score_table import ScoredWeek, score_table
from barograph.pipeline.signal_store import SignalPlan, read_week, week_name
from barograph.pipeline.target_chances import TargetRule, kept_rules, target_chances
from barograph.pipeline.versions import definition_of
from barograph.pipeline.week_inputs import week_inputs
from barograph.workspace import Workspace


@dataclass(slots=True)
class Chain:
    """What a week needs from the weeks before it, carried along while weeks are scored in order."""

    states: TierStates | None = None
    before: WeekScores | None = None
    published: WeekPoint | None = None
    decided: Decided | None = None
    points: dict[int, WeekPoint] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MadeWeek:
    """A scored week, the version that scored it, and whether it lies before the first version was in force."""

    day: int
    version: Version
    filled: bool
    week: ScoredWeek


class Scorer:
    """Scores weeks over one published state of the lake; writes nothing.

    shadow: a version that scores every week in the place of the one in force then, with the states and the
    ledger of its own weeks. pulses: read by an earlier scorer of the same workspace.
    """

    def __init__(
        self,
        workspace: Workspace,
        engine: SignalEngine,
        registry: Registry,
        plan: SignalPlan,
        manifest: Manifest,
        shadow: Version | None = None,
        pulses: PulseBook | None = None,
    ) -> None:
        self.lake = workspace.lake
        self.engine = engine
        self.registry = registry
        self.plan = plan
        self.manifest = manifest
        self.shadow = shadow
        self.standing = published_weeks(manifest) if shadow is None else shadow_weeks(manifest, shadow.key)
        self.pulses = pulses or PulseBook(workspace.lake, plan.timezone)
        self.models: dict[str, ScoreModel] = {}
        self.rules: dict[str, tuple[TargetRule, ...]] = {}

    def chain_to(self, day: int, chain: Chain | None) -> Chain:
        """The chain that ends with the last week before `day`: the one carried along, or read from the store."""
        earlier = [d for d in self.standing if d < day]
        if (
            chain is not None
            and chain.states is not None
            and (not earlier or chain.states.as_of >= earlier[-1])
        ):
            return chain
        fresh = Chain()
        if not earlier:
            return fresh
        week = self.standing[earlier[-1]]
        stored = read_scores(self.lake, week)
        fresh.states, fresh.decided = states_of(stored, week.day), decided_of(stored)
        fresh.points = {
            d: read_point(self.lake, self.standing[d])
            for d in days_before(week.day)
            if d in self.standing and d < day
        }
        fresh.published = fresh.points.get(week.day) or read_point(self.lake, week)
        model = self._model(self.shadow or self.registry.by_key(week.model))
        fresh.before = score_week(self._inputs(week.day, model), model)
        return fresh

    def score(self, day: int, chain: Chain) -> MadeWeek:
        """Score one week and move the chain on to it."""
        version, filled = self._judge(day)
        model = self._model(version)
        scores = score_week(self._inputs(day, model), model)
        states = advance(chain.states, scores)
        pulse = self._overlay(scores, states)
        if pulse is not None:
            states = display(chain.states, states, pulse.tier)
        decided = None if pulse is None else pulse.decided()
        changes = ledger(
            chain.before,
            scores,
            published=_published_scores(chain),
            overlay_before=chain.decided,
            overlay_after=decided,
        )
        previous = chain.before.inputs.as_of if chain.before is not None else None
        point = WeekPoint(scores.account_ids, scores.score, states.displayed)
        chain.points[day] = point
        days = days_before(day)
        path = trajectory(*matrix(chain.points, days, scores.account_ids), states.since, day, scores.lines)
        chain.states, chain.before, chain.published, chain.decided = states, scores, point, decided
        for past in [d for d in chain.points if d < days[0]]:
            del chain.points[past]
        chance = renewal_probability(version.figures, scores)
        growth = target_chances(self._rules(model.name), scores)
        week = ScoredWeek(scores, states, changes, path, previous, chance, pulse, growth)
        return MadeWeek(day, version, filled, week)

    def _rules(self, name: str) -> tuple[TargetRule, ...]:
        """What was learnt about growth and downsell beside a model."""
        if name not in self.rules:
            self.rules[name] = kept_rules(self.registry.folder / name)
        return self.rules[name]

    def _overlay(self, scores: WeekScores, states: TierStates) -> OverlayWeek | None:
        """What the pulses say of a week; None for a model without the rule."""
        rule = scores.model.overlay
        if rule is None:
            return None
        history = self.pulses.of(self.manifest)
        products = scores.model.rollup.unit == "product"
        ids = scores.account_ids
        return overlay(
            rule,
            Pulses.nobody(len(ids)) if history is None else history.at(scores.as_of, ids, products=products),
            as_of=scores.as_of,
            account_ids=ids,
            computed=states.computed,
            tiers=scores.lines.codes,
            attributes=scores.inputs.attributes,
            hard_ceiling=ceilings(scores).hard,
        )

    def _judge(self, day: int) -> tuple[Version, bool]:
        """The version that scores a week, and whether the week is filled in with it."""
        if self.shadow is not None:
            return self.shadow, False
        name = self.plan.model.name
        return self.registry.in_force_at(name, day) or (self.registry.versions(name)[0], True)

    def _model(self, version: Version) -> ScoreModel:
        if version.key not in self.models:
            self.models[version.key] = definition_of(self.registry, version)
        return self.models[version.key]

    def _inputs(self, day: int, model: ScoreModel) -> WeekInputs:
        """Signal values of a week; those that an older version measured in another way are computed aside."""
        names = [signal.name for signal in model.signals]
        plan = SignalPlan(model, self.plan.timezone)
        if plan.fingerprint == self.plan.fingerprint:
            table = read_week(self.lake, self.manifest, day)
            if table is not None:
                return week_inputs(table, day, names)
        return week_inputs(self.engine.compute(plan.request(self.lake, (day,))), day, names)


def score_between_weeks(workspace: Workspace, engine: SignalEngine, day: int) -> MadeWeek | None:
    """A date off the weekly grid, scored from the state of the last published week and stored nowhere.

    It is judged by the version that scored that week. None when no week was published by then.
    """
    manifest, registry = workspace.lake.manifest(), Registry(workspace.path / "registry")
    earlier = [week for d, week in published_weeks(manifest).items() if d <= day]
    if not earlier:
        return None
    model = registry.model(registry.by_key(earlier[-1].model))
    plan = SignalPlan.of(workspace, model)
    scorer = Scorer(workspace, engine, registry, plan, manifest)
    return scorer.score(day, scorer.chain_to(day, None))


def publish_week(txn: Transaction, made: MadeWeek, revision: int, *, shadow: bool = False) -> int:
    """Add a scored week to the transaction; returns the number of accounts.

    shadow: beside the version in force; whoever reads published weeks does not see it.
    """
    table = score_table(made.week)
    path = txn.new_path(DATASET, as_of=week_name(made.day), model=made.version.key)
    pq.write_table(table, path, compression="zstd")
    meta: dict[str, JSON] = {
        "day": made.day,
        "filled": made.filled,
        "revision": revision,
        "behaviour": made.version.behaviour,
    }
    if shadow:
        meta["shadow"] = True
    txn.add(path, table.num_rows, meta)
    return int(table.num_rows)


def _published_scores(chain: Chain) -> FloatArray | None:
    """Last week's scores as they were said, in the order of the chain's recomputed week."""
    if chain.before is None or chain.published is None:
        return None
    rows = positions(chain.before.account_ids, chain.published.account_ids)
    return np.where(rows >= 0, chain.published.score[rows], np.nan)
