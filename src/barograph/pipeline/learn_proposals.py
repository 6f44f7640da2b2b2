"""Proposals: definitions that learning puts forward, kept beside the versions and in force nowhere.

`WORKSPACE/registry/<name>/proposals/p0001.toml` is the definition, `p0001.json` what it stands on. Both are
written once. What became of a proposal is written in the version it led to, and in the journal.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from barograph.definitions.fingerprint import behaviour_fingerprint, label_fingerprint
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import dumps_model, load_model
from barograph.errors import LakeError, UsageError
from barograph.lake.store import user_name
from barograph.pipeline.registry import write_once


@dataclass(frozen=True, slots=True)
class ModelProposal:
    """One proposal. kind: `scorecard` (searched signals), `weights` (the expert's, moved), `label` (the same
    definition, with the label it has earned) or `edit` (a draft that people edited by hand). champion,
    champion_behaviour: what it was compared with. promoted: the acceptance test passed. figures: see
    docs/reference/json-learning.md. track_record: out-of-sample counts.
    """

    name: str
    number: int
    kind: str
    behaviour: str
    label: str
    champion: str
    champion_behaviour: str
    promoted: bool
    reason: str
    created_at: str
    created_by: str
    seed: int
    figures: dict[str, Any] = field(default_factory=dict)
    track_record: list[dict[str, Any]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """`saas-p1`: how verbs name it."""
        return f"{self.name}-p{self.number}"


class Proposals:
    """The proposals of a workspace; `folder` is the registry's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self, name: str) -> list[ModelProposal]:
        """All proposals of a model name, oldest first."""
        return [_read(path) for path in sorted((self.folder / name / "proposals").glob("p[0-9]*.json"))]

    def latest(self, name: str) -> ModelProposal | None:
        """The newest proposal of a model name that learning made."""
        found = [proposal for proposal in self.all(name) if proposal.kind != "edit"]
        return found[-1] if found else None

    def by_key(self, key: str) -> ModelProposal:
        """The proposal named `saas-p1`. Raises UsageError naming those that exist."""
        name, _, number = key.rpartition("-p")
        for proposal in self.all(name) if name else []:
            if str(proposal.number) == number:
                return proposal
        names = sorted(p.name for p in self.folder.glob("*") if p.is_dir())
        known = ", ".join(p.key for n in names for p in self.all(n)) or "none"
        raise UsageError(
            f"there is no proposal {key!r}.", hint=f"There are: {known}. `barograph learn` makes one."
        )

    def model(self, proposal: ModelProposal) -> ScoreModel:
        """The definition of a proposal as it was. Raises LakeError when its file was changed afterwards."""
        path = self._path(proposal.name, proposal.number, "toml")
        model = load_model(path)
        if behaviour_fingerprint(model) != proposal.behaviour:
            raise LakeError(
                f"the definition no longer has the fingerprint {proposal.behaviour}.",
                where=str(path),
                hint="Proposals are never edited: run `barograph learn` again, or edit the model file itself.",
            )
        return model

    def add(
        self,
        model: ScoreModel,
        *,
        kind: str,
        champion: str,
        champion_behaviour: str,
        promoted: bool,
        reason: str,
        seed: int,
        now: datetime,
        figures: dict[str, Any],
        track_record: list[dict[str, Any]],
    ) -> ModelProposal:
        """Keep a proposal; the same definition on the same figures is the proposal that is there already.

        The caller holds the workspace's lock.
        """
        earlier = self.all(model.name)
        prints = behaviour_fingerprint(model), label_fingerprint(model)
        for found in earlier[-1:]:
            if (found.behaviour, found.label) == prints and found.figures == figures:
                return found
        proposal = ModelProposal(
            name=model.name,
            number=max((p.number for p in earlier), default=0) + 1,
            kind=kind,
            behaviour=prints[0],
            label=prints[1],
            champion=champion,
            champion_behaviour=champion_behaviour,
            promoted=promoted,
            reason=reason,
            created_at=now.astimezone(UTC).isoformat(timespec="seconds"),
            created_by=user_name(),
            seed=seed,
            figures=figures,
            track_record=track_record,
        )
        write_once(self._path(proposal.name, proposal.number, "toml"), dumps_model(model))
        record = json.dumps(asdict(proposal), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        write_once(self._path(proposal.name, proposal.number, "json"), record)
        return proposal

    def _path(self, name: str, number: int, ending: str) -> Path:
        return self.folder / name / "proposals" / f"p{number:04d}.{ending}"


def _read(path: Path) -> ModelProposal:
    try:
        return ModelProposal(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as e:
        raise LakeError(
            f"the record of a proposal cannot be read ({e}).",
            where=str(path),
            hint="Run `barograph learn` again.",
        ) from e
