"""Milestones reached in time and the renewals beside them (L4), as a document (`barograph.milestones/1`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from barograph.learning.intervals import Estimate
from barograph.learning.milestones import MilestoneFinding
from barograph.pipeline.evidence_milestones import MilestoneEvidence
from barograph.reports.numbers import number

SCHEMA = "barograph.milestones/1"


def milestones_document(
    evidence: MilestoneEvidence, findings: Sequence[MilestoneFinding], head: dict[str, Any]
) -> dict[str, Any]:
    """The document; published findings first, then by how close they came. See docs/reference/json-learning.md."""
    order = sorted(findings, key=lambda f: (not f.published, f.p_discovery, f.name))
    return {
        **head,
        "accounts": evidence.accounts,
        "lost": evidence.lost,
        "left_out": {
            "without_start": evidence.without_start,
            "before_records": evidence.before_records,
        },
        "summary": summary(evidence, order),
        "milestones": [_entry(finding) for finding in order],
    }


def summary(evidence: MilestoneEvidence, findings: Sequence[MilestoneFinding]) -> str:
    """What was found, in one sentence per finding, or that nothing was."""
    basis = f"{evidence.accounts} accounts with a first decision, {evidence.lost} of them lost"
    found = [finding.text for finding in findings if finding.published]
    if not found:
        return f"On {basis}, no milestone is associated with renewal beyond chance ({len(findings)} tried)."
    return f"On {basis}: " + " ".join(found)


def _entry(finding: MilestoneFinding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "within_days": finding.days or None,
        "published": finding.published,
        "p_discovery": number(finding.p_discovery),
        "p_confirm": number(finding.p_confirm),
        "days_tried": finding.days_tried,
        "renewed_reached": _rate(finding.renewed_reached, finding.n_reached),
        "renewed_not": _rate(finding.renewed_not, finding.n_not),
        "gap": number(finding.gap.value),
        "gap_low": number(finding.gap.low),
        "gap_high": number(finding.gap.high),
        "text": finding.text,
    }


def _rate(estimate: Estimate, n: int) -> dict[str, Any]:
    """A renewal rate on the accounts kept apart."""
    return {
        "n": n,
        "rate": number(estimate.value),
        "low": number(estimate.low),
        "high": number(estimate.high),
    }
