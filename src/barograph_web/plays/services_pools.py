"""Writes of pools: people who share the work of steps that name the pool."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils.text import slugify

from barograph_web.ops.audit import audit
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.models import Pool, PoolMember
from barograph_web.plays.people import check_owner
from barograph_web.users.models import User


def save_pool(*, title: str, members: Sequence[User], name: str = "", revision: int = 0) -> Pool:
    """A new pool, or with the `revision` that somebody saw (1 and more), another title or members of it.

    name: what steps call it; made from the title when empty. Raises RefusedError (no title, a name that is taken,
    a member who cannot work on accounts), OvertakenError when it was changed meanwhile.
    """
    name = slugify(name or title)[:120]
    if not title.strip() or not name:
        raise RefusedError("title", "Give the pool a name in letters.")
    for member in members:
        check_owner(member, "members")
    columns = {"title": title.strip()[:200]}
    with transaction.atomic():
        if not revision:
            pool, made = Pool.objects.get_or_create(name=name, defaults=columns)
            if not made:
                raise RefusedError("title", f"There is a pool {name!r} already.")
        else:
            changed = Pool.objects.filter(name=name, revision=revision)
            if not changed.update(revision=F("revision") + 1, **columns):
                raise OvertakenError(Pool.objects.filter(name=name).first())
            pool = Pool.objects.get(name=name)
        before = _names(pool)
        kept = {member.pk for member in members}
        PoolMember.objects.filter(pool=pool).exclude(user__in=kept).delete()
        there = set(PoolMember.objects.filter(pool=pool).values_list("user", flat=True))
        PoolMember.objects.bulk_create(PoolMember(pool=pool, user=m) for m in members if m.pk not in there)
        audit("pool.saved", pool, before={"members": before}, after={"members": _names(pool)})
    return pool


def _names(pool: Pool) -> list[str]:
    return list(pool.members.order_by("name").values_list("name", flat=True))
