"""What a command loads before it works (truth: contract): statistics only where statistics are asked for.

scikit-learn and scipy take seconds to load on a small machine; nobody who asks for help or this week's scores
waits for them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from barograph.cli import verbs
from barograph.workspace import Workspace
from support.chain import copied, refreshed
from support.chain_approve import run_approve
from support.proposals import put_proposal
from support.small_model import small_model
from support.small_workspace import MONDAY

HEAVY = ("sklearn", "scipy")
ASK = """
import sys
sys.argv = ["barograph", *sys.argv[1:]]
from barograph.cli.main import run
try:
    run()
except SystemExit as e:
    code = e.code or 0
else:
    code = 0
heavy = sorted({name.partition(".")[0] for name in sys.modules} & set(%r))
print(f"\\nLOADED {heavy} {code}", file=sys.stderr)
"""


def loaded(*args: str | Path, among: tuple[str, ...] = HEAVY) -> str:
    done = subprocess.run(
        [sys.executable, "-c", ASK % (among,), *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stderr.splitlines()[-1]


@pytest.fixture(scope="module")
def learnt(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small company under a learnt version, its last week scored with renewal probabilities."""
    place = copied(raw, tmp_path_factory.mktemp("startup") / "w")
    refreshed(place, 2, as_of=MONDAY - 7)
    model = small_model({"active_users": 40, "usage_change": 0}, stage="predictive", outcomes_behind=412)
    run_approve(place.path, put_proposal(place, model).key)
    refreshed(place)
    return place


def test_help_loads_no_verb() -> None:
    assert loaded("--help", among=(*HEAVY, "numpy", "duckdb", "pyarrow", "pydantic")) == "LOADED [] 0"


@pytest.mark.parametrize(
    "args",
    [
        ("status",),
        ("scores", "--as-of", "2026-11-16"),
        ("explain", "a09", "--as-of", "2026-11-16"),
        ("review", "--as-of", "2026-11-16", "--format", "html"),
        ("models", "list"),
        ("models", "show", "v2"),
        ("refresh", "--as-of", "2026-11-16", "--no-validate"),
    ],
    ids=lambda args: " ".join(args[:2]),
)
def test_the_commands_of_every_day_load_no_statistics(learnt: Workspace, args: tuple[str, ...]) -> None:
    assert loaded(*args, "-w", learnt.path) == "LOADED [] 0"


def test_learning_does_load_them(scored: Workspace) -> None:
    """Otherwise the tests above could not fail."""
    assert loaded("screen", "-w", scored.path).startswith("LOADED ['scipy'")


def test_the_list_of_verbs_says_what_each_verb_says() -> None:
    """The help shows one sentence per verb without loading it; it is no other than the verb's own subject."""
    for name, verb in verbs.VERBS.items():
        command = verbs.load(name)
        own = command.get_short_help_str(200).casefold()
        words = {w.strip(".,:;'") for w in verb.summary.casefold().split() if len(w) > 4}
        assert len([w for w in words if w in own]) * 2 >= len(words), (
            f"{name}: {verb.summary!r} against {own!r}"
        )
