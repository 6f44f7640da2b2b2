"""The lake: how files are found, and how new ones are published by one process at a time."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from filelock import FileLock, Timeout

from barograph.errors import LakeError, LockedError
from barograph.lake.checkpoints import checkpoint
from barograph.lake.files import SCRATCH, sweep
from barograph.lake.journal import Journal, record_from
from barograph.lake.manifest import RESTORE, Entry, Manifest, read_manifest
from barograph.lake.transaction import Transaction


class Lake:
    """The Parquet datasets under `root`, found through `root/manifest.json` only.

    Readers need no lock: they see one generation, whole. Writers go through `transaction`.
    """

    def __init__(self, root: Path, journal: Journal | None = None, *, lock_seconds: float = 3.0) -> None:
        self.root = root
        self.journal = journal
        self._lock_seconds = lock_seconds

    def manifest(self) -> Manifest:
        """What is published now. Raises LakeError when the manifest cannot be read."""
        return read_manifest(self.root / "manifest.json")

    def paths(self, dataset: str, **partition: str) -> list[Path]:
        """Files of `dataset` that match `partition`, checked against the manifest; empty when there is none.

        Raises LakeError for a file that is missing or has another size than when it was published.
        """
        return self.resolve(self.manifest().entries(dataset, partition))

    def resolve(self, entries: tuple[Entry, ...]) -> list[Path]:
        """The entries' files, checked like `paths` does."""
        return [self._checked(entry) for entry in entries]

    def verify(self) -> Manifest:
        """Check every published file; returns the manifest. Raises LakeError like `paths`."""
        manifest = self.manifest()
        for entries in manifest.datasets.values():
            self.resolve(entries)
        return manifest

    @contextmanager
    def transaction(self, what: str) -> Iterator[Transaction]:
        """Hold the workspace's lock, and publish what the block added when it ends without an error.

        `what` names the work to whoever finds the lock taken. Files that killed runs left are deleted first.
        Raises LockedError after a few seconds when another process writes. After any exception the lake is
        as it was.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / ".lock", timeout=self._lock_seconds)
        try:
            lock.acquire()
        except Timeout as error:
            raise LockedError(
                f"another process is writing ({self._holder()}).",
                where=str(self.root.parent),
                hint="Wait until it is done and run the command again.",
            ) from error
        holder = self.root / ".lock.json"
        try:
            holder.write_text(json.dumps(_who(what)), encoding="utf-8")
            checkpoint("transaction.locked")
            manifest = self.manifest()
            self._finish_journal(manifest)
            sweep(self.root, manifest)
            checkpoint("transaction.swept")
            txn = Transaction(self.root, manifest, self.journal)
            published = False
            try:
                yield txn
                txn.commit()
                published = True
            finally:
                shutil.rmtree(self.root / SCRATCH, ignore_errors=True)
                if not published:
                    # The failure may lie on either side of the replacement: what counts is on the disk.
                    sweep(self.root, self.manifest())
        finally:
            holder.unlink(missing_ok=True)
            lock.release()

    def _finish_journal(self, manifest: Manifest) -> None:
        """Write the record of a publication whose run died between the manifest and the journal."""
        if manifest.record is not None and self.journal is not None:
            record = record_from(manifest.record)
            if not self.journal.has_generation(record):
                self.journal.append(record)

    def _checked(self, entry: Entry) -> Path:
        path = self.root / entry.path
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise LakeError("the file is missing.", where=str(path), hint=RESTORE) from None
        if size != entry.bytes:
            raise LakeError(
                f"the file has {size:,} bytes; {entry.bytes:,} were published.", where=str(path), hint=RESTORE
            )
        return path

    def _holder(self) -> str:
        try:
            held = json.loads((self.root / ".lock.json").read_text(encoding="utf-8"))
            return f"{held['what']}, started by {held['user']} on {held['host']}, process {held['process']}"
        except (OSError, ValueError, KeyError):
            return "it has not said what it does"


def _who(what: str) -> dict[str, str | int]:
    return {"what": what, "user": user_name(), "host": socket.gethostname(), "process": os.getpid()}


_ACTING: ContextVar[str] = ContextVar("acting_user", default="")


@contextmanager
def acting_user(name: str) -> Iterator[None]:
    """Within the block, writes are recorded as those of `name`: the application names the person who is signed in."""
    token = _ACTING.set(name)
    try:
        yield
    finally:
        _ACTING.reset(token)


def user_name() -> str:
    """Who acts: the person that `acting_user` names, else the operating system's name for whoever runs this, or
    their number where they have no name."""
    if _ACTING.get():
        return _ACTING.get()
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
