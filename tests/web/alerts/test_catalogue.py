"""The event catalogue (P5, X1). Truth: docs/reference/events.md is the catalogue (BAROGRAPH_WRITE_GOLDEN=1 writes its
list anew), every kind has a schema that its payloads pass through JSON unchanged, and what does not fit is refused."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from barograph.errors import UsageError
from barograph_web.alerts.catalogue import EVENTS, GROUPS, TOPICS, EventKind, weight_of
from barograph_web.alerts.events import LARGEST, emit
from barograph_web.alerts.models import Event
from barograph_web.alerts.words import because, figures, path_of, sentence
from barograph_web.ops.current import acting_as
from barograph_web.users.models import Role, User
from support.web_receiver import NOW

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "events.md"
NAMED = (
    "tier.changed score.dropped play.opened play.closed task.assigned task.breached task.escalated task.due "
    "mention.made data.incident pulse.due pulse.expired pulse.diverged verdict.recorded handover.requested "
    "handover.accepted handover.overdue escalation.opened escalation.resolved model.approved import.quarantined "
    "refresh.failed segment.step"
)
"""The kinds that the other apps were promised."""


def example(kind: EventKind) -> dict[str, Any]:
    """A payload with every field, from the schema."""
    schema = kind.schema
    return {name: _value(name, field, schema) for name, field in schema["properties"].items()}


def _value(name: str, field: dict[str, Any], schema: dict[str, Any]) -> Any:
    options = field.get("anyOf", [field])
    first = options[0]
    if "enum" in first:
        return first["enum"][0]
    match first.get("type"), first.get("format"):
        case "string", "date":
            return "2026-11-16"
        case "string", "date-time":
            return "2026-11-16T06:00:00Z"
        case "string", _:
            return f"{name}@example.com" if "email" in name else name
        case "integer", _:
            return 3
        case "number", _:
            return -12.5 if name == "change" else 0.5
        case "boolean", _:
            return True
        case "array", _:
            return ["carla@example.com"]
        case "object", _:
            return {"contacts": 3}
        case _:
            pass
    raise AssertionError((name, field))


def listed() -> str:
    """The list of kinds as the page has it."""
    parts = []
    for group in GROUPS:
        parts.append(f"\n### {group}\n")
        for kind in EVENTS.values():
            if kind.group == group:
                parts += _section(kind)
    return "\n".join(parts) + "\n"


def _section(kind: EventKind) -> list[str]:
    schema = kind.schema
    rows = [
        f"| `{name}` | {_type(field)}{'' if name in schema.get('required', []) else ', optional'} "
        f"| {_said(field)} |"
        for name, field in schema["properties"].items()
    ]
    head = f"\n#### `{kind.name}`\n\n{kind.meaning} Told to: {kind.concerns}.\n"
    return [head, "| field | type | what it says |", "|---|---|---|", *rows]


def _said(field: dict[str, Any]) -> str:
    return str(field.get("description") or field.get("anyOf", [{}])[0].get("description") or "")


def _type(field: dict[str, Any]) -> str:
    options = [one for one in field.get("anyOf", [field]) if one.get("type") != "null"]
    nullable = len(options) < len(field.get("anyOf", [field]))
    one = options[0]
    told = " or ".join(f"`{value}`" for value in one["enum"]) if "enum" in one else _plain(one)
    return told + (" or null" if nullable else "")


def _plain(one: dict[str, Any]) -> str:
    if one["type"] == "array":
        return f"list of {_plain(one['items'])}"
    if one["type"] == "object":
        return f"object of {_plain(one['additionalProperties'])}"
    return {"date": "day", "date-time": "instant"}.get(
        one.get("format", ""), "text" if one["type"] == "string" else one["type"]
    )


def test_the_page_is_the_catalogue() -> None:
    text = PAGE.read_text(encoding="utf-8")
    head = text.partition("## Kinds\n")[0] + "## Kinds\n"
    if os.environ.get("BAROGRAPH_WRITE_GOLDEN"):
        PAGE.write_text(head + listed(), encoding="utf-8")
        text = PAGE.read_text(encoding="utf-8")
    assert text == head + listed()


def test_the_kinds_that_were_promised_are_there() -> None:
    assert set(EVENTS) == set(NAMED.split())


@pytest.mark.django_db
@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.name)
def test_every_kind_can_be_emitted_told_and_read_again(kind: EventKind) -> None:
    payload = example(kind)
    event = emit(kind.name, key="k", at=NOW, account_id="A1", payload=payload)
    event.refresh_from_db()
    assert event.payload == {**payload, **{k: v for k, v in event.payload.items() if k.endswith("_at")}}
    assert kind.payload.model_validate(event.payload).model_dump(mode="json") == event.payload
    assert event.topic in TOPICS
    told = sentence(event, "Northwind")
    assert told and "\n" not in told
    assert path_of(event).startswith("/")
    assert isinstance(because(event) + figures(event, "EUR"), str)
    assert all(name in kind.schema["properties"] for name in kind.named)


def test_a_schema_refuses_what_it_does_not_know() -> None:
    for kind in EVENTS.values():
        assert kind.schema["additionalProperties"] is False
        assert kind.meaning.endswith(".")
        for name, field in kind.schema["properties"].items():
            assert _said(field), f"{kind.name}: say what {name} is"


@pytest.mark.django_db
def test_the_same_key_is_the_same_event() -> None:
    first = emit("pulse.due", key="A1:2026-11", at=NOW, account_id="A1", payload={"due_on": "2026-11-30"})
    again = emit("pulse.due", key="A1:2026-11", at=NOW, account_id="A1", payload={"due_on": "2026-12-31"})
    assert again == first
    assert again.payload["due_on"] == "2026-11-30"
    emit("pulse.expired", key="A1:2026-11", at=NOW, account_id="A1", payload={"expired_on": "2026-11-30"})
    assert Event.objects.count() == 2


@pytest.mark.django_db
def test_a_long_key_is_kept_as_its_digest_and_still_one_event() -> None:
    long, other = "pulse:" + "a" * 400, "pulse:" + "a" * 399 + "b"
    made = [
        emit("pulse.due", key=k, at=NOW, account_id="A", payload={"due_on": "2026-11-30"})
        for k in (long, long, other)
    ]
    assert made[0] == made[1] != made[2]
    assert len(made[0].key) <= 300


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "more", "words"),
    [
        ("tier.left", {}, "not a kind"),
        ("pulse.due", {"key": ""}, "no key"),
        ("pulse.due", {"at": datetime(2026, 11, 16)}, "no time zone"),
        ("pulse.expired", {"account_id": ""}, "names no account"),
        ("pulse.due", {"payload": {}}, "due_on: Field required"),
        ("pulse.due", {"payload": {"due_on": "2026-11-30", "mood": "good"}}, "mood"),
        ("import.quarantined", {"payload": {"import_id": "i", "rows": 0}}, "rows"),
        (
            "import.quarantined",
            {"payload": {"import_id": "i", "rows": 1, "tables": {"t" * LARGEST: 1}}},
            "longer than",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_words(kind: str, more: dict[str, Any], words: str) -> None:
    payload = {"expired_on": "2026-11-30"} if kind == "pulse.expired" else {"due_on": "2026-11-30"}
    given = {"key": "k", "at": NOW, "account_id": "A1", "payload": payload, **more}
    with pytest.raises(UsageError, match=words):
        emit(kind, **given)
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_who_did_it_is_known_when_a_person_did() -> None:
    carla = User.objects.create_user("carla@example.com", name="Carla", role=Role.CSM)
    with acting_as(carla, via="web"):
        assert (
            emit("pulse.due", key="1", at=NOW, account_id="A", payload={"due_on": "2026-11-30"}).actor
            == carla
        )
    with acting_as(carla, via="worker"):
        assert (
            emit("pulse.due", key="2", at=NOW, account_id="A", payload={"due_on": "2026-11-30"}).actor is None
        )


def test_downward_comes_first() -> None:
    def weight(before: str, after: str, direction: str) -> int:
        kind = EVENTS["tier.changed"]
        said = {"as_of": "2026-11-16", "before": before, "after": after, "direction": direction}
        return weight_of(kind.payload.model_validate(said), kind)

    order = [
        weight("watch", "at_risk", "down"),
        weight("growth", "healthy", "down"),
        weight("healthy", "insufficient", "unknown"),
        weight("insufficient", "watch", "unknown"),
    ]
    assert order == sorted(order)
    assert weight("watch", "healthy", "up") > max(order[:3])


@pytest.mark.django_db
def test_a_name_cannot_write_on_the_terminal_or_turn_the_line() -> None:
    said = {"as_of": "2026-11-16", "before": "healthy", "after": "watch", "direction": "down", "score": 50.2}
    event = emit("tier.changed", key="k", at=datetime(2026, 11, 16, tzinfo=UTC), account_id="A", payload=said)
    assert sentence(event, "Evil\x1b[2J\u202eCo") == "Evil [2JCo fell from Healthy to Watch, score 50"
    assert json.loads(json.dumps(event.payload)) == event.payload
