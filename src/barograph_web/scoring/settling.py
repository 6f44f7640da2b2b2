"""A draft that came into force although the application could not write that down.

A version is made by the library, in files; that its draft is approved is a row. When the row's transaction fails at
its very end, or the process dies between the two, the version is there and the draft still waits. The registry is the
truth (what came into force, by whom, why), so that the draft follows it when somebody looks at it next.
"""

from __future__ import annotations

from django.db import transaction

from barograph.pipeline.registry import Registry, Version
from barograph.workspace import Workspace
from barograph_web.ops.audit import audit
from barograph_web.ops.current import acting_as
from barograph_web.scoring.models import DraftState, ModelDraft


def settled(place: Workspace, draft: ModelDraft) -> ModelDraft:
    """The draft as the registry has it: approved where a version was made of this revision of it."""
    if draft.state != DraftState.SUBMITTED:
        return draft
    version = version_of(place, draft)
    if version is None:
        return draft
    with transaction.atomic(), acting_as(None, name=version.created_by):
        kept = ModelDraft.objects.select_for_update().get(pk=draft.pk)
        if kept.state != DraftState.SUBMITTED or kept.revision != draft.revision:
            return kept
        override = version.figures.get("override") or ""
        kept.state = DraftState.APPROVED
        kept.decision = {
            "what": "approved",
            "by": version.created_by.partition(" <")[0],
            "at": version.created_at,
            "reason": version.reason,
            "override": override,
            "version": version.key,
        }
        kept.save()
        audit(
            "draft.approved",
            kept,
            after={"state": kept.state, "version": version.key, "found_in_registry": True},
            reason=version.reason,
        )
        audit(
            "model.approved",
            ("model", version.key, version.title),
            before={"in_force": version.figures.get("replaced")},
            after={
                "in_force": version.key,
                "override": override or None,
                "draft": kept.pk,
                "author": kept.author_label,
                "found_in_registry": True,
            },
            reason=version.reason,
        )
    return kept


def version_of(place: Workspace, draft: ModelDraft) -> Version | None:
    """The version that was made of this revision of a draft; None when none was."""
    for version in reversed(Registry(place.path / "registry").versions(draft.model)):
        figures = version.figures
        if "rollback_to" not in figures and (figures.get("draft"), figures.get("draft_revision")) == (
            draft.pk,
            draft.revision,
        ):
            return version
    return None
