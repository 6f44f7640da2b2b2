"""Documentation: the repository speaks of the product only, and holds no path of anybody's machine."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
# /work/ alone is an address of the application; as a folder of a machine it goes on with one of these.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work/(?:main|shared|\.\w+))/")


def tracked_text() -> list[Path]:
    """Files that git knows, or every text file where there is no git."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = found.stdout.split("\0") if found.returncode == 0 and found.stdout else []
    endings = {".py", ".md", ".toml", ".html", ".css", ".txt", ".json"}
    return [ROOT / name for name in names if Path(name).suffix in endings and (ROOT / name).is_file()]


def test_no_machine_path_is_in_the_repository() -> None:
    this = Path(__file__)
    for path in tracked_text():
        if path != this:
            found = MACHINE_PATH.search(path.read_text(encoding="utf-8", errors="replace"))
            assert found is None, f"{path.relative_to(ROOT)}: {found.group() if found else ''}"


def test_the_lock_file_names_only_the_public_index() -> None:
    lock = (ROOT / "uv.lock").read_text(encoding="utf-8")
    registries = set(re.findall(r'registry = "([^"]+)"', lock))
    assert registries == {"https://pypi.org/simple"}
    assert "file://" not in lock
