"""Accounts, their scores with what these are made of, and their history."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router

from barograph_web.api.auth import caller, needs
from barograph_web.api.paging import Page, Paging, paged, tag_of, unchanged, week_asked
from barograph_web.api.problems import ProblemError
from barograph_web.api.schemas import AccountOut, DecisionOut, HistoryOut, ScoreOut
from barograph_web.ops.workspace import today
from barograph_web.portfolio.filters import SORTS, Filters, order
from barograph_web.portfolio.models import Account, Standing, Week
from barograph_web.portfolio.queries_list import narrowed
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.portfolio.weeks import account_weeks
from barograph_web.users.models import Scope
from barograph_web.users.permissions import May

router = Router(tags=["accounts"], auth=needs(Scope.READ, May.SEE_PORTFOLIO))


def standing_out(standing: Standing, week: Week) -> dict[str, Any]:
    """A standing as the API gives it."""
    return {
        "as_of": week.as_of,
        "model_version": week.model_version,
        "label": week.label,
        "score": standing.score,
        "tier": standing.tier,
        "previous_tier": standing.previous_tier,
        "tier_since": standing.tier_since,
        "change_4_weeks": standing.change_4_weeks,
        "moved": standing.moved or None,
        "about_to_turn": standing.about_to_turn,
        "rank": standing.rank,
    }


def account_out(account: Account, standing: Standing | None, week: Week) -> dict[str, Any]:
    """An account as the API gives it."""
    shown = (
        "account_id", "name", "segment", "plan", "lifecycle", "csm_email", "am_email", "parent_account_id", "arr",
        "renewal_on", "opt_out_on", "notice_given", "last_touch_on",
    )  # fmt: skip
    found = {name: getattr(account, name) for name in shown}
    return found | {"standing": None if standing is None else standing_out(standing, week)}


def one_account(request: HttpRequest, account_id: str) -> Account:
    """The account when the caller may see it, else 404."""
    found = visible_accounts(caller(request).user, today()).filter(account_id=account_id).first()
    if found is None:
        raise Http404
    return found


@router.get("/accounts", response=Page[AccountOut], operation_id="list_accounts")
def list_accounts(
    request: HttpRequest,
    paging: Query[Paging],
    q: str = Query("", description="Part of the name or id."),
    tier: list[str] = Query([], description="One or more tiers."),  # noqa: B008 - ninja reads defaults
    segment: str = "",
    plan: str = "",
    lifecycle: str = "",
    csm: str = Query("", description="Address of the CSM; - for none."),
    am: str = Query("", description="Address of the account manager; - for none."),
    moved: str = Query("", description="any, worse, newly_healthy, growth, better, moved_by_model, ..."),
    within: str = Query("", description="Opt-out deadline in at most so many days."),
    sort: str = Query(
        "risk", description="risk, name, score, change, arr, renewal, opt_out; with - the other way."
    ),
) -> dict[str, Any]:
    """Accounts of the newest week, worst first."""
    del q, tier, segment, plan, lifecycle, csm, am, moved, within  # read together, as the portfolio page does
    filters = Filters.read(request.GET)
    if filters.wrong:
        raise ProblemError(422, " ".join(filters.wrong.values()), errors=_errors(filters))
    if sort.removeprefix("-") not in SORTS:
        raise ProblemError(422, f"sort: {sort[:40]!r} is none of {', '.join(SORTS)}.")
    week, user = week_asked(None), caller(request).user
    rows = narrowed(week, visible_accounts(user, today()), filters, user, today())
    return paged(
        request, rows.order_by(*order(sort)), paging, lambda row: account_out(row.account, row, week)
    )


@router.get("/accounts/{account:account_id}", response=AccountOut, operation_id="get_account")
def get_account(request: HttpRequest, account_id: str) -> dict[str, Any]:
    """One account."""
    found = one_account(request, account_id)
    week = week_asked(None)
    return account_out(found, _of_week(found, week), week)


@router.get("/accounts/{account:account_id}/score", response={200: ScoreOut}, operation_id="get_score")
def get_score(
    request: HttpRequest, response: HttpResponse, account_id: str, week: date | None = None
) -> HttpResponse | dict[str, Any]:
    """The score of one week with all that it is made of: the newest week, or the one before."""
    account, found = one_account(request, account_id), week_asked(week)
    tag = tag_of(request, found, today())
    if (same := unchanged(request, tag)) is not None:
        return same
    standing = Standing.objects.filter(week=found, account=account).first()
    if standing is None:
        raise ProblemError(
            404, f"{account_id} has no decomposition of {found.as_of}: the newest two weeks have one."
        )
    response["ETag"] = tag
    return {
        "account_id": account_id,
        "standing": standing_out(standing, found),
        "decomposition": standing.detail,
    }


@router.get("/accounts/{account:account_id}/history", response=Page[HistoryOut], operation_id="get_history")
def get_history(request: HttpRequest, account_id: str, paging: Query[Paging]) -> dict[str, Any]:
    """All published weeks of one account, newest first."""
    account = one_account(request, account_id)
    rows = (
        account_weeks(Account.objects.filter(pk=account.pk)).select_related("week").order_by("-week__as_of")
    )
    rows = rows.only("score", "tier", "computed_tier", "arr", "week__as_of")
    return paged(
        request,
        rows,
        paging,
        lambda row: {
            "as_of": row.week.as_of,
            "score": row.score,
            "tier": row.tier,
            "computed_tier": row.computed_tier,
            "arr": row.arr,
        },
    )


@router.get(
    "/accounts/{account:account_id}/decisions",
    response=Page[DecisionOut],
    operation_id="get_account_decisions",
)
def get_decisions(request: HttpRequest, account_id: str, paging: Query[Paging]) -> dict[str, Any]:
    """All decisions on one account, newest first, those that were replaced as well."""
    from barograph_web.api.decisions import decision_out, with_what_followed  # noqa: PLC0415 - decisions know accounts

    account = one_account(request, account_id)
    return paged(request, with_what_followed().filter(account_id=account.account_id), paging, decision_out)


@router.get("/scores", response={200: Page[ScoreOut]}, operation_id="list_scores")
def list_scores(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], week: date | None = None
) -> HttpResponse | dict[str, Any]:
    """Scores of one of the newest two weeks with their decomposition, by account id."""
    found, user = week_asked(week), caller(request).user
    tag = tag_of(request, found, today())
    if (same := unchanged(request, tag)) is not None:
        return same
    accounts = visible_accounts(user, today())
    rows = Standing.objects.filter(week=found, account__in=accounts).select_related("account")
    rows = rows.defer("review", "history").order_by("account__account_id")
    response["ETag"] = tag
    return paged(
        request,
        rows,
        paging,
        lambda row: {
            "account_id": row.account.account_id,
            "standing": standing_out(row, found),
            "decomposition": row.detail,
        },
    )


def _of_week(account: Account, week: Week) -> Standing | None:
    return Standing.objects.filter(week=week, account=account).defer("detail", "review").first()


def _errors(filters: Filters) -> list[dict[str, str]]:
    return [{"field": key, "detail": text} for key, text in filters.wrong.items()]
