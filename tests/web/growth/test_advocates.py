"""Truth: planted. An ask keeps the rule whoever presses the button, and a yes stands on a consent that
covers it (P8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from barograph_web.growth import services_advocates as services
from barograph_web.growth.advocacy import Asked
from barograph_web.growth.history import RefusedError
from barograph_web.growth.models import Ask
from barograph_web.growth.readiness import Severe
from barograph_web.growth.rules import SHIPPED
from barograph_web.plays.models import Task
from support.web_people import People
from support.web_success import CLEAN, NOW, TODAY, account_for, asked, consented

pytestmark = pytest.mark.django_db


def test_nobody_with_an_open_severe_issue_is_asked(people: People) -> None:
    issue = replace(CLEAN, severe=(Severe("ticket", "T1", "P1 ticket is open", TODAY),))
    with pytest.raises(RefusedError, match="No open severe issue does not hold"):
        asked(account_for(people.carla), people.carla, evidence=issue)
    with pytest.raises(RefusedError):
        asked(account_for(people.carla), people.carla, evidence=replace(CLEAN, severe=None))
    assert not Ask.objects.exists()


def test_a_refusal_is_followed_by_rest(people: People) -> None:
    account = account_for(people.carla)
    ask = asked(account, people.carla)
    with pytest.raises(RefusedError, match="not answered"):
        asked(account, people.carla)
    services.refuse(ask, seen=1, words="No time.", by=people.carla, now=NOW, today=TODAY)
    with pytest.raises(RefusedError, match="No refusal lately"):
        asked(account, people.carla, today=TODAY + timedelta(days=179))
    assert asked(account, people.carla, today=TODAY + timedelta(days=180)).state == "asked"


def test_imported_asks_count(people: People) -> None:
    recent = [Asked(TODAY - timedelta(days=d), "done") for d in (10, 20)]
    with pytest.raises(RefusedError, match="Not asked too often"):
        services.ask(
            account_for(people.carla), kind="event", person="Maya", what="Speak.", evidence=CLEAN, imported=recent,
            rules=SHIPPED, by=people.carla, now=NOW, today=TODAY,
        )  # fmt: skip


def test_a_yes_needs_a_consent_that_covers_it(people: People) -> None:
    account, other = account_for(people.carla), account_for(people.anna)
    ask = asked(account, people.carla)
    told = {"seen": 1, "words": "", "by": people.carla, "now": NOW, "today": TODAY}
    ran_out = consented(
        account, people.carla, given_on=TODAY - timedelta(days=9), until=TODAY - timedelta(days=1)
    )
    for consent in (None, consented(account, people.carla, covers=("event",)), ran_out):
        with pytest.raises(RefusedError):
            services.agree(ask, consent=consent, **told)  # type: ignore[arg-type]
    if other.account_id != account.account_id:
        with pytest.raises(RefusedError):
            services.agree(ask, consent=consented(other, people.carla), **told)  # type: ignore[arg-type]
    consent = consented(account, people.carla)
    done = services.agree(ask, consent=consent, **told)  # type: ignore[arg-type]
    assert (done.state, done.consent, done.answered_on) == ("agreed", consent, TODAY)
    task = Task.objects.get(source="advocate")
    assert task.customer_facing
    assert "Maya" not in task.title + task.detail


def test_a_consent_that_was_taken_back_stops_what_stands_on_it(people: People) -> None:
    account = account_for(people.carla)
    consent = consented(account, people.carla)
    ask = services.agree(
        asked(account, people.carla), consent=consent, seen=1, words="", by=people.carla, now=NOW, today=TODAY
    )
    services.withdraw_consent(consent, seen=1, words="By mail.", by=people.carla, now=NOW)
    ask = Ask.objects.get(pk=ask.pk)
    told = {"words": "They spoke.", "seen": 2, "by": people.carla, "now": NOW, "today": TODAY}
    with pytest.raises(RefusedError, match="taken back"):
        services.end(ask, "done", **told)  # type: ignore[arg-type]
    assert services.end(ask, "fall_through", **told).state == "fell_through"  # type: ignore[arg-type]
    assert Task.objects.get(source="advocate").state == "dropped"


def test_it_took_place(people: People) -> None:
    account = account_for(people.carla)
    ask = services.agree(
        asked(account, people.carla), consent=consented(account, people.carla), seen=1, words="", by=people.carla,
        now=NOW, today=TODAY,
    )  # fmt: skip
    done = services.end(ask, "done", seen=2, words="They spoke.", by=people.carla, now=NOW, today=TODAY)
    assert (done.state, done.ended_on, Task.objects.get(source="advocate").state) == ("done", TODAY, "done")
