"""A shipped signal against a data set: kept, kept in a form that the data can feed, or dropped and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from barograph.definitions.base import Condition, Scalar, Scope
from barograph.definitions.lint.schema import ACCOUNT_STATE, column_uses, condition_sets
from barograph.definitions.propose.data_profile import DataProfile, TableProfile
from barograph.definitions.propose.scales import rescaled
from barograph.definitions.propose.words import same_word
from barograph.definitions.signal import (
    Milestone,
    PerSeat,
    Ratio,
    Signal,
    SourceSignal,
    StakeholderCoverage,
    Variant,
)

SIGNAL: TypeAdapter[Signal] = TypeAdapter(Signal)
NO_TABLE = "there are no "
TOO_FEW_FACTS = 0.2
"""Share of accounts taken to have a value when an average account has fewer facts than are asked for."""
FEEDS = ("events", "metrics", "invoices")
DERIVED_NEEDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("surveys", "score_100"): ("score",),
    ("goals", "progress"): ("baseline", "target", "measured"),
    ("invoices", "days_late"): ("due_at", "paid_at"),
    ("tickets", "resolution_hours"): ("opened_at", "resolved_at"),
}
_MAY_GO = {("contacts", "status"), ("interactions", "attended"), ("invoices", "amount"), ("events", "event")}
"""Conditions that narrow a signal without giving it its meaning; without the column it goes without them."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Why the data cannot feed a signal."""

    reason: str


def adapt(signal: Signal, profile: DataProfile) -> Signal | Dropped:
    """The signal for this data. Ratios are kept; `without_orphans` drops those whose parts are gone."""
    if isinstance(signal, PerSeat):
        seats = profile.column("contracts", "seats")
        if "contracts" not in profile.tables:
            return Dropped(f"{NO_TABLE}contracts")
        return _scoped(signal, profile) if seats else Dropped("contracts have no seats")
    if isinstance(signal, Ratio):
        return _scoped(signal, profile)
    table = profile.tables.get(signal.source)
    if table is None or table.rows == 0:
        return Dropped(f"{NO_TABLE}{signal.source}")
    changes = _conditions(signal, profile, table)
    if isinstance(changes, Dropped):
        return changes
    absent = _columns(signal, table, changes)
    if absent:
        return Dropped(absent)
    if isinstance(signal, Milestone) and signal.milestone not in [m.name for m in profile.milestones]:
        return Dropped(f'no account ever reached "{signal.milestone}"')
    changes.update(feed_rhythm(signal, table))
    adapted = rescaled(with_changes(signal, changes), profile)
    return adapted if isinstance(adapted, Dropped) else _scoped(adapted, profile)


def with_changes(signal: Signal, changes: Mapping[str, Any]) -> Signal:
    """The signal with other fields, checked as if it were read from a file."""
    return SIGNAL.validate_python({**signal.model_dump(), **changes}) if changes else signal


def without_orphans(signals: list[Signal]) -> tuple[list[Signal], dict[str, str]]:
    """The signals whose parts are all there, and for each of the others the part that is not, in order."""
    gone: dict[str, str] = {}
    kept = signals
    while True:
        names = {s.name for s in kept}
        orphans = {s.name: part for s in kept for part in _parts(s) if part not in names}
        if not orphans:
            return kept, gone
        gone.update(orphans)
        kept = [s for s in kept if s.name not in orphans]


def adapt_scope(scope: Scope, profile: DataProfile) -> Scope | None:
    """The scope in the words of the data; None when it matches no account."""
    found: Scope = {}
    for name, test in scope.items():
        words = _scope_words(name, profile)
        if words is None:
            return None
        values = test if isinstance(test, tuple) else (test,)
        kept = tuple(w for w in (same_word(str(v), words) if words else v for v in values) if w is not None)
        if not kept:
            return None
        found[name] = kept if isinstance(test, tuple) and len(kept) > 1 else kept[0]
    return found


def coverage(signal: Signal, profile: DataProfile, parts: Mapping[str, Signal]) -> float:
    """Share of the accounts that can have a value, as far as the profile tells, 0 to 1."""
    if isinstance(signal, Ratio | PerSeat):
        return min((coverage(parts[p], profile, parts) for p in _parts(signal) if p in parts), default=0.0)
    if signal.absent == "zero":
        return 1.0
    if signal.source == "metrics" and isinstance(signal.where.get("metric"), str):
        return max(
            (profile.share(m.accounts) for m in profile.metrics if m.name == signal.where["metric"]),
            default=0,
        )
    accounts = [profile.tables[signal.source].accounts]
    for use in column_uses(signal):
        for column in DERIVED_NEEDS.get((signal.source, use.column), (use.column,)):
            found = profile.column(signal.source, column)
            if found is not None and use.key in ("measure", "at", "start", "end"):
                accounts.append(found.accounts)
    known = profile.share(min(accounts))
    # What happens once in an account's life is counted 0 for nearly everybody: known, and worth nothing.
    counted = signal.template in ("count", "sum", "distinct", "days_since")
    least = 1 if signal.source == "events" and counted else 0
    enough = _facts_expected(signal, profile) >= max(signal.min_support, least)
    return known if enough else min(known, TOO_FEW_FACTS)


def _facts_expected(signal: SourceSignal, profile: DataProfile) -> float:
    """Facts of an average account in the signal's window, by the rate at which the table grew."""
    table = profile.tables[signal.source]
    window: int | None = getattr(signal, "window_days", None) or getattr(signal, "cap_days", None)
    if window is None or table.first_day is None or table.last_day is None or not table.accounts:
        return float("inf")
    rows, accounts = table.rows, table.accounts
    event = signal.where.get("event") if signal.source == "events" else None
    for named in profile.events:
        if named.name == event:
            rows, accounts = named.rows, named.accounts
    return rows / max(accounts, 1) * window / (table.last_day - table.first_day + 1)


def _scoped(signal: Signal, profile: DataProfile) -> Signal:
    variants: list[Variant] = []
    for variant in signal.variants:
        when = adapt_scope(variant.when, profile)
        if when is not None:
            variants.append(variant.model_copy(update={"when": when}))
    return signal.model_copy(update={"variants": tuple(variants)})


def _scope_words(name: str, profile: DataProfile) -> tuple[str, ...] | None:
    """Words that the attribute can take; empty when they are not known, None when it is not there."""
    if name == "lifecycle":
        given = profile.column("accounts", "lifecycle_stage")
        return given.words if given else ("notice", "onboarding", "renewal", "mature")
    own = profile.column("accounts", name)
    if own is None and name == "plan":
        own = profile.column("contracts", "plan")
    if own is None:
        return None
    return own.words if name in ACCOUNT_STATE or own.words else ()


def _conditions(signal: SourceSignal, profile: DataProfile, table: TableProfile) -> dict[str, Any] | Dropped:
    changes: dict[str, Any] = {}
    for key, where in condition_sets(signal):
        kept: dict[str, Any] = {}
        for column, test in where.items():
            if not table.has(column):
                if (signal.source, column) in _MAY_GO and not _names_words(test):
                    continue
                if (signal.source, column) in _MAY_GO and signal.source != "events":
                    continue
                return Dropped(f"{signal.source} have no {column}")
            narrowed = _narrowed(test, _words(profile, table, column))
            if narrowed is None:
                return Dropped(f"{signal.source} have no {column} {_shown(test)}")
            if narrowed != ():
                kept[column] = narrowed
        if kept != where:
            changes[key] = kept
    if isinstance(signal, StakeholderCoverage):
        words = _words(profile, table, "role")
        roles = tuple(r for r in signal.roles if not words or r in words)
        if len(roles) < 2:
            return Dropped("contacts have fewer than two of its roles")
        changes["roles"] = roles
    return changes


def _words(profile: DataProfile, table: TableProfile, column: str) -> tuple[str, ...]:
    if table.name == "events" and column == "event":
        return tuple(e.name for e in profile.events)
    if table.name == "metrics" and column == "metric":
        return tuple(m.name for m in profile.metrics)
    return table.columns[column].words if table.has(column) else ()


def _narrowed(test: Any, words: tuple[str, ...]) -> Any:
    """The test with the words that occur: None when it can never be met, () when it excludes nothing."""
    if not words:
        return test
    if isinstance(test, Condition):
        if test.none_of is not None:
            occurring = _occurring(test.none_of, words)
            return test.model_copy(update={"none_of": occurring}) if occurring else ()
        if test.one_of is not None:
            occurring = _occurring(test.one_of, words)
            return test.model_copy(update={"one_of": occurring}) if occurring else None
        return test
    values = test if isinstance(test, tuple) else (test,)
    occurring = _occurring(values, words)
    if not occurring:
        return None
    return occurring if isinstance(test, tuple) and len(occurring) > 1 else occurring[0]


def _occurring(values: tuple[Scalar, ...], words: tuple[str, ...]) -> tuple[Scalar, ...]:
    found = [same_word(v, words) if isinstance(v, str) else v for v in values]
    return tuple(word for word in found if word is not None)


def _names_words(test: Any) -> bool:
    return not (isinstance(test, Condition) and test.one_of is None)


def _columns(signal: SourceSignal, table: TableProfile, changes: dict[str, Any]) -> str:
    """Why a column that the signal reads is missing, or nothing; open ends of a state may be."""
    for use in column_uses(signal):
        needed = DERIVED_NEEDS.get((signal.source, use.column), (use.column,))
        missing = [column for column in needed if not table.has(column)]
        if missing and use.key in ("begins", "ends"):
            changes[use.key] = None
        elif missing:
            return f"{signal.source} have no {' and no '.join(missing)}"
    return ""


def feed_rhythm(signal: SourceSignal, table: TableProfile) -> dict[str, Any]:
    """When the feed counts as broken, by how often this one really brings rows."""
    if signal.source not in FEEDS or table.usual_gap_days is None:
        return {}
    changes: dict[str, Any] = {}
    if signal.stale_after_days is not None:
        changes["stale_after_days"] = max(signal.stale_after_days, round(3 * table.usual_gap_days) + 1)
    if signal.max_gap_days is not None and table.usual_gap_days >= 4:
        changes["max_gap_days"] = None
    return changes


def _parts(signal: Signal) -> tuple[str, ...]:
    if isinstance(signal, Ratio):
        return (signal.numerator, signal.denominator)
    return (signal.numerator,) if isinstance(signal, PerSeat) else ()


def _shown(test: Any) -> str:
    if isinstance(test, Condition):
        return "as asked for"
    return " or ".join(f'"{value}"' for value in (test if isinstance(test, tuple) else (test,)))
