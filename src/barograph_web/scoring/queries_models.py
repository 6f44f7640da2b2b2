"""Reads for the pages of models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from barograph.pipeline.learn_compare import TIERS
from barograph.workspace import Workspace
from barograph_web.ops.models import Run, RunKind
from barograph_web.scoring.models import AccountWeek, DraftState, ModelDraft, VersionRelease, Week
from barograph_web.scoring.services_versions import comparison_key

OPEN = (DraftState.EDITING, DraftState.SUBMITTED, DraftState.REJECTED)


@dataclass(frozen=True, slots=True)
class Release:
    """A version whose tier moves wait for a person (P9). weeks: how many it scored here; moved: accounts that stood
    in another tier in its first week than in the week before, None without one before."""

    key: str
    title: str
    weeks: int
    filled_in: bool
    moved: int | None


def open_drafts() -> QuerySet[ModelDraft]:
    """Drafts that are being edited, wait for approval, or were sent back; newest first, without their texts."""
    return ModelDraft.objects.filter(state__in=OPEN).defer("text", "effect").select_related("effect_run")


def unreleased() -> list[Release]:
    """Versions that scored weeks here and that nobody has released, newest first."""
    released = VersionRelease.objects.values("model_version")
    rows = (
        Week.objects.exclude(model_version__in=released)
        .values("model_version", "model_title")
        .annotate(weeks=Count("pk"))
        .order_by("-model_version")
    )
    return [_release(row) for row in rows]


def released(key: str) -> VersionRelease | None:
    """The release of a version; None while it waits."""
    return VersionRelease.objects.filter(model_version=key).first()


def comparison(place: Workspace, before: str, after: str) -> Run | None:
    """The run that compared two definitions on what is imported now; None when nobody asked."""
    key = comparison_key(before, after, place.lake.manifest().generation)
    return Run.objects.filter(kind=RunKind.VALIDATE, key=key).first()


def last_run(kind: str, work: str = "") -> Run | None:
    """The newest run of a kind; work: of that kind of validation only."""
    runs = Run.objects.filter(kind=kind)
    return (runs.filter(arguments__work=work) if work else runs).first()


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One tier before: accounts by tier after, in the order of the header. `staying` is the cell on the diagonal."""

    tier: str
    cells: tuple[tuple[str, int, float], ...]


def matrix(migration: dict[str, Any]) -> tuple[list[str], list[MatrixRow]]:
    """The tiers that occur, and a row for each: (tier after, accounts, revenue)."""
    cells = {(c["before"], c["after"]): (c["accounts"], c["arr"] or 0.0) for c in migration["cells"]}
    names = [t for t in TIERS if any(t in pair for pair in cells)]
    rows = [
        MatrixRow(before, tuple((after, *cells.get((before, after), (0, 0.0))) for after in names))
        for before in names
    ]
    return names, rows


def _release(row: dict[str, Any]) -> Release:
    weeks = list(
        Week.objects.filter(model_version=row["model_version"])
        .order_by("as_of")
        .values_list("pk", "as_of", "filled_in")
    )
    first = weeks[0]
    before = Week.objects.filter(as_of__lt=first[1]).order_by("-as_of").values_list("pk", flat=True).first()
    moved = None if before is None else _moved(before, first[0])
    return Release(row["model_version"], row["model_title"], len(weeks), any(w[2] for w in weeks), moved)


def _moved(before: int, after: int) -> int:
    """Accounts that stand in another tier in `after` than in `before`."""
    then = dict(AccountWeek.objects.filter(week_id=before).values_list("account_id", "tier"))
    now = AccountWeek.objects.filter(week_id=after).values_list("account_id", "tier")
    return sum(account in then and then[account] != tier for account, tier in now)
