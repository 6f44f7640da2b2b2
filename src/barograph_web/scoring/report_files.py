"""Validation reports as the worker writes them: WORKSPACE/application/reports/<date>-<version>.html."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from barograph.pipeline.registry import write_once
from barograph.reports.render.validate_html import validate_html
from barograph.workspace import Workspace

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'"
)
"""A report is one file with its own style and no script; it may be framed by the page it belongs to."""
_NAME = re.compile(r"^\d{4}-\d{2}-\d{2}-[a-z][a-z0-9_]{0,62}(-v\d{1,6})?\.html$")


def folder_of(place: Workspace) -> Path:
    """Where reports lie."""
    return place.path / "application" / "reports"


def write(place: Workspace, key: str, document: Mapping[str, Any]) -> Path:
    """Write the report of a validation document; a later one of the same day takes its place."""
    path = folder_of(place) / f"{document['workspace_as_of']}-{key}.html"
    write_once(path, validate_html(dict(document)))
    return path


def find(place: Workspace, name: str) -> Path | None:
    """The report of that name; None for a name that no report can have, or that is not there."""
    path = folder_of(place) / name
    return path if _NAME.match(name) and path.is_file() else None


def newest(place: Workspace, key: str) -> str | None:
    """The name of a version's newest report."""
    found = sorted(p.name for p in folder_of(place).glob(f"*-{key}.html") if _NAME.match(p.name))
    return found[-1] if found else None
