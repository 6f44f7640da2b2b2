"""Service levels: which clocks a run of a play starts, by the play's own times, else by the account's tier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from barograph.definitions.model import ScoreModel
from barograph.definitions.play import Play, SlaTimes
from barograph_web.ops.workspace import workspace
from barograph_web.plays.models import ClockDemand, ClockKind
from barograph_web.plays.working import hours_per_day

KINDS = (
    ("owner_days", ClockDemand.OWNER, ClockKind.RESPONSE),
    ("touch_days", ClockDemand.TOUCH, ClockKind.RESPONSE),
    ("plan_days", ClockDemand.PLAN, ClockKind.RESOLUTION),
    ("resolve_days", ClockDemand.RESOLVE, ClockKind.RESOLUTION),
)
"""A time of the definition, what stops its clock, and whether that is a response or a resolution."""


@dataclass(frozen=True, slots=True)
class Level:
    """One clock to start. hours: of working time. of_tier: promised by the tier rather than by the play."""

    demand: ClockDemand
    kind: ClockKind
    hours: float
    of_tier: bool


def levels_of(play: Play, tier: str, arr: float | None, model_version: str) -> Iterator[Level]:
    """The clocks of a run that opens now. model_version: whose tiers promise something where the play does not;
    "": none. arr: None when unknown."""
    times = play.sla.times(tier or None, arr)
    of_tier = not play.sla.asks
    if of_tier:
        times = tier_times(model_version).get(tier, SlaTimes()) if model_version else SlaTimes()
    for name, demand, kind in KINDS:
        days = getattr(times, name)
        if days:
            yield Level(demand, kind, days * hours_per_day(), of_tier)


def tier_times(model_version: str) -> dict[str, SlaTimes]:
    """What each tier of a model version promises."""
    return {
        band.name: SlaTimes(**{k: v for k, v in band.sla.model_dump().items() if v})
        for band in model_of(model_version).tiers
    }


def model_of(model_version: str) -> ScoreModel:
    """The definition of a model version; versions never change, so each is read once."""
    return _model_of(workspace().path, model_version)


@lru_cache(maxsize=16)
def _model_of(place: Path, key: str) -> ScoreModel:
    from barograph.pipeline.registry import Registry  # noqa: PLC0415 - as in library.py

    registry = Registry(place / "registry")
    return registry.model(registry.by_key(key))
