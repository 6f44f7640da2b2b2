"""What every learning verb starts from: the model in force, the expert model behind it, their versions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import load_model
from barograph.errors import UsageError
from barograph.pipeline.registry import Registry, Version
from barograph.workspace import Workspace

EXPERT_STAGES = ("heuristic", "validated_heuristic")


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a workspace that learning needs.

    in_force: the model file, its registered version (None before the first refresh or approval). expert: the
    newest model whose weights are opinion; the model in force itself while it is one; None when there never
    was one that today's signals can feed.
    """

    workspace: Workspace
    registry: Registry
    in_force: ScoreModel
    version: Version | None
    expert: ScoreModel | None

    @property
    def views(self) -> dict[str, ScoreModel]:
        """The models to score observations with, beside the one in force."""
        return {} if self.expert is None else {"heuristic": self.expert}

    @property
    def key(self) -> str:
        """`saas-v1`, or the bare name of a model that has no version yet."""
        return self.in_force.name if self.version is None else self.version.key


def models_of(workspace: Workspace) -> Models:
    """Read the model file and the registry. Raises what the model file raises when it is wrong."""
    registry = Registry(workspace.path / "registry")
    model = load_model(workspace.model_file())
    version = registry.find(model)
    if model.stage in EXPERT_STAGES:
        return Models(workspace, registry, model, version, model)
    return Models(workspace, registry, model, version, _expert(registry, model))


def _expert(registry: Registry, model: ScoreModel) -> ScoreModel | None:
    """The newest version with expert weights whose signals all are in the model as they were measured then."""
    there = {signal.name: _measured(signal) for signal in model.signals}
    for version in reversed(registry.versions(model.name)):
        found = registry.model(version)
        if found.stage not in EXPERT_STAGES:
            continue
        if all(there.get(signal.name) == _measured(signal) for signal in found.signals):
            return found
    return None


def previous_version(models: Models) -> tuple[ScoreModel, Version] | None:
    """The newest version before the one in force that behaves otherwise and that today's signals can feed, unless it
    is the expert model, which is always looked at. None for a model without a version."""
    present = models.version
    if present is None:
        return None
    there = {signal.name: _measured(signal) for signal in models.in_force.signals}
    for version in reversed(models.registry.versions(models.in_force.name)):
        if version.number >= present.number or version.behaviour == present.behaviour:
            continue
        found = models.registry.model(version)
        if all(there.get(signal.name) == _measured(signal) for signal in found.signals):
            return None if found == models.expert else (found, version)
    return None


def _measured(signal: object) -> str:
    """What a signal measures, without how it is scored."""
    scoring = {"weight", "component", "normalise", "variants", "missing", "label", "note", "confirmed"}
    return str(sorted(signal.model_dump(mode="json", exclude=scoring).items()))  # type: ignore[attr-defined]


def named_model(models: Models, name: str) -> tuple[ScoreModel, Version]:
    """A registered version by its key (`saas-v3`) or number (`v3`, `3`).

    Raises UsageError naming the versions there are.
    """
    key = name if "-v" in name else f"{models.in_force.name}-v{name.removeprefix('v')}"
    version = models.registry.by_key(key)
    return models.registry.model(version), version


def with_version(models: Models, name: str) -> Models:
    """The same with a registered version in the place of the model in force, to judge what it would say.

    Raises UsageError when there is no such version.
    """
    model, version = named_model(models, name)
    expert = model if model.stage in EXPERT_STAGES else _expert(models.registry, model)
    return Models(models.workspace, models.registry, model, version, expert)


def model_path(workspace: Workspace, name: str) -> Path:
    """Where a model of this name is kept: the file in force when it has the name, else models/<name>.toml."""
    try:
        file = workspace.model_file()
    except UsageError:
        return workspace.path / "models" / f"{name}.toml"
    return file if load_model(file).name == name else workspace.path / "models" / f"{name}.toml"
