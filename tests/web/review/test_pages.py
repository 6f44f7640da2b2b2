"""The review's pages: every address by every role, every state, what is shown escaped, forms that say what to change,
stale forms refused with what changed (R1, X2; permission, examples)."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from barograph_web.portfolio.models import Account, Standing, Week
from barograph_web.portfolio.remembered import forget
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.review import services
from barograph_web.review.models import Decision, Minutes
from barograph_web.scoring.models import VersionRelease
from barograph_web.users.models import User
from support.web_people import People
from support.web_review import TODAY, Monday, monday, planned

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
EVIL = "<script>alert('x')</script>"


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The company's newest week is that of this Wednesday."""
    monkeypatch.setattr("barograph_web.ops.workspace.today", lambda: TODAY)


@pytest.fixture
def week(people: People) -> Monday:
    return monday()


def text_of(client: Client, path: str, status: int = 200, **data: str) -> str:
    answer = client.get(path, data)
    assert answer.status_code == status, answer.content[:400]
    return answer.content.decode()


def sent(week: Monday, **more: str) -> dict[str, str]:
    return {"week": week.week.as_of.isoformat(), "seen": "", **more}


# Who may do what: (method, name, roles that may). Accounts are each person's own.
READERS = {"csm", "account_manager", "leader", "ops", "executive", "administrator"}
WORKERS = READERS - {"executive"}
CLOSERS = {"leader", "administrator"}
ADDRESSES = [
    ("get", "review:week", [], READERS),
    ("get", "review:export", [], READERS),
    ("get", "review:agenda", [], READERS),
    ("get", "review:agenda_file", ["html"], READERS),
    ("get", "review:agenda_file", ["md"], READERS),
    ("get", "review:minutes_list", [], READERS),
    ("post", "review:close", [], CLOSERS),
    ("post", "review:release", [], CLOSERS),
    ("get", "review:entry", ["ACCOUNT"], READERS),
    ("get", "review:decide", ["ACCOUNT"], WORKERS),
    ("post", "review:decide", ["ACCOUNT"], WORKERS),
    ("post", "review:agree", ["ACCOUNT"], WORKERS),
    ("post", "review:undo", ["ACCOUNT"], WORKERS),
]


@pytest.mark.parametrize(
    ("method", "name", "parts", "allowed"), ADDRESSES, ids=[" ".join((a[0], a[1], *a[2])) for a in ADDRESSES]
)
def test_every_address_by_every_role(
    people: People,
    week: Monday,
    client_of: SignedIn,
    method: str,
    name: str,
    parts: list[str],
    allowed: set[str],
) -> None:
    for person in people.all():
        own = Standing.objects.filter(week=week.week, account__in=visible_accounts(person, TODAY)).first()
        account = own.account if own is not None else week.listed[0]
        path = reverse(name, args=[account.account_id if p == "ACCOUNT" else p for p in parts])
        client = client_of(person)
        latest = services.latest_of(account.account_id, week.week.as_of)
        data = sent(week, verdict="agree", seen=str(latest.pk) if latest else "") if method == "post" else {}
        status = getattr(client, method)(path, data).status_code
        assert (status == 403) == (person.role not in allowed), f"{person.role} {method} {path}: {status}"
        if person.role in allowed:
            assert status in (200, 302), f"{person.role} {method} {path}: {status}"
    assert Client().get(reverse("review:week")).status_code == 302, "who is not signed in signs in first"


@pytest.mark.parametrize("name", ["entry", "decide", "agree", "undo"])
def test_other_peoples_accounts_are_not_there(
    people: People, week: Monday, client_of: SignedIn, name: str
) -> None:
    foreign = Account.objects.exclude(pk__in=visible_accounts(people.carla, TODAY)).first()
    assert foreign is not None
    for key in (foreign.account_id, "no-such-account"):
        path = reverse(f"review:{name}", args=[key])
        client = client_of(people.carla)
        answer = client.get(path) if name in ("entry", "decide") else client.post(path, sent(week))
        assert answer.status_code == 404
    old = planned(foreign, week.before, people.ada, due_in=1)
    assert (
        client_of(people.carla).post(reverse("review:outcome", args=[old.pk]), {"result": "done"}).status_code
        == 404
    )


def test_the_page_says_what_the_review_says(people: People, week: Monday, client_of: SignedIn) -> None:
    text = text_of(client_of(people.ada), "/review/")
    first = Standing.objects.get(week=week.week, rank=1)
    for part in (
        first.account.name, "need attention", "HEURISTIC", "higher is healthier", "a hypothesis",
        f"of {queries_length(week)} decided", 'class="mark spark"', "What moved since last week", "Would lift it",
    ):  # fmt: skip
        assert part in text, part
    assert text.count('class="entry') >= queries_length(week)
    for other in ("worse", "newly_healthy", "growth", "better", "new", "moved_by_model", "nonsense"):
        assert "Tiers by revenue" in text_of(client_of(people.ada), "/review/", show=other)


def queries_length(week: Monday) -> int:
    return Standing.objects.filter(week=week.week, rank__isnull=False).count()


def test_without_weeks_the_page_says_what_to_do(people: People, client_of: SignedIn) -> None:
    Week.objects.all().update(is_shown=False)
    assert "CS Ops brings the data in" in text_of(client_of(people.carla), "/review/")
    assert "No week has been scored yet" in text_of(client_of(people.otto), "/review/")


def test_a_week_that_is_not_kept_is_not_there(people: People, client_of: SignedIn) -> None:
    for asked in ("1999-01-04", "yesterday"):
        assert "not kept" in text_of(client_of(people.carla), "/review/", 404, week=asked)


def test_an_older_week_shows_what_was_decided(people: People, week: Monday, client_of: SignedIn) -> None:
    old = Week.objects.all()[4]
    planned(week.listed[0], old, people.ada, due_in=3, step="Call the sponsor")
    text = text_of(client_of(people.ada), "/review/", week=old.as_of.isoformat())
    assert "Call the sponsor" in text and "barograph review --as-of" in text


def test_nobodys_accounts_are_an_empty_review(people: People, week: Monday, client_of: SignedIn) -> None:
    Account.objects.filter(csm_email=people.carla.email).update(csm_email=None)
    Account.objects.filter(am_email=people.carla.email).update(am_email=None)
    text = text_of(client_of(people.carla), "/review/")
    assert "Nothing needs attention this week" in text


def test_html_in_names_and_words_is_text(people: People, week: Monday, client_of: SignedIn) -> None:
    standing = Standing.objects.get(week=week.week, rank=1)
    standing.review |= {"name": EVIL, "why": EVIL, "lift": EVIL}
    standing.save()
    standing.account.name = EVIL
    standing.account.save()
    planned(standing.account, week.before, people.ada, due_in=1, step=EVIL)
    made = services.decide(
        standing.account, week.week.as_of, services.Wanted("disagree", EVIL), by=people.ada, seen=None
    )
    client = client_of(people.ada)
    pages = [
        "/review/",
        "/review/agenda/",
        "/review/agenda.html",
        "/review/agenda.md",
        reverse("review:decide", args=[made.account_id]),
    ]
    for path in pages:
        text = text_of(client, path)
        assert EVIL not in text, path
        assert "alert(" in text, path


def test_agreeing_is_one_click_and_shown_with_who(people: People, week: Monday, client_of: SignedIn) -> None:
    account = week.listed[0]
    client = client_of(people.ada)
    path = reverse("review:agree", args=[account.account_id])
    answer = client.post(path, sent(week), headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Agreed" in text and people.ada.name in text
    assert f"<b>1</b> of {queries_length(week)} decided" in text and "hx-swap-oob" in text
    assert "<html" not in text
    assert "takes it back" in answer["HX-Trigger"], (
        "one key recorded it, so that it is said with the way back"
    )
    plain = client.post(
        reverse("review:undo", args=[account.account_id]), sent(week, seen=str(Decision.objects.get().pk))
    )
    assert plain.status_code == 302, "without script it is a page again"
    assert not Decision.objects.standing().exists()


def test_a_form_says_what_to_change_beside_the_field(
    people: People, week: Monday, client_of: SignedIn
) -> None:
    path = reverse("review:decide", args=[week.listed[0].account_id])
    answer = client_of(people.ada).post(path, sent(week, verdict="disagree", next_step="Call them"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "a disagreement needs a reason" in text
    assert 'class="field wrong"' in text and "Call them" in text, "what was typed is still there"
    assert not Decision.objects.exists()


def test_whoever_comes_second_sees_the_first(people: People, week: Monday, client_of: SignedIn) -> None:
    account = week.listed[0]
    first = services.decide(
        account, week.week.as_of, services.Wanted("disagree", "The plant is closed"), by=people.ada, seen=None
    )
    path = reverse("review:decide", args=[account.account_id])
    mine = sent(week, verdict="agree", reason="I think so")
    for headers in ({}, {"HX-Request": "true"}):
        answer = client_of(people.otto).post(path, mine, headers=headers)
        text = answer.content.decode()
        assert answer.status_code == 409
        assert "The plant is closed" in text and people.ada.name in text, "theirs"
        assert "I think so" in text, "mine"
        assert f'name="seen" value="{first.pk}"' in text, "sent again, it goes over theirs"
    assert Decision.objects.count() == 1
    answer = client_of(people.otto).post(path, mine | {"seen": str(first.pk)})
    assert answer.status_code == 302
    assert Decision.objects.standing().get().by == people.otto
    quick = client_of(people.lena).post(reverse("review:agree", args=[account.account_id]), sent(week))
    assert quick.status_code in (404, 409)


def test_what_was_due_is_answered_in_place(people: People, week: Monday, client_of: SignedIn) -> None:
    due = planned(week.listed[0], week.before, people.ada, due_in=3, step="Call the sponsor")
    client = client_of(people.ada)
    assert "Decided before, due now" in text_of(client, "/review/")
    path = reverse("review:outcome", args=[due.pk])
    assert client.post(path, {"result": "perhaps"}).status_code == 404
    answer = client.post(path, {"result": "not_done", "words": "On holiday"}, headers={"HX-Request": "true"})
    assert "Not done" in answer.content.decode() and "On holiday" in answer.content.decode()
    assert client.post(path, {"result": "done"}, follow=True).status_code == 200
    assert due.outcome.result == "not_done", "the first answer stands"
    assert "Decided before, due now" not in text_of(client, "/review/")


def test_a_leader_settles_a_disagreement_with_a_reason(
    people: People, week: Monday, client_of: SignedIn
) -> None:
    account = week.listed[0]
    made = services.decide(
        account, week.week.as_of, services.Wanted("disagree", "They migrate"), by=people.ada, seen=None
    )
    people.lena.team = None
    people.lena.save()
    client, path = client_of(people.lena), reverse("review:rule", args=[made.pk])
    assert "CSM and numbers disagree" in text_of(client, "/review/")
    data = sent(week, seen=str(made.pk), verdict="agree")
    refused = client.post(path, data)
    assert refused.status_code == 422 and "Say why" in refused.content.decode()
    assert client.post(path, data | {"reason": "Use is falling since June"}).status_code == 302
    ruling = Decision.objects.standing().get()
    assert ruling.is_ruling and ruling.verdict == "agree" and ruling.replaces == made
    assert client.post(path, data | {"reason": "Again"}).status_code == 409
    assert client_of(people.otto).post(path, data | {"reason": "Me too"}).status_code == 403


def test_what_a_model_moved_is_released_by_a_person(
    people: People, week: Monday, client_of: SignedIn
) -> None:
    Standing.objects.filter(week=week.week, rank=1).update(moved="moved_by_model")
    forget()
    assert "left out here until they are released" in text_of(client_of(people.carla), "/review/")
    client = client_of(people.ada)
    assert "The model changed, not the customer." in text_of(client, "/review/", show="moved_by_model")
    client.post(reverse("review:release"), {"reason": ""})
    assert not VersionRelease.objects.exists()
    client.post(reverse("review:release"), {"reason": "Three accounts, as expected"})
    assert VersionRelease.objects.get().reason == "Three accounts, as expected"
    assert "Three accounts, as expected" in text_of(client, "/review/", show="moved_by_model")


def test_closing_keeps_the_minutes_as_they_were(people: People, week: Monday, client_of: SignedIn) -> None:
    client = client_of(people.ada)
    services.decide(
        week.listed[0],
        week.week.as_of,
        services.Wanted("disagree", "The first word"),
        by=people.ada,
        seen=None,
    )
    shown = client.post(reverse("review:close"), follow=True)
    assert "The first word" in shown.content.decode()
    kept = Minutes.objects.get()
    services.undo(week.listed[0], week.week.as_of, by=people.ada, seen=Decision.objects.get().pk)
    for ending in ("html", "md"):
        answer = client.get(reverse("review:minutes_file", args=[kept.pk, ending]))
        assert "The first word" in answer.content.decode()
        assert f"review-{week.week.as_of}-minutes.{ending}" in answer.headers["Content-Disposition"]
    assert client.get(reverse("review:minutes_file", args=[kept.pk, "pdf"])).status_code == 404
    assert client_of(people.carla).get(reverse("review:minutes", args=[kept.pk])).status_code == 404
    assert client_of(people.eve).get(reverse("review:minutes", args=[kept.pk])).status_code == 200
    assert kept.closed_by == people.ada and kept.document["listed"] == queries_length(week)


def test_the_html_file_stands_alone(people: People, week: Monday, client_of: SignedIn) -> None:
    text = text_of(client_of(people.ada), "/review/agenda.html")
    assert "<script" not in text and not re.search(r"(src|href)=", text)
    assert "default-src 'none'; style-src 'sha256-" in unescape(text)
    assert week.listed[0].name in text


def test_the_export_is_safe_in_a_spreadsheet(people: People, week: Monday, client_of: SignedIn) -> None:
    Account.objects.filter(pk=week.listed[0].pk).update(name="=HYPERLINK(1)")
    answer = client_of(people.ada).get("/review/export.csv")
    rows = answer.content.decode().splitlines()
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert rows[0].startswith("list,place,account_id,name")
    assert "'=HYPERLINK(1)" in rows[1] and ",=HYPERLINK" not in answer.content.decode()
    moved = (
        Standing.objects.filter(week=week.week)
        .exclude(moved="")
        .values_list("account__account_id", flat=True)
    )
    listed = {a.account_id for a in week.listed}
    assert len(rows) - 1 == len(listed | set(moved))


def test_the_page_prints_without_its_buttons(people: People, week: Monday, client_of: SignedIn) -> None:
    """What print leaves out is marked; the sheet says what is left out (checked in a browser by tests/e2e)."""
    text = text_of(client_of(people.ada), "/review/")
    for part in re.findall(r"<form[^>]*data-does[^>]*>", text):
        before = text[: text.index(part)]
        assert "no-print" in part or 'class="act no-print"' in before[before.rindex("<div class=") :]


def test_an_account_whose_csm_has_no_access_says_whose_it_is(
    people: People, week: Monday, client_of: SignedIn
) -> None:
    account = week.listed[0]
    Account.objects.filter(pk=account.pk).update(csm_email="nora.newcomer@example.com")
    path = reverse("review:decide", args=[account.account_id])
    text = text_of(client_of(people.ada), path)
    assert "Nora Newcomer" in text and "has no access here yet" in text
    assert "/administration/people/add/?email=nora.newcomer%40example.com" in text
    assert "Nora Newcomer" in text_of(client_of(people.otto), path)
    assert "/administration/people/add/" not in text_of(client_of(people.otto), path)
    form = text_of(client_of(people.ada), "/administration/people/add/?email=nora.newcomer%40example.com")
    assert 'value="nora.newcomer@example.com"' in form
    Account.objects.filter(pk=account.pk).update(csm_email=people.carla.email)
    assert "has no access here yet" not in text_of(client_of(people.ada), path)


def test_warnings_say_how_many_of_ones_own_accounts_they_are_about(
    people: People, week: Monday, client_of: SignedIn
) -> None:
    everything = Standing.objects.filter(week=week.week)
    own = everything.filter(account__in=visible_accounts(people.carla, TODAY))
    keys = list(own.values_list("pk", flat=True)[:2])
    Standing.objects.filter(pk__in=keys).update(score=None)
    count = own.filter(score=None).count()
    head = week.week.head | {
        "warnings": [
            {"kind": "insufficient", "text": "31 accounts have too little data for a score.", "accounts": 31},
            {
                "kind": "quarantine",
                "text": "Rows wait in quarantine: 4 of tickets. `barograph status` says why.",
                "accounts": 0,
            },
        ]
    }
    Week.objects.filter(pk=week.week.pk).update(head=head)
    text = text_of(client_of(people.carla), "/review/")
    assert f"<b>{count} of my accounts.</b>" in text
    assert "barograph status" not in text
    assert "/data/quarantine/" not in text, "she does not bring data in"
    assert "my accounts.</b>" not in text_of(client_of(people.ada), "/review/")
    assert "/data/quarantine/" in text_of(client_of(people.otto), "/review/")
