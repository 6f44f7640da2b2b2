"""How a raw signal value becomes 0 to 100, higher is healthier. The arithmetic is in core/normalise.py."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from barograph.definitions.base import Definition


class RangeShape(Definition):
    """Linear from `zero` (scores 0) to `full` (scores 100); `zero` above `full` when less is healthier."""

    method: Literal["range"] = "range"
    zero: float
    full: float

    @model_validator(mode="after")
    def _apart(self) -> RangeShape:
        if self.zero == self.full:
            raise ValueError("zero and full must differ")
        return self


class LogShape(Definition):
    """Like `range` on log(1 + value), for counts that spread over powers of ten; values and ends are >= 0."""

    method: Literal["log"]
    zero: Annotated[float, Field(ge=0)]
    full: Annotated[float, Field(ge=0)]

    @model_validator(mode="after")
    def _apart(self) -> LogShape:
        if self.zero == self.full:
            raise ValueError("zero and full must differ")
        return self


class DecayShape(Definition):
    """100 x 2^(-value / half_life): for days since something good happened."""

    method: Literal["decay"]
    half_life: Annotated[float, Field(gt=0)]


class PercentileShape(Definition):
    """Mid-rank percentile among the accounts of the same `within` group in the same week, 0 to 100.

    Groups with fewer than `min_peers` known values fall back to the whole portfolio; below that the signal
    is missing. The peers are those of the week itself, so the peers' movement is a line of the ledger.
    """

    method: Literal["percentile"]
    within: str = "segment"
    min_peers: Annotated[int, Field(ge=5)] = 20


class Band(Definition):
    """Values below `below` (and at or above the previous band's bound) score `points`; the last has none."""

    below: float | None = None
    points: Annotated[float, Field(ge=0, le=100)]


class BandedShape(Definition):
    """Steps: readable bands, as learning writes them. `missing_points` scores an unknown value."""

    method: Literal["banded"]
    bands: Annotated[tuple[Band, ...], Field(min_length=2)]
    missing_points: Annotated[float, Field(ge=0, le=100)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> BandedShape:
        bounds = [band.below for band in self.bands]
        if bounds[-1] is not None or None in bounds[:-1]:
            raise ValueError("every band but the last needs `below`, and the last has none")
        inner = [bound for bound in bounds if bound is not None]
        if inner != sorted(set(inner)):
            raise ValueError("`below` must grow from band to band")
        return self


Shape = Annotated[
    RangeShape | LogShape | DecayShape | PercentileShape | BandedShape,
    Field(discriminator="method"),
]
