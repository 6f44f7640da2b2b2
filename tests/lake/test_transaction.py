"""Publishing files: all or nothing, one writer at a time, nothing left behind (property)."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from barograph.errors import LakeError, LockedError
from barograph.lake import Journal, Lake, NewFile, Record, Transaction


def write(txn: Transaction, dataset: str, values: list[int], **partition: str) -> NewFile:
    path = txn.new_path(dataset, **partition)
    pq.write_table(pa.table({"x": values}), path)
    return NewFile(path, len(values), {"first": values[0]})


def publish(lake: Lake, dataset: str, values: list[int], **partition: str) -> None:
    with lake.transaction("test") as txn:
        txn.add(*write(txn, dataset, values, **partition))


def content(lake: Lake, dataset: str, **partition: str) -> list[int]:
    return [x for path in lake.paths(dataset, **partition) for x in pq.read_table(path)["x"].to_pylist()]


def on_disk(lake: Lake) -> set[str]:
    return {path.relative_to(lake.root).as_posix() for path in lake.root.rglob("*.parquet")}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", lock_seconds=0.1)


def test_an_empty_lake_has_nothing(lake: Lake) -> None:
    assert lake.manifest().generation == 0
    assert lake.paths("raw/events") == []


def test_what_is_added_is_found_by_dataset_and_partition(lake: Lake) -> None:
    publish(lake, "signals", [1, 2], as_of="2026-11-09")
    publish(lake, "signals", [3], as_of="2026-11-16")
    assert content(lake, "signals") == [1, 2, 3]
    assert content(lake, "signals", as_of="2026-11-16") == [3]
    assert content(lake, "signals", as_of="2026-11-23") == []
    entry = lake.manifest().entries("signals")[0]
    assert (entry.rows, dict(entry.meta), lake.manifest().rows("signals")) == (2, {"first": 1}, 3)


def test_readers_see_nothing_before_the_commit(lake: Lake) -> None:
    publish(lake, "raw/events", [1])
    with lake.transaction("test") as txn:
        txn.add(*write(txn, "raw/events", [2]))
        assert content(lake, "raw/events") == [1]
    assert content(lake, "raw/events") == [1, 2]


def test_an_exception_leaves_everything_as_it_was(lake: Lake) -> None:
    publish(lake, "raw/events", [1])
    before, files = lake.manifest(), on_disk(lake)
    with pytest.raises(RuntimeError, match="broken"), lake.transaction("test") as txn:
        txn.add(*write(txn, "raw/events", [2]))
        txn.replace("raw/events", {}, [write(txn, "raw/events", [3])])
        txn.set_mark("m", 1)
        (txn.scratch() / "left").write_text("x")
        raise RuntimeError("broken")
    assert lake.manifest() == before
    assert on_disk(lake) == files
    assert not (lake.root / ".scratch").exists()


def test_replacing_a_partition_touches_no_other(lake: Lake) -> None:
    publish(lake, "signals", [1], as_of="2026-11-09")
    publish(lake, "signals", [2], as_of="2026-11-16")
    with lake.transaction("test") as txn:
        txn.replace("signals", {"as_of": "2026-11-09"}, [write(txn, "signals", [9], as_of="2026-11-09")])
    assert sorted(content(lake, "signals")) == [2, 9]


def test_nothing_changed_is_no_new_generation(lake: Lake) -> None:
    publish(lake, "raw/events", [1])
    with lake.transaction("test") as txn:
        txn.set_mark("m", 1)
    generation = lake.manifest().generation
    with lake.transaction("test") as txn:
        txn.set_mark("m", 1)
    assert lake.manifest().generation == generation
    assert lake.manifest().marks == {"m": 1}


def test_dropped_files_stay_for_readers_of_the_manifest_before_and_then_go(lake: Lake) -> None:
    publish(lake, "raw/events", [1])
    reader = lake.manifest().entries("raw/events")
    with lake.transaction("test") as txn:
        txn.remove("raw/events")
    assert lake.paths("raw/events") == []
    assert [pq.read_table(path)["x"].to_pylist() for path in lake.resolve(reader)] == [[1]]
    for value in (2, 3):
        publish(lake, "raw/events", [value])
    assert len(on_disk(lake)) == 2
    with pytest.raises(LakeError, match="missing"):
        lake.resolve(reader)


def test_orphans_of_a_killed_run_are_swept_but_not_a_persons_files(lake: Lake) -> None:
    publish(lake, "raw/events", [1])
    orphan = lake.root / "raw" / "events" / "00000099-0000.parquet"
    mine = lake.root / "raw" / "events" / "copy of mine.parquet"
    orphan.write_bytes(b"half")
    mine.write_bytes(b"mine")
    with lake.transaction("test"):
        pass
    assert not orphan.exists()
    assert mine.exists()


def test_a_second_writer_is_told_who_holds_the_lock(lake: Lake) -> None:
    told = pytest.raises(LockedError, match="import of November")
    with lake.transaction("import of November"), told, lake.transaction("refresh"):
        pass
    with lake.transaction("refresh"):
        pass


@pytest.mark.parametrize("damage", ["gone", "short"])
def test_a_file_that_is_not_as_published_is_named(lake: Lake, damage: str) -> None:
    publish(lake, "raw/events", [1, 2, 3])
    (path,) = lake.paths("raw/events")
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(LakeError, match=rf"{path.name}.*Restore the workspace"):
        lake.verify()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 2}'])
def test_a_damaged_manifest_is_named(lake: Lake, text: str) -> None:
    publish(lake, "raw/events", [1])
    (lake.root / "manifest.json").write_text(text)
    with pytest.raises(LakeError, match=r"manifest\.json"):
        lake.manifest()


@pytest.mark.parametrize("path", ["../outside.parquet", "/etc/passwd"])
def test_a_manifest_cannot_name_files_outside(lake: Lake, path: str) -> None:
    publish(lake, "raw/events", [1])
    file = lake.root / "manifest.json"
    name = lake.manifest().entries("raw/events")[0].path
    file.write_text(file.read_text().replace(name, path))
    with pytest.raises(LakeError, match="leads out"):
        lake.manifest()


@pytest.mark.parametrize(("dataset", "partition"), [("../x", {}), ("Raw", {}), ("raw", {"as_of": "../x"})])
def test_names_that_are_no_folders_are_refused(lake: Lake, dataset: str, partition: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="only"), lake.transaction("test") as txn:
        txn.new_path(dataset, **partition)


def test_a_commit_is_in_the_journal_once_even_when_the_run_died_before_writing_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    lake = Lake(tmp_path / "lake", journal)
    with lake.transaction("test") as txn:
        txn.add(*write(txn, "raw/events", [1]))
        txn.record(Record("2026-11-20T12:00:00+00:00", "ada", "import", "first", {"events": 1}))
    (file,) = journal.folder.iterdir()
    (written,) = journal.records()
    assert (written.user, written.what, written.generation, written.counts) == (
        "ada",
        "import",
        1,
        {"events": 1},
    )
    # What a run leaves that dies after publishing: no line, or a torn one.
    for torn in (b"", file.read_bytes()[:20]):
        file.write_bytes(torn)
        with lake.transaction("next"):
            pass
        assert list(journal.records()) == [written]
