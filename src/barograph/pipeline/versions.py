"""Versions by name, whether they are in force or only proposed: `saas-v3` and `saas-p1`.

A proposal that is scored in the shadow is a version to everything that scores or reads scores; it only has no
number among those that were ever in force.
"""

from __future__ import annotations

from dataclasses import dataclass

from barograph.definitions.model import ScoreModel
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.pipeline.registry import Registry, Version


@dataclass(frozen=True, slots=True)
class ProposedVersion(Version):
    """A proposal as a version. figures: those of the proposal, its track record among them."""

    @property
    def key(self) -> str:
        """`saas-p1`."""
        return f"{self.name}-p{self.number}"

    @property
    def title(self) -> str:
        return f"{self.name} p{self.number}"


def as_version(proposal: ModelProposal, effective_from: int = 0) -> ProposedVersion:
    """A proposal as a version that scores from a day on."""
    return ProposedVersion(
        name=proposal.name,
        number=proposal.number,
        behaviour=proposal.behaviour,
        label=proposal.label,
        effective_from=effective_from,
        created_at=proposal.created_at,
        created_by=proposal.created_by,
        reason=proposal.reason,
        figures={**proposal.figures, "kind": proposal.kind, "track_record": proposal.track_record},
    )


def is_proposal(name: str) -> bool:
    """Whether a name means a proposal: `saas-p1`, `p1`; else it means a version."""
    _, dash, number = name.rpartition("-")
    part = number if dash else name
    return part[:1] == "p" and part[1:].isdecimal()


def full_key(name: str, model: str) -> str:
    """`p1`, `v2` or `2` of a model as `saas-p1`, `saas-v2`; a full key stays."""
    if is_proposal(name):
        return name if "-" in name else f"{model}-{name}"
    return name if "-v" in name else f"{model}-v{name.removeprefix('v')}"


def version_of(registry: Registry, key: str) -> Version:
    """The version or proposal with a full key. Raises UsageError naming those that exist."""
    if is_proposal(key):
        return as_version(Proposals(registry.folder).by_key(key))
    return registry.by_key(key)


def definition_of(registry: Registry, version: Version) -> ScoreModel:
    """The definition of either, as it was. Raises LakeError when its file was changed afterwards."""
    if isinstance(version, ProposedVersion):
        proposals = Proposals(registry.folder)
        return proposals.model(proposals.by_key(version.key))
    return registry.model(version)
