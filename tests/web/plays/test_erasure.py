"""Truth: after an erasure no column of plays names the person, and every row is still there (X4)."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.apps import apps
from django.core import serializers

from barograph_web.ops.erasure import erase_user
from barograph_web.ops.workspace import today
from barograph_web.plays import services
from barograph_web.plays.erasure import erase_contact
from barograph_web.plays.firing import take_in
from barograph_web.plays.models import PlayRun, TaskEvent, TeamLoad
from support.web_plays import MONDAY, NOW, Desk, account, firing, person, play, report


def _everything() -> str:
    rows = [
        row for model in apps.get_app_config("plays").get_models() for row in model._default_manager.all()
    ]
    return json.dumps(json.loads(serializers.serialize("json", rows)), ensure_ascii=False)


def _busy(desk: Desk, with_plays: Callable[..., None], name: str) -> int:
    """Rows that name somebody in every text there is."""
    with_plays(play())
    one = account(1, desk.carla)
    take_in(report(firing("A1", reason=f"{name} left", evidence={"who": [name]})), NOW, "v")
    run = PlayRun.objects.get()
    first, second = run.tasks.all()
    services.complete(first, by=desk.carla, note=f"Spoke with {name}", now=NOW)
    services.hand_over(second, to=desk.ned, by=desk.carla, reason=f"{name} asked", now=NOW)
    clock = run.clocks.get(demand="touch")
    services.pause(clock, f"{name} is away", desk.carla, now=NOW)
    services.log_touch(one, kind="call", at=NOW, by=desk.carla, note=name, now=NOW)
    services.plan_made(one, by=desk.carla, why=f"With {name}", now=NOW)
    services.snooze_play(one, "rescue", until=MONDAY, reason=name, by=desk.carla, now=NOW)
    services.accept_loss(one, reason=f"{name} said so", by=desk.carla, seen=None, now=NOW)
    TeamLoad.objects.create(as_of=today(), at=NOW, document={"loads": [{"owner": name}]})
    return TaskEvent.objects.count()


def test_a_contact_is_in_no_text_of_their_account_afterwards(
    desk: Desk, with_plays: Callable[..., None]
) -> None:
    before = _busy(desk, with_plays, "Patricia Novak")
    TeamLoad.objects.all().delete()  # names our people only
    assert "Patricia" in _everything()
    counts = erase_contact("A1", ("patricia novak",), NOW)
    assert "Patricia" not in _everything()
    assert counts["touch"] == 1
    assert TaskEvent.objects.count() == before


def test_a_former_user_is_called_so_everywhere(desk: Desk, with_plays: Callable[..., None]) -> None:
    former = person("Ferdinand")
    _busy(desk, with_plays, "Ferdinand")
    run = PlayRun.objects.get()
    for task in run.tasks.unfinished():
        services.hand_over(task, to=former, by=former, reason="Mine", now=NOW)
    erase_user(str(former.pk), NOW)
    text = _everything()
    assert "Ferdinand" not in text
    assert "ferdinand@" not in text
    assert f"Former user {former.pk}" in text
