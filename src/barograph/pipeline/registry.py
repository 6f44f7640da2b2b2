"""Model versions: every definition that ever scored an account, kept as it was, with who brought it in and
why.

`WORKSPACE/registry/<name>/v0001.toml` is the definition, `v0001.json` beside it what is known about the
version. Both are written once. A version is named by its number; two definitions that cannot give
different numbers or tiers (equal behaviour fingerprints) are the same version.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from barograph.definitions.fingerprint import behaviour_fingerprint, label_fingerprint
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import dumps_model, load_model
from barograph.errors import LakeError, UsageError
from barograph.lake.store import user_name


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model.

    effective_from: day number of the first week it scores; earlier weeks that no version scored are filled
    with the earliest one and marked so. figures: what it was approved on (empty for a model written by hand).
    """

    name: str
    number: int
    behaviour: str
    label: str
    effective_from: int
    created_at: str
    created_by: str
    reason: str
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """`saas-v3`: how scores name the version."""
        return f"{self.name}-v{self.number}"

    @property
    def title(self) -> str:
        return f"{self.name} v{self.number}"


class Registry:
    """The versions of a workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def versions(self, name: str) -> list[Version]:
        """All versions of a model, oldest first."""
        found = sorted((self.folder / name).glob("v[0-9]*.json"))
        return [_read(path) for path in found]

    def model(self, version: Version) -> ScoreModel:
        """The definition of a version as it was. Raises LakeError when its file was changed afterwards."""
        path = self._path(version.name, version.number, "toml")
        model = load_model(path)
        if behaviour_fingerprint(model) != version.behaviour:
            raise LakeError(
                f"the definition no longer has the fingerprint {version.behaviour}.",
                where=str(path),
                hint="Versions are never edited: restore the file, or make a new version of models/*.toml.",
            )
        return model

    def by_key(self, key: str) -> Version:
        """The version named `saas-v3`. Raises UsageError naming those that exist."""
        name, _, number = key.rpartition("-v")
        for version in self.versions(name):
            if str(version.number) == number:
                return version
        known = (
            ", ".join(v.key for p in sorted(self.folder.glob("*")) for v in self.versions(p.name)) or "none"
        )
        raise UsageError(f"there is no model version {key!r}.", hint=f"There are: {known}.")

    def find(self, model: ScoreModel) -> Version | None:
        """The version with the same behaviour, the newest if there are several; None if it is new."""
        behaviour = behaviour_fingerprint(model)
        return next((v for v in reversed(self.versions(model.name)) if v.behaviour == behaviour), None)

    def register(
        self,
        model: ScoreModel,
        *,
        effective_from: int,
        now: datetime,
        reason: str,
        figures: dict[str, Any] | None = None,
    ) -> Version:
        """Add a version. The definition is written before the record that makes it a version."""
        numbers = [version.number for version in self.versions(model.name)]
        version = Version(
            name=model.name,
            number=max(numbers, default=0) + 1,
            behaviour=behaviour_fingerprint(model),
            label=label_fingerprint(model),
            effective_from=effective_from,
            created_at=now.astimezone(UTC).isoformat(timespec="seconds"),
            created_by=user_name(),
            reason=reason,
            figures=figures or {},
        )
        write_once(self._path(version.name, version.number, "toml"), dumps_model(model))
        record = json.dumps(asdict(version), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        write_once(self._path(version.name, version.number, "json"), record)
        return version

    def in_force_at(self, name: str, day: int) -> tuple[Version, bool] | None:
        """(version, filled in) for a week: the newest that was effective by then, else the earliest there
        is."""
        versions = self.versions(name)
        if not versions:
            return None
        effective = [version for version in versions if version.effective_from <= day]
        return (effective[-1], False) if effective else (versions[0], True)

    def _path(self, name: str, number: int, ending: str) -> Path:
        return self.folder / name / f"v{number:04d}.{ending}"


def write_once(path: Path, text: str) -> None:
    """Write a file whole or not at all, durably."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.aside")
    with aside.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(path)


def _read(path: Path) -> Version:
    try:
        return Version(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as e:
        raise LakeError(
            f"the record of a model version cannot be read ({e}).",
            where=str(path),
            hint="Restore it from a backup.",
        ) from e
