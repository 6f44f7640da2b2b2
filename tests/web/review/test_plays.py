"""A play chosen in the review: decided and opened together, or neither (journey 1 of ui.md, issue 5; examples)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from barograph_web.plays import services as plays
from barograph_web.plays.models import PlayRun
from barograph_web.portfolio.models import Standing
from barograph_web.review.models import Decision
from barograph_web.users.models import User
from support.web_people import People
from support.web_review import Monday, monday
from support.web_work import NOW, stop_the_clock

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
PLAY = "sponsor_re_engagement"


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_the_clock(monkeypatch)


@pytest.fixture
def week(people: People) -> Monday:
    return monday()


def decide(client: Client, week: Monday, **data: str) -> object:
    path = reverse("review:decide", args=[week.listed[0].account_id])
    return client.post(path, {"week": week.week.as_of.isoformat(), "seen": "", "verdict": "agree", **data})


def test_the_form_offers_the_plays_that_are_not_open(
    people: People, week: Monday, client_of: SignedIn
) -> None:
    account, client = week.listed[0], client_of(people.ada)
    path = reverse("review:decide", args=[account.account_id])
    text = client.get(path, {"focus": "play"}).content.decode()
    assert f'<option value="{PLAY}"' in text and 'data-focus="play"' in text
    plays.open_play(account, PLAY, by=people.ada, reason="x", now=NOW)
    assert f'<option value="{PLAY}"' not in client.get(path).content.decode()
    assert 'data-does="play"' in client.get("/review/").content.decode()


def test_choosing_a_play_opens_it_and_is_the_next_step(
    people: People, week: Monday, client_of: SignedIn
) -> None:
    answer = decide(client_of(people.ada), week, play=PLAY, due_on="2026-12-12")
    assert answer.status_code == 302
    run, decision = PlayRun.objects.get(), Decision.objects.get()
    assert run.play == PLAY and run.by == people.ada and run.tasks.exists()
    assert decision.next_step == run.title and decision.due_on is not None
    standing = Standing.objects.get(week=week.week, account=week.listed[0])
    assert run.reason == standing.review["why"], "without a reason of one's own it is what the review says"


def test_ones_own_words_stay(people: People, week: Monday, client_of: SignedIn) -> None:
    decide(
        client_of(people.ada), week, play=PLAY, due_on="2026-12-12", next_step="Ring Mr Bos", verdict="disagree",
        reason="The sponsor only moved desks",
    )  # fmt: skip
    assert Decision.objects.get().next_step == "Ring Mr Bos"
    assert PlayRun.objects.get().reason == "The sponsor only moved desks"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"play": PLAY}, "Set the day"),
        ({"play": "nothing", "due_on": "2026-12-12"}, "There is no such play"),
        ({"play": PLAY, "due_on": "2026-12-12", "verdict": "disagree"}, "needs a reason"),
    ],
)
def test_what_cannot_be_decided_opens_nothing(
    people: People, week: Monday, client_of: SignedIn, data: dict[str, str], words: str
) -> None:
    answer = decide(client_of(people.ada), week, **data)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not PlayRun.objects.exists() and not Decision.objects.exists()


def test_a_play_that_was_opened_meanwhile_takes_the_decision_back(
    people: People, week: Monday, client_of: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    plays.open_play(week.listed[0], PLAY, by=people.otto, reason="x", now=NOW)
    monkeypatch.setattr(
        "barograph_web.review.views_decisions._plays", lambda _account: [(PLAY, "Sponsor re-engagement")]
    )
    answer = decide(client_of(people.ada), week, play=PLAY, due_on="2026-12-12")
    assert answer.status_code == 422 and "open for" in answer.content.decode()
    assert not Decision.objects.exists() and PlayRun.objects.count() == 1
