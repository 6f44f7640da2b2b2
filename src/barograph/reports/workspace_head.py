"""The keys that every document begins with, for documents about the workspace rather than one published week."""

from __future__ import annotations

from typing import Any

from barograph.core.calendar import to_date
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import load_model
from barograph.errors import BarographError
from barograph.pipeline.registry import Registry
from barograph.pipeline.score_store import published_weeks
from barograph.workspace import Workspace


def workspace_head(workspace: Workspace, schema: str, day: int | None = None) -> dict[str, Any]:
    """Schema, workspace, date, and the model of the model file with what its weights stand on.

    day: the day the document is about; without it the last published week counts, null before the first.
    Where the model file is missing or wrong, `model`, `label` and `outcomes` are null: a document about
    something else is still told.
    """
    last = max(published_weeks(workspace.lake.manifest()), default=None) if day is None else day
    head = {
        "schema": schema,
        "workspace": workspace.settings.name,
        "workspace_as_of": None if last is None else to_date(last).isoformat(),
        "currency": workspace.settings.currency.reporting,
    }
    try:
        model = load_model(workspace.model_file())
    except BarographError:
        return {**head, "model": None, "label": None, "outcomes": None}
    return {**head, **model_head(workspace, model)}


def model_head(workspace: Workspace, model: ScoreModel) -> dict[str, Any]:
    """`model`, `label` and `outcomes` of a definition; its version is null until it scored a week."""
    version = Registry(workspace.path / "registry").find(model)
    return {
        "model": {"name": model.name, "version": version.key if version else None, "title": model.title},
        "label": model.stage,
        "outcomes": model.outcomes_behind,
    }
