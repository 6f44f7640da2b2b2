"""Writes that other apps ask for: releasing what a new version moved. Drafts and versions have modules of their own."""

from __future__ import annotations

from django.db import transaction

from barograph.errors import UsageError
from barograph_web.ops.audit import audit
from barograph_web.ops.workspace import now
from barograph_web.scoring.announcing import after_release
from barograph_web.scoring.models import VersionRelease, Week
from barograph_web.users.models import User


def release_version(key: str, by: User, reason: str = "") -> VersionRelease:
    """A person looked at what version `key` moved (or a first back-fill filled in): from now on it counts (P9).

    Releasing twice is one release, the first person's. Raises UsageError for a version that scored no week here.
    """
    if not Week.objects.filter(model_version=key).exists():
        raise UsageError(f"no week here was scored by {key!r}.", hint="Reload the page.")
    with transaction.atomic():
        release, made = VersionRelease.objects.get_or_create(
            model_version=key,
            defaults={
                "released_by": by,
                "released_by_label": f"{by.name} <{by.email}>"[:200],
                "reason": reason.strip(),
            },
        )
        if made:
            audit("version.released", ("model", key, key), after={"released": True}, reason=reason.strip())
            after_release(now())
    return release
