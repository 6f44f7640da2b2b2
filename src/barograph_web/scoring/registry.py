"""The registry as pages show it: published files, read once for as long as they stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from barograph.definitions.model import ScoreModel
from barograph.errors import BarographError, UsageError
from barograph.pipeline.learn_inputs import Models, models_of
from barograph.pipeline.learn_kept import validations
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.pipeline.registry import Registry, Version
from barograph.reports.models import proposal_entry, version_entry
from barograph.workspace import Workspace

Stamp = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Known:
    """The models of a workspace as of one state of its files. versions, proposals: entries of
    `barograph.models/1`, newest first. problem: why the model file cannot be read, in words; "" when it can."""

    models: Models | None
    versions: tuple[dict[str, Any], ...]
    proposals: tuple[dict[str, Any], ...]
    problem: str

    @property
    def in_force(self) -> str:
        """Key of the version in force; the bare name of a model that scored nothing yet; "" without a model."""
        return "" if self.models is None else self.models.key

    def entry(self, key: str) -> dict[str, Any] | None:
        """The entry of a version or proposal."""
        return next((e for e in (*self.versions, *self.proposals) if e["version"] == key), None)


@dataclass(frozen=True)
class Named:
    """A version or proposal with its definition. record is None for the model file that has no version yet."""

    key: str
    model: ScoreModel
    record: Version | ModelProposal | None

    @property
    def is_proposal(self) -> bool:
        return isinstance(self.record, ModelProposal)

    @property
    def figures(self) -> dict[str, Any]:
        """What it was approved or proposed on; empty for a model written by hand."""
        return {} if self.record is None else self.record.figures


def known(place: Workspace) -> Known:
    """All versions and proposals. A change of any file is seen at the next call."""
    return _known(place.path, _stamp(place.path))


def named(place: Workspace, key: str) -> Named:
    """A version (`saas-v3`), a proposal (`saas-p1`), or the model in force by its name.

    Raises UsageError when there is none.
    """
    found = known(place)
    if found.models is None:
        raise UsageError(found.problem)
    registry = found.models.registry
    if key == found.in_force and found.models.version is None:
        return Named(key, found.models.in_force, None)
    if found.entry(key) is None:
        raise UsageError(f"there is no model version or proposal {key!r}.")
    if "-p" in key and found.entry(key) in found.proposals:
        proposals = Proposals(registry.folder)
        proposal = proposals.by_key(key)
        return Named(key, _proposal_model(registry.folder, key, proposal.behaviour), proposal)
    version = registry.by_key(key)
    return Named(key, _version_model(registry.folder, key, version.behaviour), version)


def kept_validations(place: Workspace, version: Version) -> list[dict[str, Any]]:
    """The validations of a version that were asked for, newest first."""
    return validations(Registry(place.path / "registry"), version)[::-1]


def forget() -> None:
    """Read everything anew; for tests that put another workspace in the same folder."""
    for cached in (_known, _version_model, _proposal_model):
        cached.cache_clear()


@lru_cache(maxsize=4)
def _known(path: Path, _stamp_now: Stamp) -> Known:
    place = Workspace.open(path)
    try:
        models = models_of(place)
    except BarographError as error:
        return Known(None, (), (), str(error))
    name = models.in_force.name
    versions = tuple(version_entry(models, v) for v in reversed(models.registry.versions(name)))
    proposals = tuple(proposal_entry(p) for p in reversed(Proposals(models.registry.folder).all(name)))
    return Known(models, versions, proposals, "")


@lru_cache(maxsize=64)
def _version_model(folder: Path, key: str, _behaviour: str) -> ScoreModel:
    registry = Registry(folder)
    return registry.model(registry.by_key(key))


@lru_cache(maxsize=64)
def _proposal_model(folder: Path, key: str, _behaviour: str) -> ScoreModel:
    proposals = Proposals(folder)
    return proposals.model(proposals.by_key(key))


def _stamp(path: Path) -> Stamp:
    files = [path / "barograph.toml", *(path / "models").glob("*.toml"), *(path / "registry").rglob("*.*")]
    return tuple(sorted((str(f), f.stat().st_mtime_ns) for f in files if f.is_file()))
