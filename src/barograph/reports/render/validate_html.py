"""The validation report as one HTML file: opens anywhere, prints, reads in light and dark."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment
from markupsafe import Markup

from barograph.reports.render.page import environment, page, style_of
from barograph.reports.render.phrases import Record
from barograph.reports.render.validate_view import validate_view


def validate_html(document: Record) -> str:
    """The page of a `barograph.validate/1` document."""
    return page("validate.html.j2", style_of("validate.css"), _environment(), view=validate_view(document))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    found = environment()
    found.filters.update(mark=_mark)
    return found


def _mark(svg: str) -> Markup:
    """Marks are markup that `barograph.charts.svg` has escaped piece by piece."""
    return Markup(svg)  # noqa: S704
