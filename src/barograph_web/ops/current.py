"""Who acts, and in which request: set once at the edge (web, API, worker, command line), read by `audit`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from barograph_web.users.models import User


@dataclass(frozen=True, slots=True)
class Acting:
    """The person (None: the system itself, or `name` at the command line), the door they came through, and the
    request's id."""

    user: User | None = None
    via: str = "worker"
    request_id: str = ""
    on_behalf_of: str = ""
    name: str = "Barograph"

    @property
    def label(self) -> str:
        return f"{self.user.name} <{self.user.email}>" if self.user is not None else self.name


SYSTEM = Acting()
_acting: ContextVar[Acting] = ContextVar("acting", default=SYSTEM)


def acting() -> Acting:
    """Who acts now."""
    return _acting.get()


@contextmanager
def acting_as(
    user: User | None = None,
    *,
    via: str | None = None,
    request_id: str | None = None,
    name: str | None = None,
) -> Iterator[Acting]:
    """Within the block, writes are `user`'s; without one, of `name`. What is not given stays as it is."""
    now = _acting.get()
    token = _acting.set(
        replace(
            now,
            user=user,
            via=now.via if via is None else via,
            request_id=now.request_id if request_id is None else request_id,
            name=now.name if name is None else name,
        )
    )
    try:
        yield _acting.get()
    finally:
        _acting.reset(token)
