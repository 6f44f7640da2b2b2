"""The audit of an older system's score (L10), as a document (`barograph.audit_score/1`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from barograph.core.calendar import to_date
from barograph.learning.early_warning import EarlyWarning
from barograph.pipeline.audit_figures import HorizonAudit
from barograph.pipeline.audit_scores import AuditedScores, Lines
from barograph.reports.numbers import number

SCHEMA = "barograph.audit_score/1"
ENOUGH_LOST = 10


def audit_document(
    audited: AuditedScores,
    horizons: Sequence[HorizonAudit],
    warning: EarlyWarning,
    lines: Lines,
    head: dict[str, Any],
) -> dict[str, Any]:
    """The document; see docs/reference/json-learning.md. The headline horizon is the longest one."""
    longest = max(horizons, key=lambda h: h.days)
    outcomes = audited.outcomes
    return {
        **head,
        "sources": list(audited.sources),
        "scores": audited.scores,
        "lines": {"red_below": lines.red, "green_from": lines.green},
        "decisions": len(outcomes),
        "lost": int(outcomes.lost.sum()),
        "from": to_date(int(outcomes.anchor.min())).isoformat(),
        "to": to_date(int(outcomes.anchor.max())).isoformat(),
        "never_scored": int((~audited.scored).sum()),
        "headline": headline(longest, warning, head["currency"]),
        "enough": longest.lost >= ENOUGH_LOST,
        "horizons": [horizon_entry(h) for h in sorted(horizons, key=lambda h: h.days)],
        "warning": warning_entry(warning),
        "missed": [_missed(audited, row) for row in _by_revenue(audited, longest.green_lost)],
        "missed_days": longest.days,
    }


def headline(audit: HorizonAudit, warning: EarlyWarning, currency: str) -> list[str]:
    """What a sceptic reads first, in two or three sentences."""
    if not audit.lost:
        return [f"No lost account had a score {audit.days} days before its decision: nothing can be said."]
    green = next(row for row in audit.colours if row.tier == "green")
    lines = [
        f"Your current score catches {audit.caught.value:.0%} of what was lost: {audit.days} days before the "
        f"decision {round(audit.caught.value * audit.lost)} of {audit.lost} lost accounts were red"
        + (f" ({audit.caught_arr:.0%} of the lost revenue)." if np.isfinite(audit.caught_arr) else "."),
        f"It was green for {green.lost} accounts that were lost"
        + (f", worth {green.arr_lost:,.0f} {currency} a year." if green.arr_lost else "."),
    ]
    if audit.lost < ENOUGH_LOST:
        lines.append(f"{audit.lost} lost accounts are few: {ENOUGH_LOST} or more make these figures firm.")
    elif audit.auc.low <= 0.5:
        lines.append(
            f"Its order cannot be told from chance: AUC {audit.auc.value:.2f}, interval {audit.auc.low:.2f} to "
            f"{audit.auc.high:.2f}."
        )
    if warning.lost:
        lines.append(
            f"{warning.surprises} of {warning.lost} losses ({warning.surprise.value:.0%}) came without any red in "
            "the year before"
            + (
                f"; where it did warn, half the warnings came {warning.lead_median:.0f} days ahead or more."
                if warning.flagged
                else "."
            )
        )
    return lines


def horizon_entry(audit: HorizonAudit) -> dict[str, Any]:
    """The figures of one horizon."""
    cells = audit.cells
    return {
        "days": audit.days,
        "n": len(audit.rows),
        "lost": audit.lost,
        "without_score": audit.missing,
        "without_score_lost": audit.missing_lost,
        **interval("auc", audit.auc.value, audit.auc.low, audit.auc.high),
        "arr_auc": number(audit.arr_auc),
        **interval(
            "balanced_accuracy",
            audit.balanced_accuracy.value,
            audit.balanced_accuracy.low,
            audit.balanced_accuracy.high,
        ),
        "precision": number(cells.precision),
        "recall": number(cells.recall),
        **interval("caught", audit.caught.value, audit.caught.low, audit.caught.high),
        "caught_arr": number(audit.caught_arr),
        "downsold": audit.downsold,
        "downsold_green": audit.downsold_green,
        "colours": [
            {
                "colour": row.tier,
                "n": row.n,
                "lost": row.lost,
                "rate": number(row.rate),
                "arr": number(row.arr),
                "arr_lost": number(row.arr_lost),
            }
            for row in audit.colours
        ],
    }


def warning_entry(warning: EarlyWarning) -> dict[str, Any]:
    """Lead time and surprise churn (L11), treated accounts apart (L9)."""
    return {
        "lost": warning.lost,
        "flagged": warning.flagged,
        "lead_median": number(warning.lead_median),
        "lead_low": number(warning.lead_low),
        "lead_high": number(warning.lead_high),
        "surprises": warning.surprises,
        **interval("surprise", warning.surprise.value, warning.surprise.low, warning.surprise.high),
        "surprise_arr": number(warning.surprise_arr),
        "lost_arr": number(warning.lost_arr),
        "false_alarms": warning.false_alarms,
        "treated_alarms": warning.treated_alarms,
    }


def interval(name: str, value: float, low: float, high: float) -> dict[str, float | None]:
    """`name`, `name_low`, `name_high`."""
    return {name: number(value), f"{name}_low": number(low), f"{name}_high": number(high)}


def _by_revenue(audited: AuditedScores, rows: np.ndarray[Any, Any]) -> list[int]:
    arr = np.nan_to_num(audited.outcomes.arr_before[audited.look.decision[rows]])
    return [int(rows[i]) for i in np.lexsort((rows, -arr))]


def _missed(audited: AuditedScores, row: int) -> dict[str, Any]:
    """One account that was green and left."""
    decision = int(audited.look.decision[row])
    outcomes = audited.outcomes
    first = audited.first_flag[decision]
    return {
        "account_id": outcomes.account_ids[decision],
        "name": audited.name[decision] or None,
        "segment": audited.segment[decision] or None,
        "arr": number(outcomes.arr_before[decision]),
        "score": number(audited.health[row]),
        "as_of": to_date(int(audited.look.as_of[row])).isoformat(),
        "decided": to_date(int(outcomes.anchor[decision])).isoformat(),
        "first_red": None if np.isnan(first) else to_date(int(first)).isoformat(),
    }
