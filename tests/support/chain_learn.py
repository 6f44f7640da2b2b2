"""Learning as work that a process can die in: what is computed comes from a file, what is written is the real thing."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from barograph.learning.proposal import Proposal
from barograph.pipeline import learn as learning
from barograph.pipeline.evidence import Evidence
from barograph.pipeline.learn import LearnSettings
from barograph.pipeline.learn_inputs import models_of
from barograph.workspace import Workspace
from support.renewals import NOW


@dataclass(frozen=True)
class Computed:
    """Rows and what the recipe made of them: seconds of arithmetic that write nothing."""

    evidence: Evidence
    found: Proposal


def run_learn(folder: Path, computed: Path) -> None:
    """`learn` in the workspace, with the arithmetic's result taken from the file `computed`."""
    kept: Computed = pickle.loads(computed.read_bytes())  # noqa: S301 - written by the test itself
    with patch.object(learning, "propose", lambda *_args, **_more: kept.found):
        learning.learn(models_of(Workspace.open(folder)), kept.evidence, LearnSettings(), now=NOW)
