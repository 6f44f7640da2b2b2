"""Who can be given work."""

from __future__ import annotations

from barograph_web.plays.errors import RefusedError
from barograph_web.users.models import Role, User

CANNOT_WORK = frozenset({Role.GUEST, Role.EXECUTIVE})


def check_owner(owner: User | None, field: str) -> None:
    """Raises RefusedError for somebody who cannot be given work."""
    if owner is not None and (not owner.is_active or owner.role in CANNOT_WORK):
        raise RefusedError(field, f"{owner.name} does not work on accounts: choose somebody who does.")
