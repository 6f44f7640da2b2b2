"""The real data beside the repository, for tests marked `shared_data`."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY.parent / "shared" / "data"


def data_set(name: str) -> Path:
    """The folder of one data set; skips the test with a clear line when it is not there."""
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"needs the data set {name} in ../shared/data beside the repository")
    return folder
