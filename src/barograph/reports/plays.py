"""Plays as documents: definitions, findings of the lint, and what a week would set off (docs/reference/plays.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from barograph.core.calendar import to_date
from barograph.core.firing import HELD_WORDS, Fired, FiredReport, HeldBack, Incident
from barograph.definitions.lint import Finding
from barograph.definitions.model import ScoreModel
from barograph.definitions.play import Play
from barograph.definitions.play_match import served_components
from barograph.definitions.play_words import (
    audience_words,
    hold_out_words,
    owner_words,
    sla_words,
    step_words,
    success_words,
    trigger_words,
)

SCHEMA = "barograph.plays/1"
LINT_SCHEMA = "barograph.plays_lint/1"
DRY_RUN_SCHEMA = "barograph.plays_dry_run/1"

Names = Mapping[str, str]
"""Account id -> name."""


def plays_document(
    head: Mapping[str, Any], plays: Sequence[Play], model: ScoreModel, *, shipped: bool
) -> dict[str, Any]:
    """Definitions in words. shipped: they come with the product, the workspace has none of its own."""
    return {
        **head,
        "source": "shipped" if shipped else "workspace",
        "plays": [play_entry(play, model) for play in plays],
    }


def play_entry(play: Play, model: ScoreModel) -> dict[str, Any]:
    """One play."""
    return {
        "name": play.name,
        "title": play.title,
        "purpose": play.purpose,
        "kind": play.kind,
        "enabled": play.enabled,
        "priority": play.priority,
        "cool_down_days": play.cool_down_days,
        "trigger": play.trigger.on,
        "starts_when": trigger_words(play.trigger),
        "audience": audience_words(play.audience),
        "owner": owner_words(play.owner),
        "components": list(served_components(play, model)),
        "success": success_words(play.success),
        "sla": sla_words(play.sla),
        "hold_out": hold_out_words(play),
        "steps": [
            {
                "name": step.name,
                "title": step.title,
                "detail": step.detail,
                "channel": step.channel,
                "customer_facing": step.customer_facing,
                "hours": step.hours,
                "milestone": step.milestone,
                "words": step_words(step, play.owner_of(step)),
            }
            for step in play.steps
        ],
    }


def lint_document(
    head: Mapping[str, Any], plays: Sequence[Play], findings: Sequence[Finding], *, shipped: bool
) -> dict[str, Any]:
    """What the lint found, errors first."""
    return {
        **head,
        "source": "shipped" if shipped else "workspace",
        "plays": len(plays),
        "errors": sum(finding.severity == "error" for finding in findings),
        "warnings": sum(finding.severity == "warning" for finding in findings),
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity,
                "where": finding.where,
                "message": finding.message,
                "reason": finding.reason,
                "fix": finding.fix,
            }
            for finding in findings
        ],
    }


def dry_run_document(
    head: Mapping[str, Any],
    report: FiredReport,
    plays: Sequence[Play],
    names: Names,
    *,
    released: Collection[str] | None,
    account: str | None = None,
    standing: Sequence[Fired] = (),
) -> dict[str, Any]:
    """What the week would have opened. account: only that one; standing: what holds for it, whenever it began."""
    fired = [f for f in report.fired if account is None or f.account_id == account]
    held = [h for h in report.held_back if account is None or h.fired.account_id == account]
    return {
        **head,
        "compared_with": None if report.compared_with is None else to_date(report.compared_with).isoformat(),
        "released": None if released is None else sorted(released),
        "unreleased": list(report.unreleased),
        "account": account,
        "plays": [_count(play, fired, held) for play in plays if play.enabled],
        "fired": [fired_entry(one, names) for one in fired],
        "held_back": [
            {**fired_entry(one.fired, names), "because": one.because, "words": one.words} for one in held
        ],
        "held_back_because": _reasons(held),
        "incident": None if report.incident is None else incident_entry(report.incident),
        "standing": [fired_entry(one, names) for one in standing],
    }


def fired_entry(fired: Fired, names: Names) -> dict[str, Any]:
    """One play that one account sets off."""
    return {
        "play": fired.play,
        "account_id": fired.account_id,
        "name": names.get(fired.account_id) or fired.account_id,
        "key": fired.key,
        "since": to_date(fired.day).isoformat(),
        "reason": fired.reason,
        "evidence": dict(fired.evidence),
        "tier": fired.tier,
        "arr": fired.arr,
        "priority": fired.priority,
        "milestone": fired.milestone,
        "deadline": None if fired.deadline is None else to_date(fired.deadline).isoformat(),
    }


def incident_entry(incident: Incident) -> dict[str, Any]:
    """The data incident that holds plays back."""
    return {
        "key": incident.key,
        "kind": incident.kind,
        "what": incident.what,
        "moved": incident.moved,
        "accounts": incident.accounts,
        "share": incident.share,
        "arr": incident.arr,
        "signals": [{"label": label, "accounts": count} for label, count in incident.signals],
        "plays": [{"play": play, "held_back": count} for play, count in incident.plays.items()],
    }


def _count(play: Play, fired: Sequence[Fired], held: Sequence[HeldBack]) -> dict[str, Any]:
    return {
        "play": play.name,
        "title": play.title,
        "priority": play.priority,
        "fired": sum(one.play == play.name for one in fired),
        "held_back": sum(one.fired.play == play.name for one in held),
    }


def _reasons(held: Sequence[HeldBack]) -> list[dict[str, Any]]:
    counts = {because: sum(one.because == because for one in held) for because in HELD_WORDS}
    return [
        {"because": because, "words": HELD_WORDS[because], "count": count}
        for because, count in counts.items()
        if count
    ]
