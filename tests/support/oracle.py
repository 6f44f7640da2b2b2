"""The signal oracle: what docs/reference/signals.md says, computed the slow and obvious way.

Holds every engine. It reads lists of dicts (raw versions with their system columns), goes account by
account, day by day and signal by signal, and shares no code with an engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from barograph.definitions.model import Population
from barograph.definitions.signal import PerSeat, Ratio, Signal
from support.oracle_facts import Fact, Raw
from support.oracle_state import Entity, World, account_state, entities, in_population
from support.oracle_templates import STATE_TEMPLATES, TEMPLATES, TOO_NEW, UNDEFINED, Answer, Case

QUIET_RUN = 4
DEFAULT_GAP_WINDOW = 28
COMPARING = ("change", "power_user_trend")


@dataclass(frozen=True, slots=True)
class OracleRow:
    """One (entity, as_of): its state columns and the answer of every signal."""

    state: Mapping[str, Any]
    answers: Mapping[str, Answer]


def compute(
    raw: Raw,
    signals: Sequence[Signal],
    population: Population,
    days: Sequence[int],
    timezone: str = "UTC",
    unit: str = "account",
) -> list[OracleRow]:
    """Every entity of the population at every day, ordered by day, then entity name."""
    found = []
    for as_of in days:
        world = World(raw, as_of, ZoneInfo(timezone), unit)
        of_day = [
            evaluate(world, entity, signals, population)
            for entity in entities(world)
            if in_population(world, entity, population)
        ]
        found.extend(sorted(of_day, key=lambda row: row.state["account_id"]))
    return found


def evaluate(world: World, entity: Entity, signals: Sequence[Signal], population: Population) -> OracleRow:
    """State and all answers of one entity."""
    state = account_state(world, entity, population)
    by_name = {signal.name: signal for signal in signals}
    return OracleRow(
        state, {name: answer(world, entity, signal, by_name, state) for name, signal in by_name.items()}
    )


def answer(
    world: World, entity: Entity, signal: Signal, by_name: Mapping[str, Signal], state: Mapping[str, Any]
) -> Answer:
    """The value of one signal for one entity, or the first reason that applies for having none."""
    if isinstance(signal, (Ratio, PerSeat)):
        over = answer(world, entity, by_name[signal.numerator], by_name, state)
        under = Answer(state["seats"] or 0, 0)
        if isinstance(signal, Ratio):
            under = answer(world, entity, by_name[signal.denominator], by_name, state)
        scale = signal.scale if isinstance(signal, Ratio) else 1
        return finished(signal, divided(over, under, scale), state["start_day"], world.as_of)

    everything, source = source_facts(world, signal)
    own = [fact for fact in source if entity.owns(fact)]
    first_day = min((fact.t for fact in own if fact.t is not None), default=None)
    dated_otherwise = getattr(signal, "begins", None) is not None or signal.template == "response_latency"
    seen = [fact for fact in everything if entity.owns(fact)] if dated_otherwise else own
    result = TEMPLATES[signal.template](signal, Case(world, seen, first_day, state["start_day"]))

    if is_stale(world, signal, source):
        return Answer(None, result.n, "stale_feed")
    if not own and not (signal.absent == "zero" and source):
        return Answer(None, result.n, "no_data")
    start = first_day if state["start_day"] is None else state["start_day"]
    return finished(signal, result, start, world.as_of)


def source_facts(world: World, signal: Any) -> tuple[list[Fact], list[Fact]]:
    """(All visible facts of the signal's table, those of them that exist at `as_of`), over all accounts.

    A record without a day exists for the state templates only.
    """
    undated = signal.template in STATE_TEMPLATES
    return world.visible(signal.source, signal.at), world.facts(signal.source, signal.at, undated=undated)


def finished(signal: Signal, result: Answer, start: int | None, as_of: int) -> Answer:
    """`result` after the reasons that come from the account's age (first) and from too few facts (last)."""
    if signal.min_history_days > 0 and start is not None and as_of - start < signal.min_history_days:
        return Answer(None, result.n, TOO_NEW)
    if result.value is not None and result.n < signal.min_support:
        return Answer(None, result.n, "too_little_support")
    return result


def divided(over: Answer, under: Answer, scale: float) -> Answer:
    """scale x over / under with the facts of the upper one; its reason comes first, below 0 is undefined."""
    if over.value is None or under.value is None:
        return Answer(None, over.n, under.why if over.value is not None else over.why)
    if under.value == 0:
        return Answer(None, over.n, UNDEFINED)
    return Answer(scale * float(over.value) / float(under.value), over.n)


def is_stale(world: World, signal: Any, source: Sequence[Fact]) -> bool:
    """Whether the feed, over all accounts, ended too long ago or was silent for too much of the window."""
    days = {fact.t for fact in source if fact.t is not None}
    if not days:
        return False
    if signal.stale_after_days is not None and world.as_of - max(days) > signal.stale_after_days:
        return True
    if signal.max_gap_days is None:
        return False
    window = (
        getattr(signal, "window_days", None) or getattr(signal, "expiry_days", None) or DEFAULT_GAP_WINDOW
    )
    windows = 2 if signal.template in COMPARING else 1
    return silent_days(days, world.as_of, windows * window) > signal.max_gap_days


def silent_days(days: set[int], as_of: int, window: int) -> int:
    """Days of [as_of - window, as_of) in runs of four or more days without a row since the source began."""
    silent = 0
    run: list[int] = []
    for day in range(min(days), as_of + 1):
        if day < as_of and day not in days:
            run.append(day)
            continue
        if len(run) >= QUIET_RUN:
            silent += sum(1 for quiet in run if quiet >= as_of - window)
        run = []
    return silent
