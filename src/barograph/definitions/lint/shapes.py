"""Rules on shapes: they must agree with the direction, and with the values that a template can give."""

from __future__ import annotations

from collections.abc import Iterator

from barograph.definitions.lint.rule import Context, Finding, Rule, at
from barograph.definitions.normalise import (
    BandedShape,
    DecayShape,
    LogShape,
    PercentileShape,
    RangeShape,
    Shape,
)
from barograph.definitions.signal import Signal


def shapes_of(signal: Signal) -> Iterator[tuple[str, Shape]]:
    """The signal's shape and those of its variants, with the key each stands under."""
    yield "normalise", signal.normalise
    for number, variant in enumerate(signal.variants, 1):
        if variant.normalise is not None:
            yield f"variants {number} > normalise", variant.normalise


def slope_of(shape: Shape) -> str | None:
    """Whether higher values score better ("up"), lower ones ("down"), or it depends (None)."""
    match shape:
        case RangeShape() | LogShape():
            return "up" if shape.full > shape.zero else "down"
        case DecayShape():
            return "down"
        case PercentileShape():
            return None  # ranked in the signal's own direction
        case BandedShape():
            given = [band.points for band in shape.bands]
            if given == sorted(given):
                return "up"
            return "down" if given == sorted(given, reverse=True) else None


class ShapeFollowsDirection(Rule):
    id = "BG-E016"
    severity = "error"
    title = "shape against the direction"
    reason = "The direction says which way is healthier; a shape the other way scores ill health as health."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in context.model.signals:
            for key, shape in shapes_of(signal):
                slope = slope_of(shape)
                if signal.direction in ("free", slope) or isinstance(shape, PercentileShape):
                    continue
                if isinstance(shape, BandedShape) and slope is None:
                    message = f'the bands rise and fall, and the direction is "{signal.direction}".'
                    fix = 'Order the points, or declare direction = "free" after reviewing the shape.'
                else:
                    better = "higher" if slope == "up" else "lower"
                    message = (
                        f'{shape.method} scores {better} values better; direction is "{signal.direction}".'
                    )
                    fix = "Exchange zero and full, or correct the direction."
                yield self.found(at(signal, key), message, fix)


class ShapeFitsValues(Rule):
    id = "BG-E017"
    severity = "error"
    title = "log or decay on values below 0"
    reason = "Both are defined from 0 up; changes and trends also fall."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in context.model.signals:
            if signal.template not in ("change", "power_user_trend", "slope"):
                continue
            for key, shape in shapes_of(signal):
                if isinstance(shape, LogShape | DecayShape):
                    yield self.found(
                        at(signal, key), f"{shape.method} on {signal.template}.", "Use range or banded."
                    )


SHAPE_RULES: tuple[Rule, ...] = (ShapeFollowsDirection(), ShapeFitsValues())
