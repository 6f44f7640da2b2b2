"""What a signal reads from its table: the columns a staged source must carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from barograph.definitions import signal as s


@dataclass(slots=True)
class Needs:
    """Columns of one source, by how they are read: as they are, as local days, as numbers, as hours
    between two.

    `order` asks for what tells two facts of one day apart (moment, when known, import order).
    """

    plain: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    hours: set[tuple[str, str]] = field(default_factory=set)
    order: set[str] = field(default_factory=set)

    def add(self, signal: s.FromSource) -> None:
        """Add what one signal reads."""
        self.plain.update(signal.where)
        self.days.update(c for c in (signal.at, *_day_columns(signal)) if c)
        match signal:
            case s.Share():
                self.plain.update(signal.among)
                self._number(signal.measure)
            case s.StateAsOf():
                self.plain.update(signal.among)
            case s.StakeholderCoverage():
                self.plain.add("role")
            case s.Distinct() | s.Breadth() | s.PowerUserTrend():
                if signal.measure:
                    self.keys.add(signal.measure)
                if isinstance(signal, s.PowerUserTrend):
                    self.plain.add(signal.flag)
            case s.Change(of="distinct", measure=str() as measure):
                self.keys.add(measure)
            case s.Sum() | s.Mean() | s.Median() | s.Change() | s.Slope() | s.OverdueAsOf():
                self._number(signal.measure)
            case s.Latest():
                self._number(signal.measure)
                self.order.add(signal.at or "")
            case s.ResponseLatency():
                self.hours.add((signal.start, signal.end))
            case s.Milestone():
                self.plain.add("milestone")
            case _:
                pass

    def _number(self, measure: str | None) -> None:
        if measure is not None:
            self.numbers.add(measure)


def _day_columns(signal: s.FromSource) -> tuple[str | None, ...]:
    match signal:
        case s.OpenAsOf():
            return (signal.closed,)
        case s.OverdueAsOf():
            return (signal.due, signal.done)
        case s.ResponseLatency():
            return (signal.end,)
        case s.StateAsOf() | s.StakeholderCoverage():
            return (signal.begins, signal.ends)
        case _:
            return ()


def needs_by_source(signals: Iterable[s.Signal]) -> dict[str, Needs]:
    """Source table -> what the signals together read from it."""
    needs: dict[str, Needs] = {}
    for signal in signals:
        if isinstance(signal, s.FromSource):
            needs.setdefault(signal.source, Needs()).add(signal)
    return needs
