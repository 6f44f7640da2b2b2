"""`learn` killed anywhere: the model in force stays, and the next run proposes what an uninterrupted one does (L2, X1).

Truths: kill (at every checkpoint of the publication, and before every file that takes its place), contract (a proposal
is there whole or not at all, and running again proposes once).
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline import learn as learning
from barograph.pipeline.evidence import gather
from barograph.pipeline.learn import LearnSettings
from barograph.pipeline.learn_inputs import models_of
from barograph.pipeline.learn_proposals import Proposals
from barograph.pipeline.refresh import refresh
from barograph.workspace import Workspace
from support.chain import copied, killed_at, killed_before_rename, trace
from support.chain_learn import Computed, run_learn
from support.renewals import END, NOW, company, planted_model, workspace


@dataclass(frozen=True)
class Work:
    """The workspace to begin with, where the arithmetic's result is, what the run passes, and how it ends."""

    start: Workspace
    computed: Path
    passed: tuple[str, ...]
    end: dict[str, str]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    root = tmp_path_factory.mktemp("learn")
    place = workspace(root / "start", company(160, effect=1.4, seed=7).raw, planted_model())
    refresh(place, DuckDBEngine(), as_of=END, weeks=1, now=NOW)
    models = models_of(place)
    evidence = gather(place, DuckDBEngine(), models.in_force, day=END, views=models.views)
    found = []
    propose = learning.propose
    with patch.object(learning, "propose", lambda *a, **m: found.append(propose(*a, **m)) or found[-1]):
        learning.learn(models_of(copied(place, root / "first")), evidence, LearnSettings(), now=NOW)
    computed = root / "computed.pickle"
    computed.write_bytes(pickle.dumps(Computed(evidence, found[0])))
    whole = copied(place, root / "whole")
    passed = trace(lambda: run_learn(whole.path, computed))
    return Work(place, computed, passed, state(whole))


def state(place: Workspace) -> dict[str, str]:
    """Registry, model files, settings and the lake's marks and journal: everything that learning may change."""
    root = place.path
    files = [
        p
        for p in (*root.glob("registry/**/*.*"), *root.glob("models/*"), root / "barograph.toml")
        if p.is_file()
    ]
    found = {p.relative_to(root).as_posix(): p.read_text(encoding="utf-8") for p in sorted(files)}
    again = Workspace.open(root)
    found["marks"] = str(dict(again.lake.manifest().marks))
    said = {str((r.reason, r.counts)) for r in again.journal.records() if r.what == "learn"}
    found["journal"] = str(sorted(said))  # one run more is one record more
    return found


def test_there_is_something_to_lose(work: Work) -> None:
    assert "commit.manifest_replaced" in work.passed
    assert any("/proposals/" in name for name in work.end)


def test_killed_at_every_point_and_run_again(work: Work, tmp_path: Path) -> None:
    before = state(work.start)
    for point in dict.fromkeys(work.passed):  # the last time of each: when the proposal is published
        nth = work.passed.count(point)
        place = copied(work.start, tmp_path / point)
        assert killed_at(point, nth, run_learn, place.path, work.computed), f"{point}, time {nth}"
        left = state(Workspace.open(place.path))
        models = [name for name in before if name.startswith("models/")]
        assert {m: left[m] for m in models} == {m: before[m] for m in models}, "the model in force stays"
        run_learn(place.path, work.computed)
        assert state(Workspace.open(place.path)) == work.end, f"{point}, time {nth}"


def test_killed_before_any_file_takes_its_place_and_run_again(work: Work, tmp_path: Path) -> None:
    renames = 0
    while True:
        renames += 1
        place = copied(work.start, tmp_path / str(renames))
        if not killed_before_rename(renames, run_learn, place.path, work.computed):
            break
        Proposals(models_of(Workspace.open(place.path)).registry.folder)  # readable at every moment
        run_learn(place.path, work.computed)
        assert state(Workspace.open(place.path)) == work.end, f"rename {renames}"
    assert renames >= 3, "a proposal and a manifest are two files at least"
