"""Who is told what (P5, X2): by the scope that they chose and never beyond what they may see, who is named whatever
their scope, nobody of what they did themselves. Truth: the permission rules of visibility.py, by example and role."""

from __future__ import annotations

from datetime import timedelta

import pytest

from barograph_web.alerts.catalogue import TOPICS
from barograph_web.alerts.choices import choices_now, may_choose, scopes_of
from barograph_web.alerts.events import emit
from barograph_web.alerts.models import AlertScope, Event, Mailing, Notice, Preference
from barograph_web.alerts.queries import may_open, told, unread_count, visible_events
from barograph_web.alerts.services import OvertakenError, RefusedError, mark_read, save_preference
from barograph_web.alerts.spread import spread
from barograph_web.ops.current import acting_as
from barograph_web.ops.models import AuditEvent
from barograph_web.portfolio.models import Account
from barograph_web.users.models import Role, StandIn, Team, User
from support.web_alerts import account
from support.web_receiver import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare")]
TODAY = NOW.date()


def person(name: str, role: Role, **more: object) -> User:
    return User.objects.create_user(f"{name.lower()}@example.com", name=name, role=role, **more)


class Firm:
    """carla and carl in team North, lena leads it; nora in South; otto, eve and gus; an account each."""

    def __init__(self) -> None:
        self.north, self.south = Team.objects.create(name="North"), Team.objects.create(name="South")
        self.carla = person("Carla", Role.CSM, team=self.north)
        self.carl = person("Carl", Role.CSM, team=self.north)
        self.nora = person("Nora", Role.CSM, team=self.south)
        self.lena = person("Lena", Role.LEADER, team=self.north)
        self.otto = person("Otto", Role.OPS)
        self.eve = person("Eve", Role.EXECUTIVE, team=self.north)
        self.gus = person("Gus", Role.GUEST)
        for who in (self.carla, self.carl, self.nora):
            account(f"of {who.name}", who.email)

    def fell(self, whose: str, key: str = "k", **more: object) -> Event:
        said = {"as_of": "2026-11-16", "before": "healthy", "after": "watch", "direction": "down", **more}
        return emit("tier.changed", key=key, at=NOW, account_id=f"of {whose}", payload=said)

    def wants(
        self, who: User, topic: str, scope: AlertScope, mail: Mailing = Mailing.NO, in_app: bool = True
    ) -> None:
        row, _ = Preference.objects.get_or_create(user=who)
        row.topics[topic] = {"scope": scope.value, "in_app": in_app, "mail": mail.value}
        row.save()


@pytest.fixture
def firm() -> Firm:
    return Firm()


def who_was_told(event: Event) -> set[str]:
    spread(NOW, TODAY)
    return set(Notice.objects.filter(event=event).values_list("user__name", flat=True))


def test_before_anybody_chose_the_csm_and_their_leader_hear_of_a_fall(firm: Firm) -> None:
    assert who_was_told(firm.fell("Carla")) == {"Carla", "Lena"}


def test_a_rise_is_in_the_digest_and_does_not_ring(firm: Firm) -> None:
    event = firm.fell("Carla", before="watch", after="healthy", direction="up")
    assert who_was_told(event) == {"Carla"}
    row = Notice.objects.get()
    assert (row.in_app, row.mailing) == (False, Mailing.DIGEST)
    assert unread_count(firm.carla) == 0


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (AlertScope.OFF, {}),
        (AlertScope.MINE, {}),
        (AlertScope.TEAM, {"Carla", "Carl"}),
        (AlertScope.ALL, {"Carla", "Carl", "Nora"}),
    ],
)
def test_a_scope_means_what_it_says(firm: Firm, scope: AlertScope, expected: set[str]) -> None:
    firm.wants(firm.eve, "tier.changed.down", scope)
    events = {name: firm.fell(name, key=name) for name in ("Carla", "Carl", "Nora")}
    spread(NOW, TODAY)
    heard = {n for n, e in events.items() if Notice.objects.filter(user=firm.eve, event=e).exists()}
    assert heard == set(expected)


def test_no_scope_goes_beyond_what_a_role_sees(firm: Firm) -> None:
    firm.wants(firm.carla, "tier.changed.down", AlertScope.ALL)
    firm.wants(firm.lena, "tier.changed.down", AlertScope.ALL)
    firm.wants(firm.gus, "tier.changed.down", AlertScope.ALL)
    assert who_was_told(firm.fell("Nora")) == {"Nora"}


def test_a_stand_in_hears_of_who_is_away(firm: Firm) -> None:
    StandIn.objects.create(absent=firm.carla, stand_in=firm.nora, begins_on=TODAY, ends_on=TODAY)
    assert who_was_told(firm.fell("Carla")) == {"Carla", "Lena", "Nora"}


def test_who_is_named_is_told_and_nobody_else(firm: Firm) -> None:
    named = emit(
        "mention.made", key="m", at=NOW, account_id="of Carla",
        payload={"to_emails": [firm.nora.email.upper()], "by": "Carla", "where": "Call them", "excerpt": "see this"},
    )  # fmt: skip
    assert who_was_told(named) == {"Nora"}
    row = Notice.objects.get()
    assert row.named
    assert may_open(firm.nora, row, TODAY)
    assert told(firm.nora, [row], TODAY)[0].words == "Carla named you on Call them (Firm of Carla)"


def test_a_guest_is_never_told(firm: Firm) -> None:
    payload = {"to_emails": [firm.gus.email], "by": "Carla", "where": "x"}
    assert (
        who_was_told(emit("mention.made", key="m", at=NOW, account_id="of Carla", payload=payload)) == set()
    )


def test_nobody_is_told_what_they_did_themselves(firm: Firm) -> None:
    with acting_as(firm.carla, via="web"):
        event = emit(
            "escalation.opened",
            key="e",
            at=NOW,
            account_id="of Carla",
            payload={"escalation_id": 1, "title": "Outage"},
        )
    assert who_was_told(event) == {"Lena"}


def test_the_workspace_is_told_to_roles_that_include_it(firm: Firm) -> None:
    failed = emit(
        "refresh.failed", key="r", at=NOW, payload={"run_id": 1, "key": "2026-11-16", "state": "failed"}
    )
    assert who_was_told(failed) == {"Otto", "Lena"}


def test_an_account_that_was_taken_away_is_no_longer_named(firm: Firm) -> None:
    event = firm.fell("Carla")
    spread(NOW, TODAY)
    Account.objects.update(csm_email="nora@example.com")
    row = Notice.objects.select_related("event").get(user=firm.carla, event=event)
    [shown] = told(firm.carla, [row], TODAY)
    assert shown.words == shown.because == shown.figures == ""
    assert not may_open(firm.carla, row, TODAY)


def test_how_it_is_told_is_ones_own_choice(firm: Firm) -> None:
    firm.wants(firm.carla, "tier.changed.down", AlertScope.MINE, Mailing.AT_ONCE, in_app=False)
    spread_now = who_was_told(firm.fell("Carla"))
    assert "Carla" in spread_now
    row = Notice.objects.get(user=firm.carla)
    assert (row.in_app, row.mailing) == (False, Mailing.AT_ONCE)
    firm.wants(firm.carla, "tier.changed.down", AlertScope.MINE, Mailing.NO, in_app=False)
    assert "Carla" not in who_was_told(firm.fell("Carla", key="2")), "neither here nor by mail: not at all"


def test_asking_again_tells_nobody_twice(firm: Firm) -> None:
    event = firm.fell("Carla")
    spread(NOW, TODAY)
    Event.objects.update(spread_at=None)  # as if the round had died before it was written
    assert spread(NOW, TODAY) == 1
    assert Notice.objects.filter(event=event).count() == 2


def test_somebody_who_left_is_not_told(firm: Firm) -> None:
    User.objects.filter(pk=firm.carla.pk).update(is_active=False)
    assert who_was_told(firm.fell("Carla")) == {"Lena"}


def test_what_may_be_chosen_follows_the_role(firm: Firm) -> None:
    assert scopes_of(firm.carla) == (AlertScope.OFF, AlertScope.MINE)
    assert scopes_of(firm.lena) == (AlertScope.OFF, AlertScope.MINE, AlertScope.TEAM)
    assert scopes_of(firm.otto) == (AlertScope.OFF, AlertScope.MINE, AlertScope.ALL)
    assert scopes_of(firm.eve) == (AlertScope.OFF, AlertScope.MINE, AlertScope.TEAM, AlertScope.ALL)
    assert not any(may_choose(firm.gus, topic) for topic in TOPICS.values())
    assert "refresh.failed" not in choices_now(firm.carla).topics
    assert "task.assigned" not in choices_now(firm.eve).topics, "executives have no tasks"


def test_choices_are_kept_audited_and_not_overwritten(firm: Firm) -> None:
    before = choices_now(firm.carla)
    chosen = dict(before.topics)
    save_preference(firm.carla, chosen, digest=False, digest_scope=AlertScope.MINE, revision=0)
    now = choices_now(firm.carla)
    assert (now.digest, now.revision) == (False, 1)
    assert now.topics == chosen
    with pytest.raises(OvertakenError):
        save_preference(firm.carla, chosen, digest=True, digest_scope=AlertScope.MINE, revision=0)
    with pytest.raises(RefusedError):
        save_preference(firm.carla, chosen, digest=True, digest_scope=AlertScope.ALL, revision=1)
    with pytest.raises(RefusedError):
        others = choices_now(firm.otto).topics
        save_preference(firm.carla, others, digest=True, digest_scope=AlertScope.MINE, revision=1)
    assert AuditEvent.objects.filter(action="alerts.chosen").count() == 1


def test_a_role_that_became_narrower_narrows_what_was_chosen(firm: Firm) -> None:
    firm.wants(firm.eve, "tier.changed.down", AlertScope.ALL)
    User.objects.filter(pk=firm.eve.pk).update(role=Role.CSM)
    assert choices_now(User.objects.get(pk=firm.eve.pk)).topics["tier.changed.down"].scope == AlertScope.MINE


def test_a_choice_that_cannot_be_read_is_the_default(firm: Firm) -> None:
    Preference.objects.create(
        user=firm.carla, topics={"tier.changed.down": {"scope": "galaxy"}, "task.due": 7}
    )
    assert who_was_told(firm.fell("Carla")) == {"Carla", "Lena"}


def test_reading_is_ones_own(firm: Firm) -> None:
    firm.fell("Carla", key="1")
    firm.fell("Carla", key="2")
    spread(NOW, TODAY)
    first, second = Notice.objects.filter(user=firm.carla).order_by("pk")
    assert unread_count(firm.carla) == 2
    assert mark_read(firm.lena, NOW, notice=first.pk) == 0
    assert mark_read(firm.carla, NOW, notice=first.pk) == 1
    assert mark_read(firm.carla, NOW, until=first.pk) == 0, "the newer one came while the page was read"
    assert unread_count(firm.carla) == 1
    assert mark_read(firm.carla, NOW, until=second.pk) == 1
    assert unread_count(firm.lena) == 2


def test_events_of_the_api_are_those_of_accounts_one_sees(firm: Firm) -> None:
    firm.fell("Carla", key="1")
    firm.fell("Nora", key="2")
    emit("refresh.failed", key="r", at=NOW, payload={"run_id": 1, "key": "2026-11-16", "state": "failed"})
    emit("pulse.due", key="p", at=NOW, account_id="of Carla", payload={"due_on": "2026-11-30"})

    def seen(who: User) -> list[str]:
        return sorted(f"{e.kind} {e.account_id}".strip() for e in visible_events(who, TODAY))

    assert seen(firm.carla) == ["tier.changed of Carla"]
    assert seen(firm.otto) == ["refresh.failed", "tier.changed of Carla", "tier.changed of Nora"]
    assert seen(firm.eve) == ["tier.changed of Carla", "tier.changed of Nora"]
    assert seen(firm.gus) == []


def test_rows_of_runs_that_ended_badly_become_events(firm: Firm) -> None:
    from barograph_web.alerts.failures import (  # noqa: PLC0415 - only here
        tell_failed_refreshes,
        tell_quarantined_sources,
    )
    from barograph_web.ops.models import Run, RunKind, RunState, RunStep  # noqa: PLC0415

    def run(key: str, kind: RunKind, state: RunState, days: int = 0) -> Run:
        return Run.objects.create(
            kind=kind, key=key, state=state, error="no disk", claims=1, finished_at=NOW - timedelta(days=days)
        )

    failed = run("2026-11-16", RunKind.REFRESH, RunState.FAILED)
    run("2026-11-09", RunKind.REFRESH, RunState.DONE)
    run("2026-10-05", RunKind.REFRESH, RunState.FAILED, days=30)
    run("backup", RunKind.BACKUP, RunState.FAILED)
    RunStep.objects.create(
        run=failed, claim=1, position=1, name="Source crm.csv", started_at=NOW, finished_at=NOW,
        counts={"rows": 10, "rejected": 3},
    )  # fmt: skip
    RunStep.objects.create(
        run=failed,
        claim=1,
        position=2,
        name="Source erp.csv",
        started_at=NOW,
        finished_at=NOW,
        counts={"rejected": 0},
    )
    for _ in range(2):
        tell_failed_refreshes(NOW)
        tell_quarantined_sources(NOW)
    assert sorted(Event.objects.values_list("kind", flat=True)) == ["import.quarantined", "refresh.failed"]
    assert Event.objects.get(kind="refresh.failed").payload["error"] == "no disk"
    assert Event.objects.get(kind="import.quarantined").payload["rows"] == 3
    Run.objects.filter(pk=failed.pk).update(claims=2)
    tell_failed_refreshes(NOW)
    assert Event.objects.filter(kind="refresh.failed").count() == 2, "tried again and failed again"
