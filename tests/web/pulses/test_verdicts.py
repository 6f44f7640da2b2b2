"""Truth: a verdict keeps the evidence of its day, the register shows what came of it and exports no formula, and
planned context stands beside the score until its last day (P6, H5)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from barograph_web.alerts.models import Event
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.portfolio.models import Account, AccountFact, FactKind, Standing, Tier
from barograph_web.portfolio.weeks import newest_week
from barograph_web.pulses import queries, register, services_notes
from barograph_web.pulses.models import Cause, Claim, HypothesisVerdict, PlannedContext
from barograph_web.pulses.register import Filter
from barograph_web.pulses.services_notes import Planned
from barograph_web.users.models import User
from support.web_people import People
from support.web_pulses import NOW, TODAY, accounts_in, managed_by

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


def judged(
    account: Account, by: User, claim: str = Claim.REJECTED, cause: str = Cause.PLANNED, words: str = "",
    seen: int | None = None,
) -> HypothesisVerdict:  # fmt: skip
    week = newest_week()
    assert week is not None
    return services_notes.record_verdict(
        account, week, claim=claim, cause=cause, words=words, by=by, seen=seen, now=NOW
    )


def decided(account: Account, outcome: str, day: date) -> None:
    AccountFact.objects.create(
        account_id=account.account_id, kind=FactKind.OUTCOME, key=f"test-{outcome}-{day}", on=day, digest="x",
        data={"outcome": outcome, "decided_at": f"{day.isoformat()}T09:00:00Z"},
    )  # fmt: skip


def test_the_evidence_of_that_day_is_kept_whatever_is_published_later(team: People) -> None:
    account = accounts_in("at_risk", managed_by(team.anna))[0]
    standing = Standing.objects.get(week=newest_week(), account=account)
    made = judged(account, team.anna)
    Standing.objects.filter(pk=standing.pk).update(score=99.0, tier="growth", detail={}, review={})
    made.refresh_from_db()
    assert (made.score, made.tier, made.model_version) == (
        standing.score, standing.tier, newest_week().model_version,  # type: ignore[union-attr]
    )  # fmt: skip
    assert made.evidence["why"] == standing.detail["why"]
    assert Event.objects.get(kind="verdict.recorded").payload["verdict"] == "rejected"


@pytest.mark.parametrize(
    ("claim", "cause", "words", "field"),
    [
        ("perhaps", "seen", "", "claim"),
        ("confirmed", "planned", "", "cause"),
        ("rejected", "other", " ", "words"),
    ],
)
def test_what_is_refused(team: People, claim: str, cause: str, words: str, field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        judged(managed_by(team.anna)[0], team.anna, claim, cause, words)
    assert refused.value.field == field
    assert not HypothesisVerdict.objects.exists()


def test_no_score_claims_nothing(team: People) -> None:
    account = managed_by(team.anna)[0]
    Standing.objects.filter(account=account).update(score=None)
    with pytest.raises(RefusedError, match="no score"):
        judged(account, team.anna)


def test_two_at_once_and_one_after_the_other(team: People) -> None:
    account = managed_by(team.anna)[0]
    first = judged(account, team.anna)
    with pytest.raises(OvertakenError) as overtaken:
        judged(account, team.lena)
    assert overtaken.value.latest == first
    second = judged(account, team.lena, Claim.CONFIRMED, Cause.SEEN, seen=first.pk)
    assert second.replaces == first and HypothesisVerdict.objects.count() == 2
    assert [e.verdict for e in register.entries(list(register.found(team.ada, TODAY, Filter())))] == [second]


@pytest.mark.parametrize(
    ("tier", "claim", "outcome", "true"),
    [
        ("at_risk", "rejected", "renewed", True),
        ("at_risk", "rejected", "churned", False),
        ("at_risk", "confirmed", "churned", True),
        ("healthy", "rejected", "churned", True),
        ("healthy", "confirmed", "renewed", True),
        ("healthy", "rejected", "downsold", False),
    ],
)
def test_what_came_of_it(team: People, tier: str, claim: str, outcome: str, true: bool) -> None:
    account = accounts_in(tier, managed_by(team.anna))[0]
    AccountFact.objects.filter(account_id=account.account_id, kind=FactKind.OUTCOME).delete()
    cause = Cause.SEEN if claim == "confirmed" else Cause.PLANNED
    made = judged(account, team.anna, claim, cause)
    [entry] = register.entries([made])
    assert (entry.outcome, entry.came_true) == (None, None)
    decided(account, "renewed", made.week - timedelta(days=30))  # before: says nothing of it
    decided(account, outcome, made.week + timedelta(days=60))
    [entry] = register.entries([made])
    assert entry.outcome is not None and entry.outcome.what == outcome
    assert entry.came_true is true


def test_the_register_is_filtered_seen_by_account_and_exports_no_formula(
    team: People, client_of: ClientOf
) -> None:
    risky, healthy = (
        accounts_in("at_risk", managed_by(team.anna))[0],
        accounts_in("healthy", managed_by(team.anna))[0],
    )
    judged(risky, team.anna, Claim.REJECTED, Cause.OTHER, '=HYPERLINK("http://evil")')
    judged(healthy, team.anna, Claim.CONFIRMED, Cause.SEEN)
    client = client_of(team.ada)
    both = client.get("/pulses/register/").content.decode()
    assert risky.name in both and healthy.name in both
    chosen = {
        "claim=rejected": risky,
        f"tier={Tier.HEALTHY}": healthy,
        "cause=seen": healthy,
        "claim=x": healthy,
    }
    for query, shown in chosen.items():
        assert shown.name in client.get(f"/pulses/register/?{query}").content.decode()
    assert healthy.name not in client.get("/pulses/register/?claim=rejected").content.decode()
    assert "No verdict fits" in client.get("/pulses/register/?since=2030-01-01").content.decode()
    text = client.get("/pulses/register.csv?claim=rejected").content.decode()
    [row] = list(csv.DictReader(io.StringIO(text)))
    assert row["words"].startswith("'=HYPERLINK") and row["account_id"] == risky.account_id
    assert row["why"]
    other = User.objects.create_user("other@example.com", name="Other", role="csm")
    assert risky.name not in client_of(other).get("/pulses/register/").content.decode()
    assert client_of(other).get("/pulses/register.csv").content.decode().strip() == ",".join(register.HEAD)


def test_the_page_of_a_verdict(team: People, client_of: ClientOf) -> None:
    account = accounts_in("at_risk", managed_by(team.anna))[0]
    client, path = client_of(team.anna), f"/pulses/accounts/{account.account_id}/verdict/"
    week = newest_week()
    assert week is not None
    page = client.get(path).content.decode()
    assert "The score is a hypothesis" in page and "At Risk" in page
    values = {"week": week.as_of.isoformat(), "claim": "rejected", "cause": "planned", "words": "They move"}
    assert client.post(path, {**values, "cause": "told"}).status_code == 422
    assert client.post(path, values).status_code == 302
    late = client.post(path, values)
    assert late.status_code == 409 and b"Somebody gave a verdict meanwhile" in late.content
    assert client.get(f"{path}?week=1999-01-04").status_code == 404
    assert (
        client_of(User.objects.create_user("o@example.com", name="O", role="csm")).get(path).status_code
        == 404
    )
    shown = client.get(f"/portfolio/accounts/{account.account_id}/").content.decode()
    assert "They move" in shown


def planned(account: Account, by: User, days: int = 30, **more: object) -> PlannedContext:
    what = Planned("migration", "They move to the new plant", TODAY, TODAY + timedelta(days=days))
    return services_notes.plan_context(account, what, by=by, now=NOW, **more)  # type: ignore[arg-type]


def test_planned_context_stands_beside_the_score_until_its_last_day(
    team: People, client_of: ClientOf
) -> None:
    account = accounts_in("at_risk", managed_by(team.anna))[0]
    row = planned(account, team.anna, 10)
    assert queries.contexts_of([account.account_id], row.ends_on) == {account.account_id: [row]}
    assert queries.contexts_of([account.account_id], row.ends_on + timedelta(days=1)) == {}
    page = client_of(team.anna).get(f"/portfolio/accounts/{account.account_id}/").content.decode()
    assert "They move to the new plant" in page
    review = client_of(team.ada).get("/review/?scope=all").content.decode()
    listed = account.name in review
    assert not listed or "They move to the new plant" in review


def test_planned_context_is_corrected_and_taken_back_by_rows(team: People) -> None:
    account = managed_by(team.anna)[0]
    first = planned(account, team.anna)
    second = planned(account, team.carla, 60, seen=first)
    with pytest.raises(OvertakenError):
        planned(account, team.anna, 90, seen=first)
    assert queries.contexts_of([account.account_id], TODAY)[account.account_id] == [second]
    services_notes.withdraw_context(account, second, by=team.anna, now=NOW)
    assert queries.contexts_of([account.account_id], TODAY) == {}
    assert PlannedContext.objects.count() == 3


@pytest.mark.parametrize(
    ("what", "field"),
    [
        (Planned("holiday", "x", TODAY, TODAY), "kind"),
        (Planned("merger", " ", TODAY, TODAY), "words"),
        (Planned("merger", "x", TODAY, TODAY - timedelta(days=1)), "ends_on"),
        (Planned("merger", "x", TODAY, TODAY + timedelta(days=1000)), "ends_on"),
    ],
)
def test_planned_context_that_is_refused(team: People, what: Planned, field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        services_notes.plan_context(managed_by(team.anna)[0], what, by=team.anna, now=NOW)
    assert refused.value.field == field


def test_the_form_of_planned_context(team: People, client_of: ClientOf) -> None:
    account, client = managed_by(team.anna)[0], client_of(team.anna)
    path = f"/pulses/accounts/{account.account_id}/context/"
    assert client.get(path).status_code == 200
    values = {
        "kind": "merger",
        "words": "Two units become one",
        "begins_on": "2026-11-18",
        "ends_on": "2027-01-31",
    }
    assert client.post(path, {**values, "ends_on": "2026-01-01"}).status_code == 422
    assert client.post(path, values).status_code == 302
    row = PlannedContext.objects.get()
    assert b"Two units become one" in client.get(f"{path}?number={row.pk}").content
    assert client.post(path, {**values, "seen": row.pk, "words": "Later"}).status_code == 302
    late = client.post(path, {**values, "seen": row.pk})
    assert late.status_code == 409 and b"Somebody changed it meanwhile" in late.content
    assert client.get(f"{path}?number=999").status_code == 404
    newest = PlannedContext.objects.latest("pk")
    other = User.objects.create_user("o@example.com", name="O", role="csm")
    assert client_of(other).post(f"/pulses/context/{newest.pk}/withdraw/").status_code == 404
    assert client.post(f"/pulses/context/{newest.pk}/withdraw/").status_code == 302
    assert client.post(f"/pulses/context/{newest.pk}/withdraw/").status_code == 302, "twice is once"
