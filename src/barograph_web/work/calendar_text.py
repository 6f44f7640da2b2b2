"""All-day entries as an iCalendar object (RFC 5545), ready to be subscribed to. Pure.

Only what a feed of due days needs: VEVENT with VALUE=DATE, no time zones, no recurrence. RFC 7986 gives the calendar
its name and says how often to ask again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

PRODUCT = "-//Barograph//Work due//EN"
LONGEST_LINE = 75
"""Octets of a content line without its line break (RFC 5545, 3.1)."""
ASK_AGAIN = "PT1H"
NOTHING = (
    "BEGIN:VTIMEZONE",
    "TZID:UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
)
"""What stands in a calendar without entries, which must have at least one component (3.6): one that nobody sees."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One all-day entry. uid: the same for the same thing for ever. changed_at: when what it says last changed, with a
    zone (it is DTSTAMP and LAST-MODIFIED). sequence: grows with each change. url: an absolute address."""

    uid: str
    on: date
    summary: str
    changed_at: datetime
    sequence: int = 0
    description: str = ""
    url: str = ""


def calendar_text(name: str, entries: Iterable[Entry]) -> str:
    """The whole object, with CRLF line ends, each line folded to 75 octets. Raises ValueError for a naive instant."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{ASK_AGAIN}",
        f"X-PUBLISHED-TTL:{ASK_AGAIN}",
    ]
    events = [line for entry in entries for line in _event(entry)]
    lines += [*(events or NOTHING), "END:VCALENDAR"]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(entry: Entry) -> list[str]:
    stamp = _instant(entry.changed_at)
    found = [
        "BEGIN:VEVENT",
        f"UID:{escaped(entry.uid)}",
        f"DTSTAMP:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTART;VALUE=DATE:{entry.on:%Y%m%d}",
        # DTEND is not part of the entry (3.6.1). `date.max` has no day after it: one day is then implied.
        *([f"DTEND;VALUE=DATE:{entry.on + timedelta(days=1):%Y%m%d}"] if entry.on < date.max else []),
        f"SUMMARY:{escaped(entry.summary)}",
    ]
    if entry.description:
        found.append(f"DESCRIPTION:{escaped(entry.description)}")
    if entry.url:
        found.append(f"URL:{_uri(entry.url)}")
    return [*found, "TRANSP:TRANSPARENT", "CLASS:PRIVATE", "END:VEVENT"]


def escaped(text: str) -> str:
    """A TEXT value (3.3.11): backslash, semicolon, comma and line break escaped; other control characters, which the
    format cannot hold, left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in "\n\t" or not (ord(c) < 32 or ord(c) == 127))
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> str:
    """The line in pieces of at most 75 octets, each after the first begun by a space; no character is cut in two."""
    pieces: list[str] = []
    piece, room = "", LONGEST_LINE
    for char in line:
        size = len(char.encode())
        if size > room:
            pieces.append(piece)
            piece, room = "", LONGEST_LINE - 1  # the space that begins it counts
        piece += char
        room -= size
    return "\r\n ".join([*pieces, piece])


def _uri(url: str) -> str:
    """An address is not escaped as a TEXT is; what would end the line has no place in it."""
    return "".join(c for c in url if ord(c) > 32 and ord(c) != 127)


def _instant(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone: an instant in a calendar is in UTC")
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
