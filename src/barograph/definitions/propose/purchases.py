"""Where purchases stand in a data set, and the lapse model moved onto them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from barograph.definitions.model import LapseRule, OutcomeRules, Population, ScoreModel
from barograph.definitions.propose.adapt import with_changes
from barograph.definitions.propose.data_profile import DataProfile, TableProfile
from barograph.definitions.propose.words import is_purchase, is_return
from barograph.definitions.signal import Signal, SourceSignal

AMOUNTS = ("amount", "revenue", "value", "total", "price", "quantity")
SHORTEST_HORIZON, LONGEST_HORIZON = 30, 365
STALE_AFTER_DAYS = 14


@dataclass(frozen=True, slots=True)
class Purchases:
    """The table that holds them, the event they are (events only), the column of their amount, the usual days
    between two of one account (None when nobody bought twice), and the event of giving back (events only)."""

    source: str
    event: str | None
    amount: str | None
    every_days: float | None
    returned: str | None = None

    @property
    def horizon_days(self) -> int:
        """Days without a purchase after which an account is lost: twice the usual gap, in months of 30."""
        months = ceil(2 * (self.every_days or 45) / 30)
        return min(LONGEST_HORIZON, max(SHORTEST_HORIZON, 30 * months))

    @property
    def active_days(self) -> int:
        """Days back in which a purchase makes an account active."""
        return max(180, 2 * self.horizon_days)


def find_purchases(profile: DataProfile) -> Purchases | None:
    """Invoices, or the most widespread event whose name is one of buying; None without either."""
    invoices = profile.tables.get("invoices")
    if invoices is not None and invoices.rows:
        return Purchases("invoices", None, _amount(invoices), invoices.repeat_days)
    events = profile.tables.get("events")
    named = [e for e in profile.events if is_purchase(e.name) and not is_return(e.name)]
    if events is None or not named:
        return None
    event = max(named, key=lambda e: e.accounts)
    returned = next((e.name for e in profile.events if is_return(e.name)), None)
    return Purchases("events", event.name, _amount(events), event.every_days, returned)


def activity_rule(table: TableProfile) -> tuple[Population, OutcomeRules]:
    """Population and outcome for accounts that are there as long as `table` speaks of them."""
    found = Purchases(table.name, None, None, table.repeat_days)
    population = Population(rule="activity", source=table.name, active_days=found.active_days)
    lapse = LapseRule(source=table.name, active_days=found.active_days, horizon_days=found.horizon_days)
    return population, OutcomeRules(source="lapse", lapse=lapse)


def on_purchases(model: ScoreModel, found: Purchases) -> ScoreModel:
    """The lapse model on these purchases: source, amount, usual gap, horizon."""
    population = model.population.model_copy(
        update={"source": found.source, "active_days": found.active_days}
    )
    where = {"event": found.event} if found.event is not None else {}
    lapse = LapseRule(
        source=found.source, where=where, active_days=found.active_days, horizon_days=found.horizon_days
    )
    half_life = max(7, round(found.every_days)) if found.every_days else 45
    signals = []
    for signal in model.signals:
        if isinstance(signal, SourceSignal) and signal.source == "invoices" != found.source:
            moved = _moved(signal, found)
            if moved is None:
                continue
            signal = moved  # noqa: PLW2901 -- the same signal on another table
        if signal.name == "recency":
            signal = with_changes(signal, {"normalise": {"method": "decay", "half_life": half_life}})  # noqa: PLW2901
        signals.append(signal)
    caps = [
        cap.model_copy(update={"label": f"No order for {found.horizon_days} days", "when": (test,)})
        if cap.name == "silent"
        else cap
        for cap in model.caps
        for test in (cap.when[0].model_copy(update={"at_least": float(found.horizon_days)}),)
    ]
    return model.model_copy(
        update={
            "signals": tuple(signals),
            "population": population,
            "outcome": model.outcome.model_copy(update={"lapse": lapse}),
            "caps": tuple(caps),
        }
    )


def _moved(signal: SourceSignal, found: Purchases) -> Signal | None:
    """A signal of the lapse model on the table of the purchases; None for one that they cannot feed."""
    changes: dict[str, Any] = {"source": found.source}
    if signal.stale_after_days is None:
        changes["stale_after_days"] = STALE_AFTER_DAYS
    if signal.name == "return_share":
        if found.returned is None:
            return None
        changes |= {"where": {"event": found.returned}, "among": {"event": (found.event, found.returned)}}
        return with_changes(signal, changes)
    if signal.template == "overdue_as_of" or (_measure(signal) == "amount" and found.amount is None):
        return None
    # Amounts below 0 are returns; where purchases are events of their own, so are returns.
    changes["where"] = {"event": found.event}
    if _measure(signal) == "amount":
        changes["measure"] = found.amount
    return with_changes(signal, changes)


def _measure(signal: SourceSignal) -> str | None:
    measure: str | None = getattr(signal, "measure", None)
    return measure


def _amount(table: TableProfile) -> str | None:
    for name in AMOUNTS:
        column = table.columns.get(name)
        if column is not None and column.rows and column.type in ("number", "integer"):
            return name
    return None
