"""The numbers behind readiness, hand-overs, advocates and patterns: one frozen object that people edit and version."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TierWanted = Literal["watch", "healthy", "growth"]


class GrowthRules(BaseModel):
    """What counts as ready, as a candidate, as asked too often. The titles are the words of the form.

    Shares are 0 to 1, days are calendar days unless their title says otherwise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ready_tier: TierWanted = Field("healthy", title="Ready: tier at least")
    ready_weeks: int = Field(4, ge=1, le=52, title="Ready: weeks in that tier or better")
    used_signal: str = Field(
        "licence_utilisation", max_length=120, title="Used: signal or component of the model"
    )
    used_at_least: float = Field(0.7, ge=0, le=100, title="Used: at least")
    overdue_days: int = Field(30, ge=0, le=365, title="Paid: no invoice overdue by more days than")
    severe_priorities: tuple[str, ...] = Field(("p1", "p2"), title="Severe: priorities of open tickets")
    severe_days: int = Field(90, ge=1, le=730, title="Severe: open tickets of the last days")
    notice_excluded: bool = Field(True, title="Ready: not while notice is given")
    turning_excluded: bool = Field(True, title="Ready: not while about to turn")
    pause_days: int = Field(90, ge=0, le=730, title="Ready: days of rest after a refused hand-over")
    answer_days: int = Field(5, ge=1, le=30, title="Hand-over: answered within working days")
    match_days: int = Field(
        180, ge=7, le=730, title="Hand-over: opportunities created within days count as its own"
    )
    advocate_weeks: int = Field(26, ge=4, le=104, title="Advocate: weeks in Healthy or Growth")
    promoter_days: int = Field(365, ge=30, le=1095, title="Advocate: a promoter's answer within days")
    outcomes_confirmed: int = Field(1, ge=0, le=20, title="Advocate: goals confirmed by the customer")
    asks_at_most: int = Field(2, ge=1, le=50, title="Asks: at most so many of one account")
    asks_days: int = Field(180, ge=7, le=730, title="Asks: within days")
    refusal_days: int = Field(180, ge=0, le=730, title="Asks: days of rest after a refusal")
    plan_days: int = Field(
        90, ge=7, le=365, title="Success plan: proposed up to days after the contract began"
    )
    critical_hours: int = Field(8, ge=1, le=400, title="Escalation: critical, resolved within working hours")
    major_hours: int = Field(24, ge=1, le=400, title="Escalation: major, resolved within working hours")
    minor_hours: int = Field(80, ge=1, le=800, title="Escalation: minor, resolved within working hours")
    pattern_days: int = Field(90, ge=14, le=365, title="Patterns: days before an escalation")
    pattern_least: int = Field(20, ge=5, le=1000, title="Patterns: at least so many accounts on each side")

    def resolution_hours(self, severity: str) -> int:
        """Working hours in which an escalation of a severity is to be resolved."""
        return {"critical": self.critical_hours, "major": self.major_hours}.get(severity, self.minor_hours)


SHIPPED = GrowthRules()
"""In force until somebody writes others."""
