"""The sections of the application. An app registers its own in its AppConfig.ready; ui knows no other app."""

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
