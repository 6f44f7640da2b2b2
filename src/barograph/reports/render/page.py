"""What every HTML page of ours shares: one file, no script, nothing from outside, its own content security policy.

Nothing may load, and the only style allowed is the one inside, by its hash. Every text is escaped.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from barograph.charts.palette import css_name, stylesheet


def page(template: str, style: str, environment: Environment, **values: Any) -> str:
    """A whole page. style: all of its CSS, see `style_of`."""
    return environment.get_template(template).render(
        style=Markup(style),  # noqa: S704 - our own stylesheet, nothing of a document is in it
        policy=policy(style),
        **values,
    )


@lru_cache
def style_of(sheet: str) -> str:
    """All CSS of a page: colours and marks, what every page shares, then its own sheet ("review.css")."""
    source = environment()
    assert source.loader is not None  # noqa: S101 - set two lines below
    parts = [source.loader.get_source(source, name)[0] for name in ("page.css", sheet)]
    return stylesheet() + "".join(parts)


def policy(style: str) -> str:
    """The content security policy of a page with this style."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def environment() -> Environment:
    """Templates with escaping on and missing values as errors."""
    found = Environment(
        loader=PackageLoader("barograph.reports.render"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    found.filters.update(css_name=css_name)
    return found
