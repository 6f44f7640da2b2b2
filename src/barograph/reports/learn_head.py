"""The keys that every document of learning begins with; they exist before any week is scored."""

from __future__ import annotations

from typing import Any

from barograph.core.calendar import to_date
from barograph.pipeline.learn_inputs import Models


def learning_head(schema: str, models: Models, day: int) -> dict[str, Any]:
    """Schema, workspace, date, and the model in force with what its weights stand on."""
    model = models.in_force
    settings = models.workspace.settings
    return {
        "schema": schema,
        "workspace": settings.name,
        "workspace_as_of": to_date(day).isoformat(),
        "model": {
            "name": model.name,
            "version": None if models.version is None else models.version.key,
            "title": model.title,
        },
        "tier_labels": {tier.name: tier.label for tier in model.tiers},
        "label": model.stage,
        "outcomes": model.outcomes_behind,
        "currency": settings.currency.reporting,
    }
