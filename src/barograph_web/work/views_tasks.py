"""One task: at the side of the list by htmx, as a page of its own without; what can be done to it and to many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from barograph_web.ops import workspace
from barograph_web.plays.errors import RefusedError
from barograph_web.plays.models import Task
from barograph_web.users.permissions import May, may, require
from barograph_web.work import actions, services
from barograph_web.work.actions import ACTIONS, Action, Chosen, Result
from barograph_web.work.forms import CommentForm
from barograph_web.work.models import Comment
from barograph_web.work.queries_task import page_of, task_of

CHANGED = "work-changed"
"""Event of the browser after which the list is read again."""
SIDE = "side"


@require_GET
@require(May.SEE_WORK)
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one task."""
    return _task_page(request, _task(request, pk))


@require_http_methods(["GET", "POST"])
@require(May.WORK)
def act(request: HttpRequest, do: str) -> HttpResponse:
    """The form of an action for the tasks chosen (GET), and its answer: what became of each.

    422: what to change, nothing was done; 409: somebody was quicker, with what stands now. Where some were done and
    others not, 200 with what failed beside each.
    """
    action = ACTIONS.get(do)
    if action is None:
        raise Http404(f"There is no action {do[:40]!r}.")
    today = workspace.today()
    values = (request.POST if request.method == "POST" else request.GET).getlist("task")
    tasks = actions.chosen(values, request.user, today)
    if not tasks:
        return _nothing_chosen(request, action)
    if request.method == "GET":
        return _form_page(request, action, tasks, actions.form_of(action, None, today))
    form = actions.form_of(action, request.POST, today)
    if not form.is_valid():
        return _form_page(request, action, tasks, form, status=422)
    results = actions.act(action, tasks, form.cleaned_data, by=request.user, today=today)
    failed = [result for result in results if result.error]
    if not failed:
        return _all_done(request, action, results)
    return _some_failed(request, action, results, form)


@require_POST
@require(May.WORK)
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a comment; who is named in it is told."""
    found = _task(request, pk)
    page = page_of(request.user, workspace.today(), found)
    if page.account is None:
        raise Http404("The account of this task is not shared with you.")
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            services.write_comment(
                found, page.account, by=request.user, body=form.cleaned_data["body"], now=workspace.now(),
                today=workspace.today(),
            )  # fmt: skip
        except RefusedError as refused:
            form.add_error(refused.field, str(refused))
        else:
            if _from_htmx(request):
                return _comments(request, found, CommentForm())
            return redirect(f"{reverse('work:task', args=[found.pk])}#comments")
    if _from_htmx(request):
        return _comments(request, found, form, status=422)
    return _task_page(request, found, comment_form=form, status=422)


@require_POST
@require(May.WORK)
def erase_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase a comment for good: one's own, or anybody's with the right to erase people's data."""
    found = get_object_or_404(Comment, pk=pk)
    on = _task(request, found.task_id)
    services.erase_comment(found, by=request.user, now=workspace.now())
    if _from_htmx(request):
        return _comments(request, on, CommentForm())
    return redirect(f"{reverse('work:task', args=[on.pk])}#comments")


def _task(request: HttpRequest, pk: int) -> Task:
    found = task_of(request.user, workspace.today(), pk)
    if found is None:
        raise Http404("There is no such task, or it is not shared with you.")
    return found


def _task_page(request: HttpRequest, found: Task, *, status: int = 200, **more: Any) -> HttpResponse:
    today = workspace.today()
    context = {
        "page": page_of(request.user, today, found),
        "comment_form": CommentForm(),
        "people": services.can_be_named_on(found, today),
        **_shared(request),
        **more,
    }
    return render(request, "work/_task.html" if context["side"] else "work/task.html", context, status=status)


def _comments(request: HttpRequest, found: Task, form: CommentForm, status: int = 200) -> HttpResponse:
    today = workspace.today()
    context = {
        "page": page_of(request.user, today, found),
        "comment_form": form,
        "people": services.can_be_named_on(found, today),
        **_shared(request),
    }
    return render(request, "work/_comments.html", context, status=status)


def _form_page(
    request: HttpRequest,
    action: Action,
    tasks: Sequence[Chosen],
    form: forms.Form,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {"action": action, "chosen": tasks, "form": form, **_shared(request), **more}
    return render(request, "work/_act.html" if context["side"] else "work/act.html", context, status=status)


def _nothing_chosen(request: HttpRequest, action: Action) -> HttpResponse:
    """A form without a task: it was sent without one, or those in it are not theirs to see."""
    words = f"Choose at least one task to {action.label.lower()}."
    if _from_htmx(request):
        return render(
            request, "work/_act.html", {"action": action, "nothing": words, **_shared(request)}, status=422
        )
    messages.warning(request, words)
    return HttpResponseRedirect(_next(request))


def _all_done(request: HttpRequest, action: Action, results: Sequence[Result]) -> HttpResponse:
    words = (
        f"{action.done}: {results[0].task.title}."
        if len(results) == 1
        else f"{action.done}: {len(results)} tasks."
    )
    if _from_htmx(request):
        answer = render(request, "work/_done.html", {"words": words, "action": action, "results": results})
        answer["HX-Trigger"] = CHANGED
        return answer
    messages.success(request, words)
    return HttpResponseRedirect(_next(request))


def _some_failed(
    request: HttpRequest, action: Action, results: Sequence[Result], form: forms.Form
) -> HttpResponse:
    failed = [result for result in results if result.error]
    again = [
        Chosen(result.task, result.task.revision, result.account)
        for result in failed
        if not result.task.is_final
    ]
    nothing_done = len(failed) == len(results)
    status = 200
    if nothing_done:
        status = 409 if any(result.overtaken for result in failed) else 422
    if len(failed) == 1 and failed[0].field in form.fields:
        form.add_error(failed[0].field, failed[0].error)
    answer = _form_page(
        request, action, again, form, status=status, failed=failed, done=len(results) - len(failed),
        overtaken=any(result.overtaken for result in failed),
    )  # fmt: skip
    if not nothing_done or any(result.overtaken for result in failed):
        answer["HX-Trigger"] = CHANGED
    return answer


def _shared(request: HttpRequest) -> dict[str, Any]:
    return {
        "today": workspace.today(),
        "now": workspace.now(),
        "side": request.headers.get("HX-Target") == SIDE,
        "next": _next(request),
        "actions": ACTIONS,
        "can_work": may(request.user, May.WORK),
    }


def _from_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _next(request: HttpRequest) -> str:
    """Where to go on afterwards: an address of this application, the list without one."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return wanted if safe else reverse("work:list")
