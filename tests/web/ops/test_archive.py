"""Truth: an archive gives back what went in, byte for byte, and nothing of one that was changed in any way; no path in
it leads elsewhere (issue 4, operations and bad input)."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from barograph.errors import UsageError
from barograph_web.ops.archive import FORMAT, LIST, ArchiveError, extract, read_contents, write_archive

FILES = {
    "barograph.toml": b'name = "a"\n',
    "lake/raw/x.parquet": Random(1).randbytes(20_000),  # noqa: S311 - content, no secret
    "models/empty.toml": b"",
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    write_archive(tmp_path / "a.tar.gz", root, {"barograph": "0.1.0"})
    return tmp_path / "a.tar.gz"


def made(target: Path, files: dict[str, bytes], listed: list[dict[str, Any]], **about: Any) -> Path:
    """An archive with any members and any list."""
    with tarfile.open(target, "w:gz") as tar:
        text = json.dumps({"format": FORMAT, **about, "files": listed}).encode()
        for name, content in {LIST: text, **files}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return target


def row(path: str, content: bytes) -> dict[str, Any]:
    return {"path": path, "size": len(content), "sha256": sha256(content).hexdigest()}


def test_what_went_in_comes_out_and_only_its_owner_can_read_it(archive: Path, tmp_path: Path) -> None:
    contents = extract(archive, tmp_path / "out")
    found = {
        p.relative_to(tmp_path / "out").as_posix(): p for p in (tmp_path / "out").rglob("*") if p.is_file()
    }
    assert {name: path.read_bytes() for name, path in found.items()} == FILES
    assert set(contents.members) == set(FILES)
    assert contents.about["barograph"] == "0.1.0"
    assert all(path.stat().st_mode & 0o077 == 0 for path in [archive, *found.values()])


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a/../../x", "a//b", "./a", "a\\..\\b", "", ".", "a/./b", "a\0b"]
)
def test_a_path_that_leads_elsewhere_is_refused_before_anything_is_written(tmp_path: Path, path: str) -> None:
    bad = made(tmp_path / "bad.tar.gz", {"x": b"x"}, [row(path, b"x")])
    with pytest.raises(ArchiveError):
        extract(bad, tmp_path / "inner" / "out")
    assert not (tmp_path / "x").exists()
    assert not (tmp_path / "inner").exists()


def test_a_member_that_the_list_does_not_name_is_refused(tmp_path: Path) -> None:
    bad = made(tmp_path / "bad.tar.gz", {"a": b"a", "../evil": b"e"}, [row("a", b"a")])
    with pytest.raises(ArchiveError, match="evil"):
        extract(bad, tmp_path / "out")
    assert not (tmp_path / "evil").exists()


def test_a_link_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "bad.tar.gz"
    with tarfile.open(target, "w:gz") as tar:
        text = json.dumps({"format": FORMAT, "files": [row("a", b"")]}).encode()
        info = tarfile.TarInfo(LIST)
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
        link = tarfile.TarInfo("a")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(ArchiveError, match="is not the file"):
        extract(target, tmp_path / "out")
    assert not (tmp_path / "out" / "a").exists()


@pytest.mark.parametrize(
    ("files", "listed", "words"),
    [
        ({"a": b"b"}, [row("a", b"a")], "was changed"),
        ({"a": b"ab"}, [row("a", b"a")], "is not the file"),
        ({}, [row("a", b"a")], "is missing"),
        ({"a": b"a"}, [row("a", b"a"), row("a", b"a")], "named twice"),
        ({"a": b"a"}, [{"path": "a"}], "cannot be read"),
        ({"a": b"a"}, [{"path": 7, "size": 1, "sha256": ""}], "cannot be read"),
    ],
)
def test_what_is_not_as_the_list_says_is_refused(
    tmp_path: Path, files: dict[str, bytes], listed: list[dict[str, Any]], words: str
) -> None:
    bad = made(tmp_path / "bad.tar.gz", files, listed)
    with pytest.raises(ArchiveError, match=words):
        extract(bad, tmp_path / "out")


def test_another_format_is_refused_with_what_made_it(tmp_path: Path) -> None:
    bad = made(tmp_path / "bad.tar.gz", {}, [], format=99, barograph="7.0.0")
    with pytest.raises(ArchiveError, match=r"format 99.*7\.0\.0"):
        read_contents(bad)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    return content[:-2000] + bytes([content[-2000] ^ 255]) + content[-1999:]


@pytest.mark.parametrize(
    "damage", [cut, flipped, lambda _: b"", lambda _: b"no archive at all", lambda c: c[10:]]
)
def test_damage_anywhere_is_told_and_not_restored(
    archive: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    bad = tmp_path / "bad.tar.gz"
    bad.write_bytes(damage(archive.read_bytes()))
    with pytest.raises(ArchiveError):
        extract(bad, tmp_path / "out")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_contents(tmp_path / "nothing.tar.gz")
