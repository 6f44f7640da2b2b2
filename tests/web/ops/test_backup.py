"""Truth: a backup restores to the same files, rows and answers; what does not fit is refused and leaves nothing behind
(issue 4, operations). On the database of the run."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from unittest.mock import patch

import pytest

from barograph import __version__
from barograph.errors import UsageError
from barograph.workspace import Workspace
from barograph_web.ops import restore as restoring
from barograph_web.ops.archive import write_archive
from barograph_web.ops.restore import restore
from support.web_company import company_copy
from support.web_processes import Place, new_database, place_in

USERS = "SELECT email, role FROM users_user ORDER BY email"
EVENTS = "SELECT action, actor_label FROM ops_auditevent ORDER BY id"


@pytest.fixture
def used(company_place: Path, tmp_path: Path) -> Place:
    """The scored company with people and history in its database."""
    place = place_in(company_copy(company_place, tmp_path / "ws"))
    for email, role in (("ada@example.com", "administrator"), ("jörg@example.com", "csm")):
        done = place.verb(
            "user", "add", email, "--role", role, "--password-stdin", stdin="a long pass phrase\n"
        )
        assert done.returncode == 0, done.stderr
    return place


def restored(place: Place, archive: Path, to: Path) -> Place:
    environment = dict(place.environment)
    if "BAROGRAPH_DATABASE_URL" in environment:
        environment["BAROGRAPH_DATABASE_URL"] = new_database()
    there = Place(to, environment | {"BAROGRAPH_WORKSPACE": str(to)})
    done = there.verb("restore", archive, to)
    assert done.returncode == 0, done.stderr
    return there


@pytest.mark.parametrize("portable", [False, True])
def test_a_restored_workspace_has_the_same_files_rows_and_people(
    used: Place, tmp_path: Path, portable: bool
) -> None:
    archive = tmp_path / "backup.tar.gz"
    done = used.verb("backup", "-w", used.folder, "-o", archive, *(["--portable"] if portable else []))
    assert done.returncode == 0, done.stderr
    assert archive.stat().st_mode & 0o077 == 0

    there = restored(used, archive, tmp_path / "new" / "ws")

    assert there.rows(USERS) == used.rows(USERS)
    assert there.rows(EVENTS) == used.rows(EVENTS)
    before, after = Workspace.open(used.folder), Workspace.open(there.folder)
    assert after.settings == before.settings
    manifest = after.lake.verify()
    assert manifest.datasets == before.lake.manifest().datasets
    for entries in manifest.datasets.values():
        for entry in entries:
            assert (after.lake.root / entry.path).read_bytes() == (before.lake.root / entry.path).read_bytes()
    for folder in ("models", "registry", "journal"):
        same = {
            p.relative_to(used.folder): p.read_bytes()
            for p in (used.folder / folder).rglob("*")
            if p.is_file()
        }
        assert same == {
            p.relative_to(there.folder): p.read_bytes()
            for p in (there.folder / folder).rglob("*")
            if p.is_file()
        }
    key = "application/secret-key"
    assert (there.folder / key).read_text() == (used.folder / key).read_text()
    again = there.verb("user", "list", "--format", "csv")
    assert again.returncode == 0, again.stderr
    assert "jörg@example.com" in again.stdout
    assert not list(there.folder.parent.glob(".*restoring*"))


def test_restoring_onto_something_is_refused(used: Place, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    assert used.verb("backup", "-w", used.folder, "-o", archive).returncode == 0
    before = sorted(p.as_posix() for p in used.folder.rglob("*"))
    done = used.verb("restore", archive, used.folder)
    assert done.returncode == 2
    assert "something here already" in done.stderr
    assert sorted(p.as_posix() for p in used.folder.rglob("*")) == before
    over = used.verb("backup", "-w", used.folder, "-o", archive)
    assert over.returncode == 2
    assert "a file already" in over.stderr


def archive_of(tmp_path: Path, **about: object) -> Path:
    root = tmp_path / "root"
    root.mkdir(parents=True)
    (root / "barograph.toml").write_text('name = "a"\n')
    target = tmp_path / "a.tar.gz"
    write_archive(target, root, {"barograph": __version__, "database": {"kind": "sqlite"}, **about})
    return target


def test_another_version_is_refused_with_what_to_install(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, barograph="99.1.0")
    with pytest.raises(UsageError, match=r"made by Barograph 99\.1\.0.*barograph==99\.1\.0"):
        restore(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_patch_release_reads_the_backups_of_its_line(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, barograph=f"{__version__.rpartition('.')[0]}.99")
    assert restore(archive, tmp_path / "out").folder == tmp_path / "out"


def test_a_sqlite_backup_does_not_go_into_another_database(tmp_path: Path) -> None:
    archive = archive_of(tmp_path)
    with pytest.raises(UsageError, match="--portable"):
        restore(archive, tmp_path / "out", database_url="postgresql://host/db")
    with pytest.raises(UsageError, match="of kind 'mystery'"):
        restore(archive_of(tmp_path / "b", database={"kind": "mystery"}), tmp_path / "out")


def test_a_lake_that_is_not_as_published_is_not_restored(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "lake").mkdir(parents=True)
    (root / "barograph.toml").write_text('name = "a"\n')
    entry = {"path": "raw/a/00000001-0000.parquet", "rows": 1, "bytes": 10, "partition": {}, "meta": {}}
    document = {
        "format": 1,
        "generation": 1,
        "datasets": {"raw/a": [entry]},
        "marks": {},
        "retired": [],
        "record": None,
    }
    (root / "lake" / "manifest.json").write_text(json.dumps(document))
    archive = tmp_path / "a.tar.gz"
    write_archive(archive, root, {"barograph": __version__, "database": {"kind": "sqlite"}})
    with pytest.raises(Exception, match="the file is missing"):
        restore(archive, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir() if "out" in p.name] == []


def test_a_restore_that_dies_on_the_way_leaves_no_folder(tmp_path: Path) -> None:
    archive = archive_of(tmp_path)
    with patch.object(restoring, "extract", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        restore(archive, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir() if "out" in p.name] == []


def test_a_backup_holds_no_static_files_and_no_other_backups(used: Place, tmp_path: Path) -> None:
    for name in ("static/x.css", "backups/old.tar.gz", "uploads/1.csv", "uploads/.aside-1"):
        file = used.folder / "application" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    archive = tmp_path / "backup.tar.gz"
    assert used.verb("backup", "-w", used.folder, "-o", archive).returncode == 0
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    assert "application/uploads/1.csv" in names
    assert not [n for n in names if "static" in n or "backups" in n or "aside" in n]
