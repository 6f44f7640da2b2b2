"""What goes out survives its workers (P5; issue 5: state machines as property tests). Property: whatever workers die
where, in any order, each delivery is received or given up after its attempts and says so; none is lost, none goes on
for ever; and what a worker does that lost its claim does not count."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph_web.alerts import delivering, outgoing
from barograph_web.alerts.models import Delivery, Event, OutgoingState, Webhook, WebhookForm
from barograph_web.users.sealing import seal
from support.web_receiver import NOW

pytestmark = pytest.mark.django_db
ENDS = ("arrives", "refused", "dies_before", "dies_after", "dies_between", "waits")
WHAT_HAPPENS = (*ENDS, "late_success", "late_failure")


class KilledError(BaseException):
    """The worker's process ends here."""


class World:
    """A few deliveries, a receiver that remembers, and time."""

    def __init__(self, count: int) -> None:
        Webhook.objects.all().delete()
        Event.objects.all().delete()
        self.hook = Webhook.objects.create(
            name="w",
            form=WebhookForm.CHAT,
            address=seal("https://example.com/x", delivering.PURPOSE),
            made_by_label="",
        )
        for n in range(count):
            event = Event.objects.create(
                kind="refresh.failed", topic="refresh.failed", key=str(n), weight=1, at=NOW,
                payload={"run_id": 1, "key": "2026-11-16", "state": "failed", "error": ""},
            )  # fmt: skip
            Delivery.objects.create(webhook=self.hook, event=event, key=str(event.public_id), due_at=NOW)
        self.now = NOW
        self.received: dict[int, int] = {}
        self.begun: dict[int, int] = {}

    def step(self, what: str) -> bool:
        """One claim and its fate; False when nothing was due."""
        claim = outgoing.claim_next(Delivery, self.now)
        if claim is None:
            return False
        self.begun[claim.pk] = self.begun.get(claim.pk, 0) + 1
        row = Delivery.objects.select_related("webhook", "event").get(pk=claim.pk)
        if what == "waits":
            return True  # it hangs until its lease is over, and never comes back
        if what.startswith("late"):
            self._overtaken(claim, what)
            return True
        calls = 0

        def clock() -> datetime:
            nonlocal calls
            calls += 1
            if what == "dies_between" and calls == 2:
                raise KilledError
            return self.now

        with suppress(KilledError):
            delivering.attempt(row, claim, clock, self._send(what, claim.pk))
        return True

    def _overtaken(self, claim: outgoing.Claim, what: str) -> None:
        """Its lease runs out while it sends; another worker takes the row; then the first one writes its end."""
        self.now += outgoing.LEASE + timedelta(seconds=1)
        other = outgoing.claim_next(Delivery, self.now)
        assert other is not None
        self.begun[other.pk] = self.begun.get(other.pk, 0) + 1
        if other.pk == claim.pk:
            before = Delivery.objects.values().get(pk=claim.pk)
            if what == "late_success":
                assert not outgoing.delivered(Delivery, claim, self.now)
            else:
                assert not outgoing.failed(Delivery, claim, self.now, "late")
            assert Delivery.objects.values().get(pk=claim.pk) == before

    def _send(self, what: str, pk: int) -> delivering.Sender:
        def send(_target: object, _body: bytes, _headers: dict[str, str]) -> delivering.Answer:
            if what == "dies_before":
                raise KilledError
            if what == "refused":
                return delivering.Answer(500, "answered 500", "", 1)
            self.received[pk] = self.received.get(pk, 0) + 1
            if what == "dies_after":
                raise KilledError
            return delivering.Answer(200, "", "", 1)

        return send

    def to_the_end(self, what: str) -> None:
        """From here on every attempt ends like `what`, until nothing is left to do."""
        for _ in range(200):
            open_rows = Delivery.objects.filter(state__in=[OutgoingState.WAITING, OutgoingState.SENDING])
            if not open_rows.exists():
                return
            if not self.step(what):
                self.now += timedelta(hours=6)
        raise AssertionError("it goes on for ever")


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 3),
    fates=st.lists(st.tuples(st.sampled_from(WHAT_HAPPENS), st.integers(0, 100_000)), max_size=40),
    end=st.sampled_from(ENDS),
)
def test_no_order_of_deaths_loses_a_delivery_and_retries_end(
    count: int, fates: list[tuple[str, int]], end: str
) -> None:
    world = World(count)
    for what, seconds in fates:
        world.step(what)
        world.now += timedelta(seconds=seconds)
    world.to_the_end(end)
    for row in Delivery.objects.all():
        begun = world.begun.get(row.pk, 0)
        assert begun <= outgoing.ATTEMPTS
        if row.state == OutgoingState.DELIVERED:
            assert world.received.get(row.pk, 0) >= 1, "it says delivered and nobody got it"
        else:
            assert row.state == OutgoingState.DEAD
            assert begun == outgoing.ATTEMPTS, "given up before its attempts were used"
            assert row.error
        assert row.lease_until is None
        assert row.ended_at is not None
        if end == "arrives" and begun < outgoing.ATTEMPTS:
            assert row.state == OutgoingState.DELIVERED


def test_two_workers_never_hold_the_same_row() -> None:
    World(3)
    first, second, third = (outgoing.claim_next(Delivery, NOW) for _ in range(3))
    assert first and second and third
    assert len({first.pk, second.pk, third.pk}) == 3
    assert outgoing.claim_next(Delivery, NOW) is None
    later = NOW + outgoing.LEASE + timedelta(seconds=1)
    again = outgoing.claim_next(Delivery, later)
    assert again is not None
    assert (again.number, again.attempt) == (2, 2)


@given(attempt=st.integers(1, 200), seed=st.text(max_size=20))
def test_the_pause_grows_is_bounded_and_can_be_told_again(attempt: int, seed: str) -> None:
    pause = outgoing.pause_after(attempt, seed)
    assert outgoing.FIRST / 2 <= pause <= outgoing.LONGEST
    assert pause == outgoing.pause_after(attempt, seed)
    assert pause <= outgoing.FIRST * 2 ** min(attempt - 1, 40)


def test_many_that_fail_together_do_not_come_back_together() -> None:
    pauses = {outgoing.pause_after(5, str(n)) for n in range(100)}
    assert len(pauses) > 90
