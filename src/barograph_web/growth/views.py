"""The lists of the section: who is ready, hand-overs, success plans, advocates, escalations; and the rules
behind them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from barograph_web.growth import queries, services_rules
from barograph_web.growth.evidence import offered
from barograph_web.growth.follow_up import PATTERNS
from barograph_web.growth.forms import RulesForm
from barograph_web.growth.history import OvertakenError, RefusedError
from barograph_web.growth.models import Candidate, Finding, Readiness, RuleSet
from barograph_web.growth.rules import GrowthRules
from barograph_web.growth.views_common import scoped, shared
from barograph_web.ops.workspace import now, today
from barograph_web.portfolio.weeks import newest_week
from barograph_web.users.permissions import May, may, require

ROWS = 50
SHOWS = (("ready", "Ready"), ("near", "One condition short"), ("all", "All"))
STATES = {
    "plans": (("agreed", "Agreed"), ("proposed", "Proposed"), ("closed", "Closed"), ("all", "All")),
    "escalations": (("open", "Open"), ("resolved", "Resolved"), ("all", "All")),
}


@require_GET
@require(May.SEE_GROWTH)
def expansion(request: HttpRequest) -> HttpResponse:
    """Accounts that are ready to be offered more, by revenue, with what they do not have yet; and requests."""
    accounts, mine = scoped(request)
    show = _chosen(request, "show", SHOWS)
    page = Paginator(queries.judged(Readiness, accounts, show), ROWS).get_page(request.GET.get("page"))
    number, rules = services_rules.in_force()
    requests = queries.open_requests(accounts)
    context = shared(
        "expansion",
        page=page,
        show=show,
        shows=SHOWS,
        mine=mine,
        counts=queries.judged_counts(Readiness, accounts),
        work=queries.open_work([row.account.account_id for row in page.object_list]),
        requests=requests,
        names=queries.names_of(r.account_id for r in requests),
        products=sorted(offered()),
        rules=rules,
        stale=any(row.rules != number for row in page.object_list),
        week=newest_week(),
        may_export=may(request.user, May.EXPORT),
    )
    return render(request, "growth/expansion.html", context)


@require_GET
@require(May.SEE_GROWTH)
def pipeline(request: HttpRequest) -> HttpResponse:
    """Hand-overs with what came of them, open deals, and rates with their n and interval."""
    accounts, mine = scoped(request)
    rules = services_rules.in_force()[1]
    found = queries.pipeline(accounts, rules, today())
    rows = Paginator(found.rows, ROWS).get_page(request.GET.get("page"))
    ids = [row.account_id for row, _ in rows.object_list] + [d.account_id for d in found.open_deals[:ROWS]]
    context = shared(
        "pipeline",
        found=found,
        page=rows,
        open_deals=found.open_deals[:ROWS],
        names=queries.names_of(ids),
        rules=rules,
        mine=mine,
        now=now(),
        may_export=may(request.user, May.EXPORT),
    )
    return render(request, "growth/pipeline.html", context)


@require_GET
@require(May.SEE_GROWTH)
def plans(request: HttpRequest) -> HttpResponse:
    """Success plans with how far their goals are."""
    accounts, mine = scoped(request)
    state = _chosen(request, "state", STATES["plans"])
    page = Paginator(queries.plans(accounts, state), ROWS).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    counts = queries.plan_counts(rows)
    context = shared(
        "plans",
        page=page,
        rows=[(plan, counts.get(plan.pk, {})) for plan in rows],
        names=queries.names_of(plan.account_id for plan in rows),
        state=state,
        states=STATES["plans"],
        mine=mine,
        late=queries.late_goals(accounts, today()),
        may_export=may(request.user, May.EXPORT),
    )
    return render(request, "growth/plans.html", context)


@require_GET
@require(May.SEE_GROWTH)
def advocates(request: HttpRequest) -> HttpResponse:
    """Who can be asked for a favour, and what was asked."""
    accounts, mine = scoped(request)
    show = _chosen(request, "show", SHOWS)
    page = Paginator(queries.judged(Candidate, accounts, show), ROWS).get_page(request.GET.get("page"))
    asked = list(queries.asks(accounts).select_related("consent")[:ROWS])
    context = shared(
        "advocates",
        page=page,
        show=show,
        shows=SHOWS,
        mine=mine,
        counts=queries.judged_counts(Candidate, accounts),
        last=queries.candidates_asked(page.object_list),
        asks=asked,
        names=queries.names_of(a.account_id for a in asked),
        rules=services_rules.in_force()[1],
        may_export=may(request.user, May.EXPORT),
    )
    return render(request, "growth/advocates.html", context)


@require_GET
@require(May.SEE_GROWTH)
def escalations(request: HttpRequest) -> HttpResponse:
    """Escalations that people follow, those of the data beside them, and what preceded them."""
    accounts, mine = scoped(request)
    state = _chosen(request, "state", STATES["escalations"])
    page = Paginator(queries.escalations(accounts, state), ROWS).get_page(request.GET.get("page"))
    imported = list(queries.imported_escalations(accounts, state)[:ROWS])
    kept = Finding.objects.filter(name=PATTERNS).first()
    context = shared(
        "escalations",
        page=page,
        imported=imported,
        names=queries.names_of([r.account_id for r in page.object_list] + [r.account_id for r in imported]),
        state=state,
        states=STATES["escalations"],
        mine=mine,
        patterns=kept.document if kept is not None else None,
        patterns_at=kept.at if kept is not None else None,
        may_export=may(request.user, May.EXPORT),
    )
    return render(request, "growth/escalations.html", context)


@require_http_methods(["GET", "POST"])
@require(May.SEE_GROWTH)
def rules(request: HttpRequest) -> HttpResponse:
    """What counts as ready, as an advocate, as asked too often; for CS Ops to change, with a reason."""
    number, standing = services_rules.in_force()
    editable = may(request.user, May.EDIT_MODELS)
    if request.method == "GET":
        return _rules_page(request, RulesForm(rules=standing, number=number), editable)
    require(May.EDIT_MODELS)(lambda _request: HttpResponse())(request)
    form = RulesForm(request.POST, rules=standing, number=number)
    if not form.is_valid():
        return _rules_page(request, form, editable, status=422)
    data = form.cleaned_data
    try:
        services_rules.write_rules(
            form.values(),
            seen=data["seen"],
            reason=data["reason"],
            by=request.user,
            now=now(),  # type: ignore[arg-type]
        )
    except RefusedError as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return _rules_page(request, form, editable, status=422)
    except OvertakenError:
        again = RulesForm(rules=standing, number=number)
        return _rules_page(request, again, editable, status=409, overtaken=True)
    messages.success(request, "The rules are in force. The lists are worked out anew in a moment.")
    return redirect("growth:rules")


def _rules_page(
    request: HttpRequest, form: RulesForm, editable: bool, status: int = 200, **more: Any
) -> HttpResponse:
    titles = {name: (field.title or name) for name, field in GrowthRules.model_fields.items()}
    versions = list(RuleSet.objects.all()[:20])
    context = shared(
        "rules", form=form, editable=editable, versions=versions, groups=_groups(form, titles), **more
    )
    return render(request, "growth/rules.html", context, status=status)


def _groups(form: RulesForm, titles: dict[str, str]) -> list[tuple[str, list[Any]]]:
    """The fields under the first word of their title: "Ready: tier at least" is "Tier at least" under "Ready"."""
    found: dict[str, list[Any]] = {}
    for name, title in titles.items():
        group, _, words = title.partition(": ")
        found.setdefault(group, []).append((form[name], f"{words[:1].upper()}{words[1:]}"))
    return list(found.items())


def _chosen(request: HttpRequest, name: str, choices: tuple[tuple[str, str], ...]) -> str:
    """What the address asks for, or the first of the choices."""
    wanted = request.GET.get(name, "")
    return wanted if wanted in dict(choices) else choices[0][0]
