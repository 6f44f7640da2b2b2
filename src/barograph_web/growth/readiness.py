"""Whether an account is ready to be offered more (P7): conditions that hold, fail, or cannot be told. Pure.

What is not known does not hold: an account with unknown use is not ready, and its condition says unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from barograph.core.words import per_cent
from barograph.definitions.base import TIER_ORDER
from barograph.reports.render.phrases import date_words
from barograph_web.growth.rules import GrowthRules

TIER_WORDS = {"at_risk": "At Risk", "watch": "Watch", "healthy": "Healthy", "growth": "Growth"}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule. holds: None when it cannot be told. words: what is so, and what is wanted."""

    name: str
    label: str
    holds: bool | None
    words: str

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "label": self.label, "holds": self.holds, "words": self.words}


@dataclass(frozen=True, slots=True)
class Severe:
    """An open issue that forbids asking for anything. kind: ticket or escalation."""

    kind: str
    key: str
    words: str
    since: date | None


@dataclass(frozen=True)
class Evidence:
    """What is known of one account, for the rules of readiness and of advocates.

    tiers: displayed tiers week by week, oldest first, None for a week without a tier; the last is the present one.
    measures: signals and components of the model by name, in their own units. overdue: days by which the latest unpaid
    invoice is past due, 0 for none, None when no invoices are known. severe: open severe issues; None when neither
    tickets nor escalations are known. refused_on: when the last hand-over was refused. promoters: contact ids with the
    day of their answer. confirmed: days on which goals were confirmed. bought, offered: products.
    """

    tiers: Sequence[str | None] = ()
    about_to_turn: bool = False
    notice_given: bool | None = None
    measures: Mapping[str, tuple[str, str, float | None]] = field(default_factory=dict)
    """Name -> (label, unit, value)."""
    overdue: int | None = None
    severe: tuple[Severe, ...] | None = None
    refused_on: date | None = None
    promoters: Mapping[str, date] = field(default_factory=dict)
    confirmed: tuple[date, ...] = ()
    bought: frozenset[str] = frozenset()

    @property
    def tier(self) -> str | None:
        return self.tiers[-1] if self.tiers else None


def judge(evidence: Evidence, rules: GrowthRules, today: date) -> tuple[Condition, ...]:
    """The conditions of readiness in the order in which they are shown: healthy, used, paid, nothing severe, rest."""
    found = [
        _healthy(evidence, rules),
        _used(evidence, rules),
        _paid(evidence, rules),
        severe_condition(evidence),
    ]
    if rules.notice_excluded:
        holds = None if evidence.notice_given is None else not evidence.notice_given
        words = {None: "not known whether notice is given", True: "no notice given", False: "notice is given"}
        found.append(Condition("notice", "No notice", holds, words[holds]))
    if rules.turning_excluded:
        words_turn = "about to turn" if evidence.about_to_turn else "not about to turn"
        found.append(Condition("turning", "Not about to turn", not evidence.about_to_turn, words_turn))
    found.append(_rested(evidence, rules, today))
    return tuple(found)


def is_met(conditions: Iterable[Condition]) -> bool:
    """Whether all of them hold; one that cannot be told does not."""
    return all(condition.holds is True for condition in conditions)


def weeks_at_least(tiers: Sequence[str | None], wanted: str) -> int:
    """For how many of the last weeks in a row the tier was `wanted` or better. A week without a tier ends the row."""
    count = 0
    for tier in reversed(tiers):
        if tier not in TIER_ORDER or TIER_ORDER.index(tier) < TIER_ORDER.index(wanted):
            break
        count += 1
    return count


def not_bought(offered: Iterable[str], bought: Iterable[str]) -> list[str] | None:
    """Products that are sold to somebody and not to this account, in alphabetical order. None when it is not known
    what the account has bought: then nothing can be said."""
    has = {product.casefold() for product in bought}
    if not has:
        return None
    return sorted({product for product in offered if product.casefold() not in has}, key=str.casefold)


def severe_condition(evidence: Evidence) -> Condition:
    """No open severe issue. Shared by readiness and by asking for favours."""
    label = "No open severe issue"
    if evidence.severe is None:
        return Condition("severe", label, None, "neither tickets nor escalations are known")
    if not evidence.severe:
        return Condition("severe", label, True, "none is open")
    first = evidence.severe[0].words
    more = f" and {len(evidence.severe) - 1} more" if len(evidence.severe) > 1 else ""
    return Condition("severe", label, False, f"{first}{more}")


def _healthy(evidence: Evidence, rules: GrowthRules) -> Condition:
    label, wanted = "Healthy", TIER_WORDS[rules.ready_tier]
    if evidence.tier not in TIER_ORDER:
        return Condition("healthy", label, None, "it has no tier")
    weeks = weeks_at_least(evidence.tiers, rules.ready_tier)
    if not weeks:
        return Condition(
            "healthy", label, False, f"{TIER_WORDS[evidence.tier]}; {wanted} or better is wanted"
        )
    told = f"{wanted} or better for {weeks} week{'' if weeks == 1 else 's'}"
    if weeks >= rules.ready_weeks:
        return Condition("healthy", label, True, told)
    known = len(evidence.tiers)
    if weeks == known and known < rules.ready_weeks:
        return Condition("healthy", label, None, f"{told}, all that is known; {rules.ready_weeks} are wanted")
    return Condition("healthy", label, False, f"{told}; {rules.ready_weeks} are wanted")


def _used(evidence: Evidence, rules: GrowthRules) -> Condition:
    label = "Used"
    measure = evidence.measures.get(rules.used_signal)
    if measure is None:
        return Condition("used", label, None, f"the model has no “{rules.used_signal}”")
    name, unit, value = measure
    if value is None:
        return Condition("used", label, None, f"{name} is not known")
    shown, wanted = _figure(value, unit), _figure(rules.used_at_least, unit)
    return Condition(
        "used", label, value >= rules.used_at_least, f"{name} {shown}; at least {wanted} is wanted"
    )


def _paid(evidence: Evidence, rules: GrowthRules) -> Condition:
    if evidence.overdue is None:
        return Condition("paid", "Paid", None, "no invoices are known")
    if evidence.overdue == 0:
        return Condition("paid", "Paid", True, "no invoice is overdue")
    told = f"an invoice is overdue by {evidence.overdue} day{'' if evidence.overdue == 1 else 's'}"
    return Condition(
        "paid", "Paid", evidence.overdue <= rules.overdue_days, f"{told}; up to {rules.overdue_days} pass"
    )


def _rested(evidence: Evidence, rules: GrowthRules, today: date) -> Condition:
    label = "Not refused lately"
    if evidence.refused_on is None:
        return Condition("rested", label, True, "no hand-over was refused")
    until = evidence.refused_on + timedelta(days=rules.pause_days)
    told = f"a hand-over was refused on {date_words(evidence.refused_on.isoformat())}"
    return Condition("rested", label, today >= until, f"{told}; rest until {date_words(until.isoformat())}")


def _figure(value: float, unit: str) -> str:
    return per_cent(value) if unit == "share" else f"{value:,.2f}".rstrip("0").rstrip(".")
