"""Finding the people that a comment names with `@`, and showing them again. Pure, but for the escaping of HTML.

Stored is `@{12}`, the number of the person, so that a comment shows the name that they have now, and none after they
were erased.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_AT = re.compile(r"(?<![\w@.])@(?=\w)")
_STORED = re.compile(r"@\{(\d{1,18})\}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be named: number, name, address."""

    pk: int
    name: str
    email: str

    @property
    def handles(self) -> Iterable[str]:
        """What names them: the whole name, the address, its part before the @, the first name."""
        yield from (self.name, self.email, self.email.partition("@")[0], self.name.partition(" ")[0])


class AmbiguousError(ValueError):
    """A name fits several people: `word`, and their names."""

    def __init__(self, word: str, names: Sequence[str]) -> None:
        super().__init__(f"@{word} may be {' or '.join(sorted(names))}: write the whole name or the address.")


@dataclass(frozen=True, slots=True)
class Named:
    """A text in its stored form, and the numbers of the people in it, each once, in order."""

    stored: str
    people: tuple[int, ...]


def named(text: str, people: Iterable[Person]) -> Named:
    """`text` with every `@name` of one of `people` replaced by the stored form.

    The longest name that fits counts ("@Anna Berg" is not Anna), whatever its case; it ends where the word ends. What
    names nobody stays as it was written. Raises AmbiguousError for a name that several have.
    """
    by_handle: dict[str, dict[int, str]] = {}
    for person in people:
        for handle in person.handles:
            if handle:
                by_handle.setdefault(handle.casefold(), {})[person.pk] = person.name
    longest_first = sorted(by_handle, key=lambda h: (-len(h), h))
    parts: list[str] = []
    found: dict[int, None] = {}
    done = 0
    for at in _AT.finditer(text):
        if at.start() < done:
            continue
        rest = text[at.end() :]
        handle = next((h for h in longest_first if _begins(rest, h)), None)
        if handle is None:
            continue
        if len(by_handle[handle]) > 1:
            raise AmbiguousError(rest[: len(handle)], list(by_handle[handle].values()))
        pk = next(iter(by_handle[handle]))
        found[pk] = None
        parts += [text[done : at.start()], f"@{{{pk}}}"]
        done = at.end() + len(handle)
    return Named("".join([*parts, text[done:]]), tuple(found))


def shown(stored: str, names: Mapping[int, str]) -> SafeString:
    """The comment as HTML: everything escaped, people in bold, lines kept. A number that is not in `names` stays."""
    pieces: list[SafeString] = []
    done = 0
    for mark in _STORED.finditer(stored):
        name = names.get(int(mark[1]))
        if name is None:
            continue
        pieces += [_lines(stored[done : mark.start()]), format_html('<b class="mention">@{}</b>', name)]
        done = mark.end()
    pieces.append(_lines(stored[done:]))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def plain(stored: str, names: Mapping[int, str]) -> str:
    """The comment as text, for mails."""
    return _STORED.sub(lambda m: f"@{names[int(m[1])]}" if int(m[1]) in names else m[0], stored)


def _begins(rest: str, handle: str) -> bool:
    """Whether the text goes on with this name and the word ends there. Same length in both cases: names whose case
    folding has another length are compared as they are written."""
    word = rest[: len(handle)]
    after = rest[len(handle) : len(handle) + 1]
    return word.casefold() == handle and not (after.isalnum() or after == "_")


def _lines(text: str) -> SafeString:
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in text.split("\n")))
