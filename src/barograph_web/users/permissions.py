"""What each role may do. One table; views ask `require`, templates ask `may`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from barograph_web.users.models import Role, User

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


class May(StrEnum):
    """Things that can be done. Which accounts they can be done on is a second question (portfolio/visibility.py)."""

    SEE_REVIEW = "see_review"
    SEE_PORTFOLIO = "see_portfolio"
    SEE_ACCOUNTS = "see_accounts"
    DECIDE = "decide"
    WRITE_NOTES = "write_notes"
    CLOSE_REVIEW = "close_review"
    SEE_MODELS = "see_models"
    EDIT_MODELS = "edit_models"
    APPROVE_MODELS = "approve_models"
    SEE_DATA = "see_data"
    BRING_DATA = "bring_data"
    SHARE_ACCOUNTS = "share_accounts"
    MANAGE_PEOPLE = "manage_people"
    SEE_AUDIT = "see_audit"
    SEE_RUNS = "see_runs"
    START_RUNS = "start_runs"
    SEE_SETTINGS = "see_settings"
    OWN_TOKENS = "own_tokens"
    ERASE_PEOPLE = "erase_people"
    EXPORT = "export"
    SEE_WORK = "see_work"
    WORK = "work"
    LEAD_WORK = "lead_work"
    SEE_PLAYS = "see_plays"
    WRITE_PULSES = "write_pulses"
    COUNTERSIGN = "countersign"
    SEE_GROWTH = "see_growth"
    OWN_ALERTS = "own_alerts"
    MANAGE_WEBHOOKS = "manage_webhooks"


_SEES = frozenset(
    {
        May.SEE_REVIEW,
        May.SEE_PORTFOLIO,
        May.SEE_ACCOUNTS,
        May.SEE_MODELS,
        May.SEE_PLAYS,
        May.SEE_GROWTH,
        May.OWN_ALERTS,
    }
)
_WORKS = _SEES | {
    May.DECIDE,
    May.WRITE_NOTES,
    May.OWN_TOKENS,
    May.EXPORT,
    May.SEE_DATA,
    May.SEE_WORK,
    May.WORK,
    May.WRITE_PULSES,
}

CAPABILITIES: dict[str, frozenset[May]] = {
    Role.CSM: _WORKS,
    Role.ACCOUNT_MANAGER: _WORKS,
    Role.LEADER: _WORKS
    | {
        May.CLOSE_REVIEW,
        May.APPROVE_MODELS,
        May.SHARE_ACCOUNTS,
        May.SEE_AUDIT,
        May.SEE_RUNS,
        May.LEAD_WORK,
        May.COUNTERSIGN,
    },
    Role.OPS: _WORKS
    | {
        May.EDIT_MODELS,
        May.BRING_DATA,
        May.SEE_RUNS,
        May.START_RUNS,
        May.SEE_SETTINGS,
        May.SEE_AUDIT,
        May.MANAGE_WEBHOOKS,
    },
    Role.EXECUTIVE: _SEES | {May.EXPORT},
    Role.GUEST: frozenset({May.SEE_ACCOUNTS}),
    Role.ADMINISTRATOR: frozenset(May),
}


def may(user: Any, what: May | str) -> bool:
    """Whether a person may do something at all. Nobody who is not signed in may do anything."""
    return isinstance(user, User) and user.is_active and May(what) in CAPABILITIES[user.role]


def require(what: May) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A view for those who may do `what`; others get 403. The first argument of the view is the request."""

    def around(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            request = args[0]
            if not isinstance(request, HttpRequest):
                raise TypeError(f"the first argument of {view.__name__} is the request")
            if not may(request.user, what):
                raise PermissionDenied(f"Your role does not include: {what.value.replace('_', ' ')}.")
            return view(*args, **kwargs)

        guarded.required = what  # type: ignore[attr-defined]
        return guarded

    return around
