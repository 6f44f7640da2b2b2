"""A reader of iCalendar written from RFC 5545's grammar, for the tests: it knows nothing of how the feed is written.

It is strict: line ends, lengths, characters, parameters and the properties that a VEVENT must have are checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

_LINE = re.compile(rb"[^\r\n]*\r\n")
_NAME = r"[A-Za-z0-9-]+"
_QUOTED = r'"[^"\x00-\x08\x0a-\x1f\x7f]*"'
_PLAIN = r'[^";:,\x00-\x08\x0a-\x1f\x7f]*'
_VALUE = rf"(?:{_QUOTED}|{_PLAIN})"
_CONTENT = re.compile(
    rf"(?P<name>{_NAME})(?P<params>(?:;{_NAME}={_VALUE}(?:,{_VALUE})*)*):(?P<value>[^\x00-\x08\x0a-\x1f\x7f]*)\Z"
)
_PARAM = re.compile(rf";({_NAME})=({_VALUE}(?:,{_VALUE})*)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
ONCE = {
    "DTSTAMP",
    "UID",
    "DTSTART",
    "SUMMARY",
    "DESCRIPTION",
    "URL",
    "SEQUENCE",
    "LAST-MODIFIED",
    "TRANSP",
    "CLASS",
}
ONCE_AND_NEEDED = {"DTSTAMP", "UID", "DTSTART"}  # 3.6.1, for an object without METHOD


@dataclass
class Property:
    """name in capitals; params by name in capitals; value as written."""

    name: str
    params: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value read as TEXT (3.3.11). Fails on an escape that there is not, and on a bare separator."""
        bare = re.sub(r"\\.", "", self.value)
        assert not re.search(r"[;,\\]", bare), f"{self.name}: a separator is not escaped in {self.value!r}"
        for found in _ESCAPE.finditer(self.value):
            assert found[1] in "\\;,nN", f"{self.name}: {found[0]!r} is no escape"
        return _ESCAPE.sub(lambda m: "\n" if m[1] in "nN" else m[1], self.value)

    @property
    def day(self) -> date:
        assert self.params.get("VALUE") == "DATE", f"{self.name} is not declared as a day"
        assert re.fullmatch(r"\d{8}", self.value), f"{self.name}: {self.value!r} is no day"
        return datetime.strptime(self.value, "%Y%m%d").replace(tzinfo=UTC).date()

    @property
    def instant(self) -> datetime:
        assert re.fullmatch(r"\d{8}T\d{6}Z", self.value), f"{self.name}: {self.value!r} is no instant in UTC"
        return datetime.strptime(self.value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


@dataclass
class Component:
    """A component with its properties in order and the components in it."""

    name: str
    properties: list[Property] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def one(self, name: str) -> Property:
        found = [p for p in self.properties if p.name == name]
        assert len(found) == 1, f"{self.name} has {len(found)} of {name}"
        return found[0]

    @property
    def events(self) -> list[Component]:
        return [part for part in self.parts if part.name == "VEVENT"]

    def has(self, name: str) -> bool:
        return any(p.name == name for p in self.properties)


def unfolded(data: bytes) -> list[str]:
    """Content lines (3.1): CRLF ends every line, no line has more than 75 octets, and each is UTF-8 by itself."""
    lines = _LINE.findall(data)
    assert b"".join(lines) == data, "something is outside lines that end with CRLF"
    found: list[str] = []
    for line in lines:
        body = line[:-2]
        assert len(body) <= 75, f"{len(body)} octets in {body!r}"
        text = body.decode("utf-8")  # a character cut in two would not decode
        if text[:1] in (" ", "\t"):
            assert found, "the first line is folded"
            found[-1] += text[1:]
        else:
            found.append(text)
    return found


def parse(data: bytes) -> Component:
    """The one VCALENDAR in `data`. Fails an assertion for what the RFC does not allow."""
    root = Component("")
    stack = [root]
    for line in unfolded(data):
        match = _CONTENT.match(line)
        assert match, f"no content line: {line!r}"
        name, value = match["name"].upper(), match["value"]
        params = {key.upper(): text for key, text in _PARAM.findall(match["params"])}
        if name == "BEGIN":
            stack.append(Component(value.upper()))
        elif name == "END":
            ended = stack.pop()
            assert ended.name == value.upper(), f"{value} ends {ended.name}"
            stack[-1].parts.append(ended)
        else:
            stack[-1].properties.append(Property(name, params, value))
    assert len(stack) == 1 and not root.properties and len(root.parts) == 1, "one calendar and nothing else"
    calendar = root.parts[0]
    assert (
        calendar.name == "VCALENDAR"
        and calendar.one("VERSION").value == "2.0"
        and calendar.one("PRODID").value
    )
    assert calendar.parts, "a calendar has at least one component (3.6)"
    uids = []
    for event in calendar.parts:
        if event.name == "VTIMEZONE":
            assert event.one("TZID").text and event.parts, "3.6.5"
            continue
        assert event.name == "VEVENT"
        names = [p.name for p in event.properties]
        assert set(names) >= ONCE_AND_NEEDED
        assert all(names.count(name) <= 1 for name in ONCE)
        assert event.one("DTSTAMP").instant
        uids.append(event.one("UID").text)
    assert len(uids) == len(set(uids)), "two events are the same one"
    return calendar
