"""The lines over every list of scores: which week, which model, and what its weights stand on."""

from __future__ import annotations

from typing import Any

LABELS = {
    "heuristic": "HEURISTIC: expert weights, not validated against renewals yet",
    "validated_heuristic": "HEURISTIC, VALIDATED: expert weights that were checked on {n} outcomes",
    "blended": "BLENDED: expert weights moved by {n} outcomes",
    "predictive": "PREDICTIVE: weights from {n} outcomes",
}


def label_words(label: str, outcomes: int) -> str:
    """What a score's weights stand on, in words."""
    return LABELS[label].format(n=f"{outcomes:,}")


def heading_lines(document: dict[str, Any]) -> list[str]:
    """Two lines: the week and model, and the label (L3: shown wherever a score is)."""
    model = document["model"]
    filled = " (filled in afterwards)" if document.get("filled_in") else ""
    if document.get("between_weeks"):
        filled = " (between two weeks: computed now, not part of the history)"
    if document.get("shadow"):
        filled += " (in the shadow: scored beside the model in force)"
    stands = (
        f"{label_words(document['label'], document['outcomes'])}. Scores are 0 to 100, higher is healthier."
    )
    if document.get("probability"):
        stands += (
            f" Renewal probabilities are calibrated on {document['probability']['outcomes']:,} outcomes."
        )
    return [
        f"{document['workspace']} as of {document['workspace_as_of']}{filled}, model {model['version']}",
        stands,
    ]
