"""Small steps on the file system that publishing is made of."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from barograph.lake.checkpoints import checkpoint
from barograph.lake.manifest import Manifest

DATA_NAME = re.compile(r"\d{8}-\d{4}\.parquet")
ASIDE = "manifest.json.aside"
SCRATCH = ".scratch"


def sync(path: Path) -> None:
    """Have a file, or the entries of a folder, on the disk before returning."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_files(root: Path, files: Iterable[Path]) -> None:
    """Sync `files` and every folder between them and `root`."""
    folders = {root}
    for file in files:
        sync(file)
        folders.update(folder for folder in file.parents if folder.is_relative_to(root))
    for folder in sorted(folders):
        sync(folder)


def publish_manifest(root: Path, manifest: Manifest) -> None:
    """Write the manifest aside, sync it, put it in place of the old one and sync the folder."""
    aside = root / ASIDE
    aside.write_text(manifest.to_text(), encoding="utf-8")
    sync(aside)
    checkpoint("commit.manifest_aside")
    aside.replace(root / "manifest.json")
    checkpoint("commit.manifest_replaced")
    sync(root)
    checkpoint("commit.directory_synced")


def sweep(root: Path, manifest: Manifest) -> tuple[str, ...]:
    """Delete what killed runs left behind; returns the paths. The caller holds the lock.

    Only names that this package gives are touched, so a stray file of a person survives.
    """
    shutil.rmtree(root / SCRATCH, ignore_errors=True)
    (root / ASIDE).unlink(missing_ok=True)
    keep = manifest.files()
    gone = []
    for file in sorted(root.rglob("*.parquet")):
        name = file.relative_to(root).as_posix()
        if name not in keep and DATA_NAME.fullmatch(file.name):
            file.unlink()
            gone.append(name)
    return tuple(gone)
