"""A model for a data set: the fitting starter, cut to what is there, with candidates for everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from barograph.definitions.base import CATEGORIES
from barograph.definitions.lint.overlay import scores_overlaid
from barograph.definitions.lint.weights import FEWEST_SCORED
from barograph.definitions.model import Cap, Component, OutcomeTarget, ScoreModel, TierThresholds
from barograph.definitions.propose.adapt import (
    NO_TABLE,
    Dropped,
    adapt,
    adapt_scope,
    coverage,
    without_orphans,
)
from barograph.definitions.propose.candidates import Candidate, candidates
from barograph.definitions.propose.data_profile import DataProfile
from barograph.definitions.propose.fallbacks import fallbacks
from barograph.definitions.propose.points import AIM, Offer, choose, spread
from barograph.definitions.propose.rules import choose_base, with_rules
from barograph.definitions.signal import Signal
from barograph.definitions.starters import StarterName, load_starter

MOST_CANDIDATES = 60


@dataclass(frozen=True, slots=True)
class Proposal:
    """A model that fits the data, the starter it came from, and notes in plain words: what was chosen, what
    was left out and why. left_out: candidates beyond the limit."""

    model: ScoreModel
    base: StarterName
    notes: tuple[str, ...]
    left_out: int = 0


def propose_model(profile: DataProfile, base: StarterName | None = None) -> Proposal:
    """The starting model for this data.

    Signals without their table or columns are dropped, the 100 points spread again over at most 8 of those
    that remain, candidates (weight 0) added for events, metrics, attributes and milestones, at most 60 of
    them, widest coverage first. Population and outcome rule follow from what is there. The weights are
    opinion and the stage stays heuristic. Data without any usable table give the starter itself, with a note.
    """
    name, notes = choose_base(profile, base)
    starter = load_starter(name)
    if not any(table.rows for table in profile.tables.values()):
        return Proposal(starter, name, (*notes, "No table has rows yet: this is the shipped model as it is."))
    starter = with_rules(starter, profile, name, notes)
    kept, dropped = _kept(starter, profile)
    notes += _told(dropped)
    if profile.events and {"value_users", "value_events"} & set(dropped):
        frequent = ", ".join(event.name for event in profile.events[:5])
        notes.append(f"Declare the events your product is bought for as a value signal; you have {frequent}.")
    shipped = {s.name: s for s in kept}
    extra, left_out = _extra(profile, starter, kept)
    if left_out:
        notes.append(
            f"{left_out} more candidates could be measured; the {MOST_CANDIDATES} widest are in the file."
        )
    weighed = {s.name: s.weight for s in starter.signals}
    offers = [Offer(s, coverage(s, profile, shipped), weighed[s.name], True) for s in kept]
    offers += [Offer(c.signal, coverage(c.signal, profile, shipped), 0, False, c.trait) for c in extra]
    feeds_caps = {test.signal for cap in load_starter(name).caps for test in cap.when}
    chosen = choose(offers, feeds_caps)
    points = spread(chosen)
    _tell_weights(offers, chosen, notes)
    components = _components(starter, [o.signal for o in chosen])
    home = _home(starter)
    signals = tuple(_placed(o.signal, points.get(o.signal.name, 0), components, home) for o in offers)
    if not signals:
        return Proposal(
            starter, name, (*notes, "No signal can be measured: this is the shipped model as it is.")
        )
    return Proposal(_assembled(starter, signals, components, profile, notes), name, tuple(notes), left_out)


def _kept(starter: ScoreModel, profile: DataProfile) -> tuple[list[Signal], dict[str, str]]:
    kept: list[Signal] = []
    dropped: dict[str, str] = {}
    for signal in starter.signals:
        found = adapt(signal, profile)
        if isinstance(found, Dropped):
            dropped[signal.name] = found.reason
        else:
            kept.append(found)
    kept, orphans = without_orphans(kept)
    for name, part in orphans.items():
        dropped[name] = dropped[part]
    return kept, dropped


def _told(dropped: Mapping[str, str]) -> list[str]:
    """What was left out, by reason; the missing tables in one sentence."""
    tables = [why.removeprefix(NO_TABLE) for why in dropped.values() if why.startswith(NO_TABLE)]
    notes = []
    if tables:
        counts = ", ".join(f"{table} ({tables.count(table)})" for table in sorted(set(tables)))
        notes.append(f"Left out with the tables that are not there: {counts}.")
    for reason in sorted({why for why in dropped.values() if not why.startswith(NO_TABLE)}):
        names = [name for name, why in dropped.items() if why == reason]
        notes.append(f"Left out {', '.join(names)}: {reason}.")
    return notes


def _extra(profile: DataProfile, starter: ScoreModel, kept: list[Signal]) -> tuple[list[Candidate], int]:
    """Candidates beside the kept signals under free names, and how many did not fit."""
    taken = {s.name for s in starter.signals}
    covered = {s.category for s in kept}
    every = candidates(profile)
    covered |= {c.signal.category for c in every}
    # A handful of signals is too few to weigh; then every table that is there gives at least one.
    wanted = set(CATEGORIES) - (covered if len(kept) + len(every) >= AIM else set())
    every = fallbacks(profile, wanted) + every
    measured = {_definition(s) for s in kept}
    named: list[Candidate] = []
    for found in every:
        if _definition(found.signal) in measured:
            continue
        measured.add(_definition(found.signal))
        name, number = found.signal.name, 2
        while name in taken:
            name, number = f"{found.signal.name}_{number}", number + 1
        taken.add(name)
        named.append(replace(found, signal=found.signal.model_copy(update={"name": name})))
    room = max(0, MOST_CANDIDATES - sum(s.weight == 0 for s in kept))
    return named[:room], max(0, len(named) - room)


def _definition(signal: Signal) -> str:
    shown = {
        "name",
        "label",
        "category",
        "kind",
        "unit",
        "component",
        "weight",
        "normalise",
        "variants",
        "note",
    }
    return signal.model_dump_json(
        exclude=shown | {"direction", "min_support", "min_history_days", "confirmed"}
    )


def _tell_weights(offers: list[Offer], chosen: list[Offer], notes: list[str]) -> None:
    lost = [o.signal.name for o in offers if o.weight > 0 and o not in chosen]
    if lost:
        notes.append(f"Without weight, known for too few accounts: {', '.join(lost)}.")
    promoted = [o.signal.name for o in chosen if o.weight == 0]
    if promoted:
        notes.append(f"Given weight because the starter's own signals are not there: {', '.join(promoted)}.")
    if len(chosen) < FEWEST_SCORED:
        which = f"Only {', '.join(o.signal.name for o in chosen)}" if chosen else "Nothing"
        notes.append(f"{which} can carry weight: import more tables before you rely on a score.")


def _components(starter: ScoreModel, scored: list[Signal]) -> dict[str, Component]:
    """Components with something to show, by name; a category without a card in the starter gets its own."""
    home = _home(starter)
    known = {c.name: c for c in starter.components}
    needed = dict.fromkeys(s.component or home.get(s.category, s.category) for s in scored)
    order = [n for n in known if n in needed] + [n for n in needed if n not in known]
    found = {n: known.get(n) or Component(name=n, label=n.capitalize()) for n in order}
    return found or {starter.components[0].name: starter.components[0]}


def _home(model: ScoreModel) -> dict[str, str]:
    """Category -> the component in which the starter shows it."""
    home: dict[str, str] = {}
    for signal in sorted(model.signals, key=lambda s: -s.weight):
        if signal.component is not None:
            home.setdefault(signal.category, signal.component)
    return home


def _placed(
    signal: Signal, points: int, components: Mapping[str, Component], home: Mapping[str, str]
) -> Signal:
    place = signal.component or home.get(signal.category, signal.category)
    return signal.model_copy(
        update={"weight": float(points), "component": place if place in components else None}
    )


def _assembled(
    starter: ScoreModel,
    signals: tuple[Signal, ...],
    components: Mapping[str, Component],
    profile: DataProfile,
    notes: list[str],
) -> ScoreModel:
    names = {s.name for s in signals}
    caps: list[Cap] = []
    for cap in starter.caps:
        scope = adapt_scope(cap.scope, profile)
        if scope is not None and all(test.signal in names for test in cap.when):
            caps.append(cap.model_copy(update={"scope": scope}))
    targets: list[OutcomeTarget] = []
    for target in starter.targets:
        scope = adapt_scope(target.scope, profile)
        if scope is not None and target.test.signal in names:
            targets.append(target.model_copy(update={"scope": scope}))
    gate = tuple(test for test in starter.growth_gate if test.signal in names)
    tiers, thresholds = starter.tiers, []
    if not gate:
        tiers = tuple(tier for tier in tiers if tier.name != "growth")
        notes.append("No Growth tier: nothing in the data can serve as its gate.")
    for override in starter.thresholds:
        when = adapt_scope(override.when, profile)
        lines = {tier: line for tier, line in override.from_score.items() if tier in [t.name for t in tiers]}
        if when is not None and lines:
            thresholds.append(TierThresholds(when=when, from_score=lines))
    growth = tuple(name for name in starter.review.growth_signals if name in names)
    changes: dict[str, Any] = {
        "purpose": f"{starter.purpose} Proposed from your data; what was left out is in the notes.",
        "components": tuple(components.values()),
        "signals": signals,
        "tiers": tiers,
        "thresholds": tuple(thresholds),
        "growth_gate": gate,
        "caps": tuple(caps),
        "targets": tuple(targets),
        "review": starter.review.model_copy(update={"growth_signals": growth}),
    }
    model = ScoreModel.model_validate({**starter.model_dump(), **{k: _dumped(v) for k, v in changes.items()}})
    if any(scores_overlaid(model)):
        notes.append("No overlay: pulses carry weight here, and one judgement counts once.")
        return model.model_copy(update={"overlay": None})
    return model


def _dumped(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_dumped(item) for item in value)
    return value.model_dump() if hasattr(value, "model_dump") else value
