"""Answers whose scale the data does not give: it is guessed from the kind and the answers themselves."""

from __future__ import annotations

from barograph.definitions.normalise import RangeShape
from barograph.definitions.propose.data_profile import DataProfile
from barograph.definitions.signal import Signal, SourceSignal

STEPS = ((1.0, 5.0), (0.0, 5.0), (1.0, 7.0), (0.0, 10.0), (1.0, 10.0), (0.0, 100.0), (-100.0, 100.0))
"""Scales in use, the narrowest first."""
CSAT_SCALE = (1.0, 5.0)
"""What the shipped models take ticket satisfaction to be."""


def guess_scale(kind: str, least: float, greatest: float) -> tuple[float, float]:
    """The narrowest usual scale that holds every answer seen; NPS answers are 0 to 10 when they fit.

    Answers outside all of them are taken as they are: (least, greatest).
    """
    if kind == "nps" and least >= 0 and greatest <= 10:
        return (0.0, 10.0)
    for low, high in STEPS:
        if low <= least and greatest <= high:
            return (low, high)
    return (least, greatest) if least < greatest else (least, least + 1)


def rescaled(signal: Signal, profile: DataProfile) -> Signal:
    """The signal on the scale that the answers really have.

    `score_100` needs the scale of every answer; without it the raw score is measured, with the shape moved
    to the scale guessed. Ticket satisfaction, which the shipped models take as 1 to 5, likewise.
    """
    shape = signal.normalise
    if not isinstance(signal, SourceSignal) or not isinstance(shape, RangeShape):
        return signal
    measure = getattr(signal, "measure", None)
    if signal.source == "surveys" and measure == "score_100":
        kind = signal.where.get("kind")
        scales = profile.survey_scales
        seen = scales.get(str(kind)) if kind is not None else next(iter(scales.values()), None)
        if seen is None:
            return signal
        scale = guess_scale(str(kind), *seen)
        # A relative change is the same on every scale that begins at 0, so its shape stays.
        moved = shape if signal.template == "change" else _moved(shape, (0, 100), scale)
        return _told(signal, "score", moved, scale)
    if signal.source == "tickets" and measure == "csat":
        column = profile.column("tickets", "csat")
        if column is not None and column.spread is not None:
            scale = guess_scale("csat", column.spread.least, column.spread.greatest)
            if scale != CSAT_SCALE:
                return _told(signal, "csat", _moved(shape, CSAT_SCALE, scale), scale)
    return signal


def _moved(shape: RangeShape, old: tuple[float, float], new: tuple[float, float]) -> RangeShape:
    factor = (new[1] - new[0]) / (old[1] - old[0])
    zero, full = (round(new[0] + (end - old[0]) * factor, 4) for end in (shape.zero, shape.full))
    return RangeShape(zero=zero, full=full)


def _told(signal: SourceSignal, measure: str, shape: RangeShape, scale: tuple[float, float]) -> Signal:
    words = f"{scale[0]:g} to {scale[1]:g}"
    return signal.model_copy(
        update={
            "measure": measure,
            "normalise": shape,
            "note": f"{signal.note} Scale taken as {words} from the answers; check it.".strip(),
        }
    )
