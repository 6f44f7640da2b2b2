"""Every template as blocks: what is summed, counted or picked over which days, and the value that comes of
it."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.definitions import signal as s
from barograph.definitions.base import Where
from barograph.definitions.signal import REASONS
from barograph.signals.blocks import Interval, Window
from barograph.signals.conditions import predicate, staged
from barograph.signals.grid import ALWAYS, FOREVER, Grid, earliest_of, latest_of
from barograph.signals.slots import Slots
from barograph.signals.sql import MICRO, literal, quote

WHY = {reason: code for code, reason in enumerate(REASONS)}
D = "as_of"


@dataclass(frozen=True, slots=True)
class Measured:
    """A signal as SQL over the `slots` joined with the account's state.

    value and n: the number and the facts behind it. own: a reason code expression, 0 when the template
    itself has no objection. covered: whether the source knows the account. first: day of the account's
    first fact in the source.
    """

    value: str
    n: str
    own: str
    covered: str
    first: str


def measured(signal: s.FromSource, slots: Slots, grid: Grid) -> Measured:
    """Blocks and expressions of one signal; the blocks are asked for from `slots`."""
    return _Template(signal, slots, grid).measured()


def _decimal(total: str) -> str:
    """Millionths back to a number."""
    return f"CAST({total} AS DOUBLE) / {MICRO}e0"


def _reason(*cases: tuple[str, str]) -> str:
    arms = " ".join(f"WHEN {condition} THEN {WHY[reason]}" for condition, reason in cases)
    return f"(CASE {arms} ELSE 0 END)" if arms else "0"


class _Template:
    def __init__(self, signal: s.FromSource, slots: Slots, grid: Grid) -> None:
        self.signal = signal
        self.slots = slots
        self.grid = grid
        self.t = quote(f"d__{signal.at}") if signal.at else "t"
        self.happened = f"{self.t} IS NOT NULL"

    def interval(
        self,
        where: Where,
        window: int | None = None,
        *,
        back: int = 0,
        extra: str = "TRUE",
        at: str | None = None,
    ) -> Interval:
        """Facts dated by `at` within `window` days before D - `back`; without a window, all before D."""
        t = at or self.t
        start = latest_of(f"{t} + {back}" if back else t, "kf")
        end = earliest_of(f"{t} + {window + back}", "kt") if window is not None else "kt"
        conditions = [f"{t} IS NOT NULL", predicate(where), extra]
        matching = " AND ".join(c for c in conditions if c != "TRUE")
        return Interval(self.signal.source, matching, start, end, Window(t, window, back))

    def first_fact(self) -> str:
        return self.slots.least(self.interval({}), self.t)

    def measured(self) -> Measured:
        signal, first = self.signal, self.first_fact()
        covered = f"{first} IS NOT NULL"
        own = "0"
        match signal:
            case s.Count():
                n = self.slots.total(self.interval(signal.where, signal.window_days))
                value = n
            case s.Sum():
                value, n = self._sum(signal.measure, self._window_with(signal.measure, signal.window_days))
            case s.Mean():
                total, n = self._sum(signal.measure, self._window_with(signal.measure, signal.window_days))
                value, own = f"{total} / nullif({n}, 0)", _reason((f"{n} = 0", "no_recent"))
            case s.Median():
                facts = self._window_with(signal.measure, signal.window_days)
                n = self.slots.total(facts)
                value = _decimal(self.slots.middle(facts, quote(f"m__{signal.measure}")))
                own = _reason((f"{n} = 0", "no_recent"))
            case s.Distinct():
                value, n = self._distinct(signal)
            case s.Breadth():
                key = quote(f"k__{signal.measure}")
                facts = self.interval(signal.where, signal.window_days, extra=f"{key} IS NOT NULL")
                n = self.slots.total(facts)
                value = self.slots.presence(facts, key, min_rows=signal.min_rows)
            case s.Latest():
                value, n, own = self._latest(signal)
            case s.DaysSince():
                value, n, own = self._days_since(signal)
            case s.Share():
                value, n, own = self._share(signal)
            case s.Change() | s.PowerUserTrend():
                value, n, own = self._change(signal, first)
            case s.Slope():
                value, n, own = self._slope(signal, first)
            case s.OpenAsOf():
                value, n = self._open(signal)
            case s.OverdueAsOf():
                value, n = self._overdue(signal)
            case s.ResponseLatency():
                value, n, own = self._latency(signal)
            case s.Milestone():
                value, n, own = self._milestone(signal)
            case s.StateAsOf():
                value, n, own, covered = self._state(signal)
            case s.StakeholderCoverage():
                value, n, covered = self._stakeholders(signal)
            case _:  # pragma: no cover - the union above is closed
                raise AssertionError(signal)
        return Measured(f"CAST({value} AS DOUBLE)", f"CAST({n} AS BIGINT)", own, covered, first)

    def _window_with(self, measure: str, window: int, back: int = 0) -> Interval:
        present = f"{quote(f'm__{measure}')} IS NOT NULL"
        return self.interval(self.signal.where, window, back=back, extra=present)

    def _sum(self, measure: str, facts: Interval) -> tuple[str, str]:
        column = quote(f"m__{measure}")
        return _decimal(self.slots.total(facts, column)), self.slots.total(facts)

    def _distinct(self, signal: s.Distinct) -> tuple[str, str]:
        keys = [quote(f"k__{signal.measure}")] if signal.measure else []
        present = f"{keys[0]} IS NOT NULL" if keys else "TRUE"
        facts = self.interval(signal.where, signal.window_days, extra=present)
        if signal.per_day:
            keys.append(self.t)
        return self.slots.presence(facts, *keys), self.slots.total(facts)

    def _latest(self, signal: s.Latest) -> tuple[str, str, str]:
        facts = self._window_with(signal.measure, signal.expiry_days)
        order = f"struct_pack(m := {quote('o__' + (signal.at or ''))}, k := o_known, q := o_seq)"
        n = self.slots.total(facts)
        value = _decimal(self.slots.pick(facts, quote(f"m__{signal.measure}"), order))
        return value, n, _reason((f"{n} = 0", "no_recent"))

    def _days_since(self, signal: s.DaysSince) -> tuple[str, str, str]:
        facts = self.interval(signal.where)
        n = self.slots.total(facts)
        day = (
            self.slots.greatest(facts, self.t) if signal.which == "last" else self.slots.least(facts, self.t)
        )
        if signal.cap_days is None:
            return f"{D} - {day}", n, _reason((f"{n} = 0", "no_recent"))
        return f"least({signal.cap_days}, coalesce({D} - {day}, {signal.cap_days}))", n, "0"

    def _share(self, signal: s.Share) -> tuple[str, str, str]:
        value, present = "1", "TRUE"
        if signal.measure:
            column = quote(f"m__{signal.measure}")
            value, present = column, f"{column} IS NOT NULL"
        whole = self.interval(signal.among, signal.window_days, extra=present)
        n, total = self.slots.total(whole), self.slots.total(whole, value)
        part = self.slots.total(whole, f"CASE WHEN {predicate(signal.where)} THEN {value} ELSE 0 END")
        own = _reason((f"{n} = 0", "no_recent"), (f"{total} = 0", "undefined"))
        return f"CAST({part} AS DOUBLE) / nullif(CAST({total} AS DOUBLE), 0)", n, own

    def _change(self, signal: s.Change | s.PowerUserTrend, first: str) -> tuple[str, str, str]:
        window = signal.window_days
        now, _ = self._aggregate(signal, 0)
        before, n = self._aggregate(signal, window)
        own = _reason(
            (f"{first} > {D} - {2 * window}", "too_new"),
            (f"coalesce({before}, 0) = 0 OR {now} IS NULL", "undefined"),
        )
        return f"({now} - {before}) / nullif({before}, 0)", n, own

    def _aggregate(self, signal: s.Change | s.PowerUserTrend, back: int) -> tuple[str, str]:
        """(value as a double, facts) of the window that ends `back` days before D."""
        of = signal.of if isinstance(signal, s.Change) else "distinct"
        window, measure = signal.window_days, signal.measure
        flag = "TRUE"
        if isinstance(signal, s.PowerUserTrend):
            flag = predicate({signal.flag: True})
        if of == "distinct" and measure:
            key = quote(f"k__{measure}")
            facts = self.interval(signal.where, window, back=back, extra=f"{key} IS NOT NULL AND {flag}")
            return f"CAST({self.slots.presence(facts, key)} AS DOUBLE)", self.slots.total(facts)
        if of in ("sum", "mean") and measure:
            total, n = self._sum(measure, self._window_with(measure, window, back))
            return (total if of == "sum" else f"({total} / nullif({n}, 0))"), n
        n = self.slots.total(self.interval(signal.where, window, back=back))
        return f"CAST({n} AS DOUBLE)", n

    def _slope(self, signal: s.Slope, first: str) -> tuple[str, str, str]:
        """Slope = sum over facts of v (x - mean x) / Sxx. For a fact in week b of the window, x - mean x is
        (n - 1 - 2 b) / 2, and b is the position less the fact's own first position: linear in the position,
        so that two running totals carry it."""
        weeks = signal.window_days // 7
        if signal.of == "sum" and signal.measure:
            facts = self._window_with(signal.measure, signal.window_days)
            value, unit = quote(f"m__{signal.measure}"), f"{MICRO}e0"
        else:
            facts, value, unit = self.interval(signal.where, signal.window_days), "1", "1e0"
        own_position = f"CAST(floor(({self.t} - {self.grid.first}) / 7e0) + 1 AS INTEGER)"
        level = self.slots.total(facts, value)
        tilt = self.slots.total(facts, f"({value}) * ({weeks - 1} + 2 * {own_position})")
        sxx = weeks * (weeks * weeks - 1) / 12
        slope = f"(CAST({tilt} - 2 * k * {level} AS DOUBLE) / 2e0 / {sxx!r}e0 / {unit})"
        return slope, self.slots.total(facts), _reason((f"{first} > {D} - {signal.window_days}", "too_new"))

    def _open(self, signal: s.OpenAsOf) -> tuple[str, str]:
        start = latest_of(f"{self.t} + {max(signal.min_age_days - 1, 0)}", "kf")
        end = earliest_of(f"coalesce({quote('d__' + signal.closed)}, {FOREVER})", "kt")
        facts = Interval(signal.source, f"{self.happened} AND {predicate(signal.where)}", start, end)
        n = self.slots.total(facts)
        if signal.result == "count":
            return n, n
        return f"coalesce({D} - {self.slots.least(facts, self.t)}, 0)", n

    def _overdue(self, signal: s.OverdueAsOf) -> tuple[str, str]:
        due = quote(f"d__{signal.due}")
        start = latest_of(self.t, due, "kf")
        end = earliest_of(f"coalesce({quote('d__' + signal.done)}, {FOREVER})", "kt")
        where = f"{self.happened} AND {due} IS NOT NULL AND {predicate(signal.where)}"
        facts = Interval(signal.source, where, start, end)
        n = self.slots.total(facts)
        if signal.result == "count":
            return n, n
        if signal.result == "oldest_days":
            return f"coalesce({D} - {self.slots.least(facts, due)}, 0)", n
        column = quote(f"m__{signal.measure}")
        known = Interval(signal.source, f"{where} AND {column} IS NOT NULL", start, end)
        return _decimal(self.slots.total(known, column)), self.slots.total(known)

    def _latency(self, signal: s.ResponseLatency) -> tuple[str, str, str]:
        column = quote(f"m__{signal.start}__{signal.end}")
        end = quote(f"d__{signal.end}")
        facts = self.interval(signal.where, signal.window_days, at=end, extra=f"{column} IS NOT NULL")
        n = self.slots.total(facts)
        if signal.aggregate == "median":
            value = _decimal(self.slots.middle(facts, column))
        else:
            value = f"{_decimal(self.slots.total(facts, column))} / nullif({n}, 0)"
        return value, n, _reason((f"{n} = 0", "no_recent"))

    def _milestone(self, signal: s.Milestone) -> tuple[str, str, str]:
        facts = self.interval({"milestone": signal.milestone, **signal.where})
        reached = self.slots.least(facts, self.t)
        if signal.within_days is None:
            hit, own = f"{reached} IS NOT NULL", "0"
        else:
            hit = f"coalesce({reached} - start_day <= {signal.within_days}, FALSE)"
            open_still = f"NOT {hit} AND {D} - start_day <= {signal.within_days}"
            own = _reason(("start_day IS NULL", "undefined"), (open_still, "pending"))
        value = f"CASE WHEN {hit} THEN 1 ELSE 0 END"
        return value, value, own

    def _in_force(self, begins: str | None, ends: str | None, where: str) -> Interval:
        begin = quote(f"d__{begins}") if begins else None
        start = (
            latest_of(f"coalesce({begin}, {ALWAYS})", "kf")
            if begin
            else latest_of(f"coalesce({self.t}, {ALWAYS})", "kf")
        )
        end = earliest_of(f"coalesce({quote('d__' + ends)}, {FOREVER})", "kt") if ends else "kt"
        return Interval(self.signal.source, where, start, end)

    def _known_at_all(self) -> str:
        known = Interval(self.signal.source, "TRUE", latest_of(f"coalesce({self.t}, {ALWAYS})", "kf"), "kt")
        return f"{self.slots.total(known)} > 0"

    def _state(self, signal: s.StateAsOf) -> tuple[str, str, str, str]:
        among = self._in_force(signal.begins, signal.ends, predicate(signal.among))
        n = self.slots.total(among)
        hits = self.slots.total(among, f"CASE WHEN {predicate(signal.where)} THEN 1 ELSE 0 END")
        covered = self._known_at_all()
        if signal.result == "share":
            return f"CAST({hits} AS DOUBLE) / nullif({n}, 0)", n, _reason((f"{n} = 0", "no_recent")), covered
        value = hits if signal.result == "count" else f"CASE WHEN {hits} > 0 THEN 1 ELSE 0 END"
        return value, n, "0", covered

    def _stakeholders(self, signal: s.StakeholderCoverage) -> tuple[str, str, str]:
        roles = ", ".join(literal(role) for role in signal.roles)
        where = f"{predicate(signal.where)} AND {staged('role')} IN ({roles})"
        facts = self._in_force(signal.begins, signal.ends, where)
        value = f"CAST({self.slots.presence(facts, staged('role'))} AS DOUBLE) / {len(set(signal.roles))}"
        return value, self.slots.total(facts), self._known_at_all()
