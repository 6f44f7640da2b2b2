"""Which changes of a published week are told: `tier.changed` and `score.dropped`.

Alerts fire on change, not on every recalculation: one event per account, week and kind. What a new model moved is told
once a person has released it (P9). The first week that was ever brought in is where alerts begin: neither its changes
nor those of weeks before it are told, however they were filled in; nor are those of a week that was told already and
is scored anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from barograph_web.alerts.events import record
from barograph_web.alerts.models import AnnouncedWeek
from barograph_web.alerts.payloads import BETTER
from barograph_web.portfolio.models import Standing, Week

BY_MODEL = "moved_by_model"
NOT_TOLD = ("", "new", BY_MODEL)
LONGEST_REASON = 1000

Released = Callable[[str], bool]
"""Whether a person has released what a model version moved."""


def announce(now: datetime, released: Released) -> int:
    """Emit what is to be told of the weeks that have standings; how many events are new.

    Called after every projection and after every release of a version; calling it again tells nothing twice.
    """
    weeks = list(Week.objects.exclude(documents_from="").defer("head", "totals").order_by("as_of"))
    if not weeks:
        return 0
    with transaction.atomic():
        begun = AnnouncedWeek.objects.filter(is_first=True).first()
        if begun is None:
            AnnouncedWeek.objects.create(as_of=weeks[-1].as_of, at=now, is_first=True)
            return 0
        told = set(AnnouncedWeek.objects.values_list("as_of", flat=True))
        return sum(
            _announce_week(week, week.as_of not in told, now, released)
            for week in weeks
            if week.as_of > begun.as_of and not week.filled_in
        )


def _announce_week(week: Week, is_new: bool, now: datetime, released: Released) -> int:
    """A week that was told already is only looked at for what a release has let through since."""
    rows = Standing.objects.filter(week=week).select_related("account").defer("detail").order_by("pk")
    made = 0
    if is_new:
        moved = rows.exclude(moved__in=NOT_TOLD).exclude(previous_tier=None).exclude(tier=F("previous_tier"))
        made += sum(_tell_move(row, week, now, by_model=False) for row in moved.iterator(chunk_size=500))
        made += sum(_tell_drop(row, week, now, points) for row, points in _dropped(rows))
    by_model = rows.filter(moved=BY_MODEL)
    if by_model.exists() and released(week.model_version):
        made += sum(_tell_move(row, week, now, by_model=True) for row in by_model.iterator(chunk_size=500))
    AnnouncedWeek.objects.update_or_create(
        as_of=week.as_of, defaults={"events": F("events") + made}, create_defaults={"at": now, "events": made}
    )
    return made


def _tell_move(row: Standing, week: Week, now: datetime, *, by_model: bool) -> int:
    before, after = row.previous_tier or "insufficient", row.tier
    payload = {
        **_shared(row, week),
        "before": before,
        "after": after,
        "direction": direction(before, after),
        "by_model": by_model,
    }
    return _emitted("tier.changed", row, week.as_of, now, payload)


def _tell_drop(row: Standing, week: Week, now: datetime, points: float) -> int:
    payload = {**_shared(row, week), "change": points, "tier": row.tier}
    return _emitted("score.dropped", row, week.as_of, now, payload)


def direction(before: str, after: str) -> str:
    """ "down", "up", or "unknown" where one of the two is insufficient data."""
    if before not in BETTER or after not in BETTER:
        return "unknown"
    return "up" if BETTER[after] > BETTER[before] else "down"


def data_points(review: Mapping[str, Any]) -> float | None:
    """By how many points the data moved the score within the week: what changed weights did is left out. None where
    the change does not decompose."""
    change = review.get("change") or {}
    if change.get("statement") != "items" or change.get("from") is None or change.get("to") is None:
        return None
    return sum(float(item["points"]) for item in change["items"] if item["kind"] != "weights")


def _dropped(rows: Any) -> Iterator[tuple[Standing, float]]:
    """Standings whose tier stayed and whose score the data lowered by the limit, with the points."""
    limit = settings.OPTIONS_IN_FORCE.score_drop_points
    fell = Q(previous_score__isnull=False, score__lt=F("previous_score"), tier=F("previous_tier"))
    for row in rows.filter(fell).iterator(chunk_size=500):
        points = data_points(row.review)
        if points is not None and points <= -limit:
            yield row, points


def _shared(row: Standing, week: Week) -> dict[str, Any]:
    return {
        "as_of": week.as_of,
        "score": row.score,
        "score_before": row.previous_score,
        "arr": row.arr,
        "opt_out_on": row.opt_out_on,
        "reason": str(row.review.get("why") or "")[:LONGEST_REASON],
        "owner_email": row.account.csm_email or "",
        "model_version": week.model_version,
    }


def _emitted(kind: str, row: Standing, as_of: date, now: datetime, payload: Mapping[str, Any]) -> int:
    """1 for an event that was not there."""
    account_id = row.account.account_id
    key = f"{as_of.isoformat()}:{account_id}"
    return int(record(kind, key=key, at=now, account_id=account_id, payload=payload)[1])
