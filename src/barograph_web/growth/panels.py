"""What this app shows on an account's page: readiness and hand-over, the success plan, escalations; and its
timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest

from barograph_web.growth import queries_account
from barograph_web.growth.models import Entry, Readiness, Thing
from barograph_web.growth.views_common import MOVED
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.queries_account import AccountPage
from barograph_web.portfolio.timeline import Event, register_source
from barograph_web.ui.formats import day as day_of
from barograph_web.ui.panels import Panel
from barograph_web.ui.panels import register as register_panel
from barograph_web.users.permissions import May, may

Context = Mapping[str, Any] | None
TOLD = (Thing.HAND_OVER, Thing.ESCALATION, Thing.GOAL, Thing.ASK)
TOLD_MOVES = frozenset(
    {"begin", "accept", "refuse", "resolve", "reopen", "confirm", "miss", "agree", "done", "conclude"}
)
TONES = {
    "refuse": "bad",
    "miss": "bad",
    "reopen": "bad",
    "resolve": "good",
    "confirm": "good",
    "accept": "good",
}


def hand_over(request: HttpRequest, page: AccountPage) -> Context:
    """Which conditions of readiness hold, what they have not bought, hand-overs and requests."""
    return {
        "judged": Readiness.objects.filter(account=page.account).first(),
        "hand_overs": queries_account.hand_overs_of(page.account),
        "requests": queries_account.requests_of(page.account),
        "works": may(request.user, May.WORK) and page.account.is_current,
        "today": page.today,
    }


def plan(request: HttpRequest, page: AccountPage) -> Context:
    """The success plan in short."""
    return {
        "found": queries_account.plan_page(page.account),
        "works": may(request.user, May.WORK),
        "today": page.today,
    }


def escalations(request: HttpRequest, page: AccountPage) -> Context:
    """Escalations of both sources."""
    found = queries_account.escalations_of(page.account)
    return {**found, "works": may(request.user, May.WORK), "today": page.today}


def events(account: Account, most: int) -> Iterable[Event]:
    """What happened here, for the timeline. What was said stays on the pages of the things."""
    rows = Entry.objects.filter(account_id=account.account_id, thing__in=TOLD, move__in=TOLD_MOVES)
    for row in rows[:most]:
        on = day_of(row.at)
        if on is not None:
            tone = "bad" if (row.thing, row.move) == (Thing.ESCALATION, "begin") else TONES.get(row.move, "")
            words = f"{row.get_thing_display()}: {row.by_label} {MOVED.get(row.move, row.move)}"
            yield Event(on, "success", "Success", words, tone)


def register() -> None:
    """Called once, when the application starts. Guests do not see these."""

    def sees(user: Any) -> bool:
        return may(user, May.SEE_GROWTH)

    for position, name, title, context in (
        (42, "success-plan", "Success plan", plan),
        (44, "expansion", "Expansion and hand-over", hand_over),
        (46, "escalations", "Escalations", escalations),
    ):
        template = f"growth/panels/{name}.html"
        register_panel(Panel("account", position, name, title, template, context, allowed=sees))
    register_source("success", "Success", events)
