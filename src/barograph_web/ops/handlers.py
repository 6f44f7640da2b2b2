"""Which function does which kind of run, and what a run does with its context.

An app registers in its AppConfig.ready: `register` for the kinds it does, `follow_up` for steps that come after
another app's run, such as the projection after the weekly refresh. So `ops` knows no app above it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from barograph_web.ops.models import RunKind

if TYPE_CHECKING:
    from barograph_web.ops.running import RunContext

Handler = Callable[["RunContext"], Mapping[str, Any] | None]
"""Does the work of a run and returns its result as JSON. It must give the same when it is run again from the start:
a worker may be killed anywhere.

Raises RefusedError for lack of data (the run ends as refused), LockedError when another process holds the workspace
(the run waits and is tried again), any other BarographError with what to do about it (the run ends as failed).
"""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A part of a kind of run that belongs to another app. It opens its own steps."""

    kind: str
    position: int
    name: str
    function: Callable[[RunContext], None]


HANDLERS: dict[str, Handler] = {}
FOLLOW_UPS: list[FollowUp] = []


def register(kind: str, function: Handler) -> None:
    """Have `function` do the runs of `kind`. Raises ValueError for an unknown kind, or one that is taken."""
    kind = str(RunKind(kind))
    if HANDLERS.get(kind, function) is not function:
        raise ValueError(f"runs of kind {kind!r} are done by {HANDLERS[kind].__qualname__} already")
    HANDLERS[kind] = function


def follow_up(kind: str, position: int, name: str, function: Callable[[RunContext], None]) -> None:
    """Have `function` called within runs of `kind`, in order of position; the same name twice is one.

    They come after the handler, and decide like it how the run ends.
    """
    kind = str(RunKind(kind))
    if all((one.kind, one.name) != (kind, name) for one in FOLLOW_UPS):
        FOLLOW_UPS.append(FollowUp(kind, position, name, function))
        FOLLOW_UPS.sort(key=lambda one: (one.kind, one.position))


def follow_ups(kind: str) -> list[FollowUp]:
    """What was registered for a kind, in order."""
    return [one for one in FOLLOW_UPS if one.kind == kind]
