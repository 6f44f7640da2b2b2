"""Raw signal values to points of 0 to 100, higher is healthier, by the shape that holds for each account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, CodeArray, FloatArray, IntArray
from barograph.core.inputs import KNOWN, NOT_APPLICABLE, STALE_FEED, TOO_LITTLE_SUPPORT, WeekInputs
from barograph.core.peers import Peers, peers_of
from barograph.core.scopes import Attributes, first_scope
from barograph.definitions.normalise import (
    BandedShape,
    DecayShape,
    LogShape,
    PercentileShape,
    RangeShape,
    Shape,
)
from barograph.definitions.signal import Signal

DEFAULT = -1
"""Index of a signal's own shape; 0 and up are its variants."""

PeersBy = Mapping[tuple[str, int], Peers]
"""By signal name and variant, for the shapes that compare accounts."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """Points of n accounts x s signals.

    points: 0 to 100 where the value is known, else NaN. stand_in: points of the shape's own band for a
    missing value, NaN where there is none. reasons: as in the inputs, with `not_applicable` from variants
    and `too_little_support` where a percentile has too few peers. variant: which shape judged (DEFAULT or
    the variant's index). peers: only accounts judged by the same variant are compared.
    """

    signals: tuple[Signal, ...]
    points: FloatArray
    stand_in: FloatArray
    reasons: CodeArray
    variant: IntArray
    peers: PeersBy

    @property
    def applies(self) -> BoolArray:
        """False where the model does not measure the signal for the account."""
        return np.asarray(self.reasons != NOT_APPLICABLE)

    @property
    def measured(self) -> BoolArray:
        """True where a known value has points."""
        return ~np.isnan(self.points)


@dataclass(frozen=True, slots=True)
class Column:
    """Points, stand-in points and reasons of one signal."""

    points: FloatArray
    stand_in: FloatArray
    reasons: CodeArray


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """Where accounts stand among the peers they are ranked against: value, variant and attributes there."""

    values: FloatArray
    variant: IntArray
    attributes: Attributes


def normalise(inputs: WeekInputs, signals: tuple[Signal, ...]) -> Normalised:
    """Points of every account of the week on the given signals.

    Raises BarographError when a signal was not computed for the week.
    """
    size = len(inputs.account_ids)
    shape = (size, len(signals))
    points, stand_in = np.empty(shape), np.empty(shape)
    reasons, variant = np.empty(shape, dtype=np.int8), np.empty(shape, dtype=np.int64)
    peers: dict[tuple[str, int], Peers] = {}
    for j, signal in enumerate(signals):
        index = inputs.column(signal.name)
        values = inputs.values[:, index]
        chosen = variants_in_force(signal, inputs.attributes, size)
        peers |= peers_of_signal(signal, values, chosen, inputs.attributes)
        own = OwnPlace(values, chosen, inputs.attributes)
        column = judge(signal, values, inputs.reasons[:, index], chosen, inputs.attributes, peers, own)
        points[:, j], stand_in[:, j], reasons[:, j] = column.points, column.stand_in, column.reasons
        variant[:, j] = chosen
    return Normalised(signals, points, stand_in, reasons, variant, peers)


def judge(
    signal: Signal,
    values: FloatArray,
    reasons: CodeArray,
    variant: IntArray,
    attributes: Attributes,
    peers: PeersBy,
    own: OwnPlace,
) -> Column:
    """Points of one signal's values under given variants and given peers, which may be another week's.

    own: the accounts' place among those peers; where they were judged by another variant they are not there.
    """
    size = len(values)
    out = Column(np.full(size, np.nan), np.full(size, np.nan), reasons.copy())
    for index in np.unique(variant).tolist():
        rows = np.flatnonzero(variant == index)
        shape = shape_of(signal, index)
        if shape is None:
            out.reasons[rows] = NOT_APPLICABLE
        elif isinstance(shape, PercentileShape):
            among = peers.get((signal.name, index), Peers({}, np.empty(0), shape.min_peers))
            inside = np.where(own.variant == index, own.values, np.nan)[rows]
            group = group_column(attributes, shape, size)[rows]
            filed = group_column(own.attributes, shape, size)[rows]
            out.points[rows] = among.rank(values[rows], group, inside, filed)
            lonely = rows[np.isnan(out.points[rows]) & ~np.isnan(values[rows])]
            out.reasons[lonely] = TOO_LITTLE_SUPPORT
        else:
            out.points[rows] = apply_shape(shape, values[rows])
            out.stand_in[rows] = missing_points(shape, reasons[rows])
    return out


def peers_of_signal(
    signal: Signal, values: FloatArray, variant: IntArray, attributes: Attributes
) -> dict[tuple[str, int], Peers]:
    """The peers of each variant of the signal that compares accounts; empty for the other shapes."""
    found: dict[tuple[str, int], Peers] = {}
    for index in np.unique(variant).tolist():
        shape = shape_of(signal, index)
        if isinstance(shape, PercentileShape):
            rows = np.flatnonzero(variant == index)
            groups = group_column(attributes, shape, len(values))[rows]
            reverse = signal.direction == "down"
            found[signal.name, index] = peers_of(
                values[rows], groups, min_peers=shape.min_peers, reverse=reverse
            )
    return found


def variants_in_force(signal: Signal, attributes: Attributes, size: int) -> IntArray:
    """Per account the first variant of the signal whose scope it is in, else DEFAULT."""
    return np.asarray(first_scope(tuple(v.when for v in signal.variants), attributes, size), dtype=np.int64)


def shape_of(signal: Signal, variant: int) -> Shape | None:
    """The shape behind a variant index; None when the variant says that the signal does not apply.

    A variant without a shape of its own keeps the signal's.
    """
    if variant == DEFAULT:
        return signal.normalise
    chosen = signal.variants[variant]
    if not chosen.applies:
        return None
    return chosen.normalise if chosen.normalise is not None else signal.normalise


def group_column(attributes: Attributes, shape: PercentileShape, size: int) -> AnyArray:
    """The attribute that the shape compares within; all None when accounts do not have it."""
    column = attributes.get(shape.within)
    return np.full(size, None, dtype=object) if column is None else column


def apply_shape(shape: Shape, values: FloatArray) -> FloatArray:
    """Points 0 to 100 of raw values under a shape that looks at the account alone; NaN stays NaN.

    Percentiles need peers: see `Peers.rank`. Raises TypeError for them.
    """
    if isinstance(shape, RangeShape):
        return _linear(values, shape.zero, shape.full)
    if isinstance(shape, LogShape):
        return _linear(
            np.log1p(np.maximum(values, 0.0)), float(np.log1p(shape.zero)), float(np.log1p(shape.full))
        )
    if isinstance(shape, DecayShape):
        return np.asarray(100.0 * np.exp2(-np.maximum(values, 0.0) / shape.half_life))
    if isinstance(shape, BandedShape):
        bounds = np.array([band.below for band in shape.bands[:-1]], dtype=float)
        points = np.array([band.points for band in shape.bands], dtype=float)
        known = ~np.isnan(values)
        out = np.full(len(values), np.nan)
        out[known] = points[np.searchsorted(bounds, values[known], "right")]
        return out
    raise TypeError(f"{shape.method} needs the peers of the week")


def missing_points(shape: Shape, reasons: CodeArray) -> FloatArray:
    """Points of the band for missing values, NaN where there is none.

    A feed that stopped says nothing about the account, so a stale value does not fall into that band.
    """
    out = np.full(len(reasons), np.nan)
    if isinstance(shape, BandedShape) and shape.missing_points is not None:
        banded = (reasons != KNOWN) & (reasons != STALE_FEED) & (reasons != NOT_APPLICABLE)
        out[banded] = shape.missing_points
    return out


def _linear(values: FloatArray, zero: float, full: float) -> FloatArray:
    return np.asarray(np.clip((values - zero) / (full - zero), 0.0, 1.0) * 100.0)
