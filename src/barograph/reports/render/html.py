"""The review as one HTML file: no script, no address outside, nothing to install; opens anywhere and prints.

The page states its own content security policy: nothing may load, and the only style allowed is the one inside,
by its hash. Every text of the document is escaped.
"""

from __future__ import annotations

import re
from functools import lru_cache

from jinja2 import Environment
from markupsafe import Markup, escape

from barograph.charts.marks import TierShare, change_bar, history_bars, share_bar, tier_bar
from barograph.reports.render.account_view import AccountView, Line
from barograph.reports.render.page import environment, page, style_of
from barograph.reports.render.phrases import ARROWS, Record
from barograph.reports.render.portfolio_view import TierView
from barograph.reports.render.review_view import review_view


def review_html(document: Record) -> str:
    """The page of a `barograph.review/1` document."""
    view = review_view(document)
    return page("review.html.j2", page_style(), _environment(), view=view, arrows=ARROWS)


def page_style() -> str:
    """All CSS of the page."""
    return style_of("review.css")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    found = environment()
    found.filters.update(together=_together, commands=_commands)
    found.globals.update(history=_history, change=_change, tiers_bar=_tiers, share=_share)
    return found


def _together(text: str) -> str:
    """The text in one line: an amount stays with its currency."""
    return text.replace(" ", "\u00a0")


def _commands(text: str) -> Markup:
    """The text escaped, with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first


# The marks are markup that `barograph.charts.svg` has escaped piece by piece.
def _history(account: AccountView) -> Markup:
    return Markup(history_bars(account.history, account.tier, account.tier_lines))  # noqa: S704


def _change(line: Line, widest: float) -> Markup:
    return Markup(change_bar(line.points, widest))  # noqa: S704


def _tiers(tiers: tuple[TierView, ...]) -> Markup:
    return Markup(tier_bar([TierShare(t.tier, t.label, t.arr) for t in tiers]))  # noqa: S704


def _share(tier: TierView) -> Markup:
    return Markup(share_bar(tier.share, tier.tier))  # noqa: S704
