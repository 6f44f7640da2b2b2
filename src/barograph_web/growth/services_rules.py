"""Which rules are in force, and writing others: rows that are added, so that what counted on a day can be shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from pydantic import ValidationError

from barograph_web.growth.history import OvertakenError, RefusedError
from barograph_web.growth.models import RuleSet
from barograph_web.growth.rules import SHIPPED, GrowthRules
from barograph_web.ops.audit import audit
from barograph_web.ops.models import RunKind
from barograph_web.ops.services import request_run
from barograph_web.users.models import User


def in_force() -> tuple[int, GrowthRules]:
    """The number and the rules that stand; 0 and the shipped ones before anybody wrote others."""
    row = RuleSet.objects.first()
    return (0, SHIPPED) if row is None else (row.number, read(row.rules))


def read(kept: Mapping[str, Any]) -> GrowthRules:
    """Rules as they were kept. What a later release added takes its default; what it took away is left out."""
    return GrowthRules(**{name: value for name, value in kept.items() if name in GrowthRules.model_fields})


def write_rules(values: Mapping[str, Any], *, seen: int, reason: str, by: User, now: datetime) -> RuleSet:
    """Put other rules in force, and have readiness worked out anew.

    seen: the number that the person was shown. Raises RefusedError naming the field that is out of range, or `reason`
    without one; OvertakenError when others stand by now.
    """
    try:
        rules = GrowthRules(**values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise RefusedError(str(first["loc"][0]), first["msg"]) from None
    if not reason.strip():
        raise RefusedError("reason", "Say why the rules change.")
    number, before = in_force()
    if number != seen:
        raise OvertakenError(None, [])
    if rules == before:
        raise RefusedError("reason", "These are the rules in force: nothing would change.")
    old, new = before.model_dump(mode="json"), rules.model_dump(mode="json")
    changed = [name for name in new if new[name] != old[name]]
    try:
        with transaction.atomic():
            row = RuleSet.objects.create(
                number=number + 1, rules=new, reason=reason.strip(), by=by, by_label=by.name, at=now
            )
            audit(
                "growth_rules.changed", row, before={name: old[name] for name in changed},
                after={name: new[name] for name in changed}, reason=row.reason,
            )  # fmt: skip
            request_run(RunKind.PROJECT, f"growth-rules-{row.number}", by=by)
    except IntegrityError as error:
        raise OvertakenError(None, []) from error
    return row
