"""The sections of the application and its bell. An app registers its own in AppConfig.ready; ui knows no other app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Section:
    """A link of the header: shown to those whom `allowed` says."""

    position: int
    label: str
    view: str
    allowed: Callable[[Any], bool]
    also: tuple[str, ...] = ()
    """Further namespaces whose pages are in this section."""


SECTIONS: list[Section] = []


def register(section: Section) -> None:
    """Add a section, in order of position; the same view twice is one."""
    if all(other.view != section.view for other in SECTIONS):
        SECTIONS.append(section)
        SECTIONS.sort(key=lambda s: s.position)


@dataclass(frozen=True, slots=True)
class Bell:
    """The bell of the header: shown to those whom `allowed` says, with how many things `unread(user)` counts."""

    label: str
    view: str
    allowed: Callable[[Any], bool]
    unread: Callable[[Any], int]


BELLS: list[Bell] = []


def ring(bell: Bell) -> None:
    """Have a bell in the header; the same view twice is one."""
    if all(other.view != bell.view for other in BELLS):
        BELLS.append(bell)
