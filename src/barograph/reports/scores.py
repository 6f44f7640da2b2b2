"""Score, tier, components and contributions per account, as the document scripts read
(`barograph.scores/1`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from barograph.core.calendar import to_date
from barograph.definitions.base import SignalTest
from barograph.definitions.model import Cap, ScoreModel
from barograph.definitions.signal import REASONS
from barograph.reports.context import Row, WeekContext
from barograph.reports.track_record import TrackRecordBook, track_record_for

SCHEMA = "barograph.scores/1"


def scores_document(context: WeekContext) -> dict[str, Any]:
    """Every account of a week."""
    accounts = [account_entry(row, context.model, context.book) for row in context.rows]
    return {**context.head(SCHEMA), "accounts": accounts}


def account_entry(row: Row, model: ScoreModel, book: TrackRecordBook) -> dict[str, Any]:
    """One account as it was published; see docs/reference/json.md for every key."""
    entry: dict[str, Any] = {
        "account_id": row["account_id"],
        "as_of": to_date(row["as_of"]).isoformat(),
        "name": row["name"],
        "segment": row["segment"],
        "plan": row["plan"],
        "lifecycle": row["lifecycle"],
        "owner": row["csm_email"],
        "parent_account_id": row["parent_account_id"],
        "arr": row["arr"],
        "renewal": day_text(row["term_end_day"]),
        "opt_out": day_text(row["opt_out_day"]),
        "score": row["score"],
        "tier": row["tier"],
        "computed_tier": row["computed_tier"],
        "tier_since": day_text(row["tier_since"]),
        "tier_reason": row["tier_reason"],
        "held_by": row["held_by"] or None,
        "pending_tier": row["pending_tier"],
        "insufficient_because": None if row["insufficient"] == "enough" else row["insufficient"],
        "coverage": row["coverage"],
        **renewal(row),
        "base": row["base"],
        "components": components(row, model),
        "caps": caps(row, model),
        "heading": row["heading"],
        "about_to_turn": row["about_to_turn"],
        "weeks_in_tier": row["weeks_in_tier"],
        "change": change(row),
        "track_record": track_record_for(book, row),
        **overlay_entry(row),
    }
    return entry


def overlay_entry(row: Row) -> dict[str, Any]:
    """The key `overlay`: what the account's pulse says and does; no key at all for a model without the rule."""
    if "overlay_rule" not in row:
        return {}
    pulse = None
    if row["pulse_day"] is not None:
        pulse = {
            "recorded_on": day_text(row["pulse_day"]),
            "valid_until": day_text(row["pulse_until"]),
            "sponsor_status": row["pulse_sponsor"],
            "executive_engagement": row["pulse_engagement"],
            "outcome_narrative": row["pulse_narrative"],
            "wanted_tier": row["pulse_wanted"],
            "opinion": row["pulse_opinion"],
            "countersigned_on": day_text(row["pulse_signed_day"]),
        }
    return {
        "overlay": {
            "state": row["pulse_state"],
            "rule": row["overlay_rule"] or None,
            "divergence": None if row["overlay_divergence"] == "none" else row["overlay_divergence"],
            "lift": row["overlay_lift"],
            "lift_until": day_text(row["overlay_lift_until"]),
            "pulse": pulse,
        }
    }


def renewal(row: Row) -> dict[str, Any]:
    """`renewal_probability` as it was stored, and why there is none: `insufficient`, or `not_calibrated` for a
    version whose scores were never set against outcomes as probabilities. Beside it the chances of growth and of
    downsell, None where nothing was learnt about them."""
    chance = row.get("renewal_probability")  # weeks stored before there were any have no such column
    why = None if chance is not None else "insufficient" if row["score"] is None else "not_calibrated"
    told = {"renewal_probability": chance, "renewal_probability_because": why}
    return told | {name: row.get(name) for name in ("expansion_probability", "downsell_probability")}


def components(row: Row, model: ScoreModel) -> list[dict[str, Any]]:
    """Components with their signals; contributions add up to the components', those to the score."""
    found: list[dict[str, Any]] = []
    for component in model.components:
        signals = [s for s in model.scored if s.component == component.name]
        if not signals:
            continue
        found.append(
            {
                "name": component.name,
                "label": component.label,
                "score": row[f"component.{component.name}"],
                "weight": row[f"component_weight.{component.name}"],
                "contribution": row[f"component_contribution.{component.name}"],
                "signals": [
                    {
                        "name": s.name,
                        "label": s.label,
                        "unit": s.unit,
                        "value": row[f"value.{s.name}"],
                        "normalised": row[f"points.{s.name}"],
                        "weight": row[f"weight.{s.name}"],
                        "contribution": row[f"contribution.{s.name}"],
                        "missing": missing(row[f"why.{s.name}"]),
                    }
                    for s in signals
                ],
            }
        )
    return found


def missing(code: int) -> str | None:
    """Why a value is missing, None when it is known."""
    return REASONS[code] if code else None


def caps(row: Row, model: ScoreModel) -> list[dict[str, Any]]:
    """Named limits that hold for the account this week, the growth gate among them."""
    by_name: Mapping[str, Cap] = {cap.name: cap for cap in model.caps}
    lines = [
        {
            "name": name,
            "label": by_name[name].label,
            "tier_at_most": by_name[name].tier_at_most,
            "points": row["cap_points"] if by_name[name].score_at_most is not None else 0.0,
            "holds_tier": row["held_by"] == name,
        }
        for name in row["caps"]
    ]
    if row["held_by"] == "growth_gate":
        test: SignalTest = model.growth_gate[row["gate_failed"]]
        label = f"Growth asks for {test.sentence()}"
        lines.append(
            {
                "name": "growth_gate",
                "label": label,
                "tier_at_most": "healthy",
                "points": 0.0,
                "holds_tier": True,
            }
        )
    return lines


def change(row: Row) -> dict[str, Any] | None:
    """The change since the week scored before, in lines that sum to the difference; None in an account's
    first week."""
    if row["change_statement"] == "first_week":
        return None
    return {
        "from": row["previous_score"],
        "to": row["score"],
        "since": day_text(row["previous_as_of"]),
        "statement": row["change_statement"],
        "items": [
            {
                "kind": item["kind"],
                "name": item["name"],
                "points": item["points"],
                "cause": item["cause"],
                "value_before": item["value_before"],
                "value_after": item["value_after"],
            }
            for item in sorted(row["change"], key=lambda item: (-abs(item["points"]), item["name"]))
        ],
    }


def day_text(day: int | None) -> str | None:
    """A day number as an ISO date; None stays None."""
    return None if day is None else to_date(int(day)).isoformat()
