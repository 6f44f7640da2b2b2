"""Truth: RFC 5545, by an independent reader (tests/support/web_icalendar.py) and by property: whatever the texts,
what was written is read again, no line is longer than 75 octets, and nothing typed becomes a property (issue 5, 6)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph_web.work.calendar_text import Entry, calendar_text, escaped, folded
from support.web_icalendar import parse, unfolded

STAMP = datetime(2026, 11, 16, 8, 30, 5, tzinfo=UTC)
TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=300)


def entry(**more: object) -> Entry:
    values: dict[str, object] = {
        "uid": "task-1@host",
        "on": date(2026, 11, 20),
        "summary": "Call",
        "changed_at": STAMP,
    }
    return Entry(**{**values, **more})  # type: ignore[arg-type]


def readable(text: str) -> str:
    """What of a text a calendar can hold: line breaks are one kind, control characters are gone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or not (ord(c) < 32 or ord(c) == 127))


def test_an_entry_says_what_the_rfc_asks_for() -> None:
    written = calendar_text(
        "Work; of, Åsa", [entry(sequence=3, url="https://b.example/work/tasks/1/", description="x")]
    )
    calendar = parse(written.encode())
    assert calendar.one("NAME").text == calendar.one("X-WR-CALNAME").text == "Work; of, Åsa"
    assert not calendar.has("METHOD"), "with one, ORGANIZER would be needed (RFC 5546, 3.2.1)"
    (event,) = calendar.parts
    assert event.one("UID").text == "task-1@host"
    assert event.one("DTSTART").day == date(2026, 11, 20)
    assert event.one("DTEND").day == date(2026, 11, 21), "the end is not part of the day"
    assert event.one("DTSTAMP").instant == event.one("LAST-MODIFIED").instant == STAMP
    assert event.one("SEQUENCE").value == "3"
    assert event.one("TRANSP").value == "TRANSPARENT", "a due day keeps nobody busy"
    assert event.one("URL").value == "https://b.example/work/tasks/1/"


@given(summary=TEXTS, description=TEXTS, name=TEXTS)
def test_whatever_was_typed_is_read_again_and_stays_text(summary: str, description: str, name: str) -> None:
    calendar = parse(calendar_text(name, [entry(summary=summary, description=description)]).encode())
    (event,) = calendar.parts
    assert event.one("SUMMARY").text == readable(summary)
    assert calendar.one("NAME").text == readable(name)
    if description:
        assert event.one("DESCRIPTION").text == readable(description)
    assert {p.name for p in event.properties} <= {
        "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "TRANSP", "CLASS",
    }  # fmt: skip


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=400))
def test_folding_is_undone_by_taking_out_break_and_space(line: str) -> None:
    pieces = folded(line).split("\r\n")
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert all(piece.startswith(" ") for piece in pieces[1:])
    assert "".join([pieces[0], *(piece[1:] for piece in pieces[1:])]) == line
    if len(line.encode()) <= 75:
        assert len(pieces) == 1
    if line and not line.startswith((" ", "\t")):
        assert unfolded(f"{folded(line)}\r\n".encode()) == [line]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a;b,c\\d", "a\\;b\\,c\\\\d"),
        ("one\r\ntwo\rthree\nfour", "one\\ntwo\\nthree\\nfour"),
        ("bell\x07 and null\x00", "bell and null"),
        ("X\nATTENDEE:mailto:a@b.example", "X\\nATTENDEE:mailto:a@b.example"),
    ],
)
def test_text_is_escaped_as_in_3_3_11(text: str, written: str) -> None:
    assert escaped(text) == written


def test_a_line_break_in_an_address_or_identity_does_not_make_a_property() -> None:
    written = calendar_text("W", [entry(url="https://b.example/\r\nATTENDEE:x", uid="a\r\nATTENDEE:y@host")])
    (event,) = parse(written.encode()).parts
    assert not event.has("ATTENDEE")


def test_instants_are_utc_and_days_have_no_zone() -> None:
    east = STAMP.astimezone(timezone(timedelta(hours=13)))
    assert calendar_text("W", [entry(changed_at=east)]) == calendar_text("W", [entry()])
    with pytest.raises(ValueError, match="no time zone"):
        calendar_text("W", [entry(changed_at=STAMP.replace(tzinfo=None))])


def test_the_last_day_there_is_has_no_end() -> None:
    (event,) = parse(calendar_text("W", [entry(on=date.max)]).encode()).parts
    assert event.one("DTSTART").day == date.max and not event.has("DTEND")


def test_a_thousand_entries_are_a_thousand() -> None:
    found = parse(calendar_text("W", [entry(uid=f"task-{n}@host") for n in range(1000)]).encode())
    assert len(found.parts) == 1000
