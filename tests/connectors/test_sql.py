"""Tables of databases, and addresses: no secret in any message, a missing driver by name (X1)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from barograph.connectors import Address, ReadOptions, address_of, connector_for, connectors, files_in
from barograph.connectors.registry import BUILT_IN
from barograph.errors import BarographError, ImportRefusedError, UsageError
from support.intake_files import parts, read


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "crm.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            'create table "odd name" (id integer, name text, arr numeric, since date, active boolean)'
        )
        connection.execute(
            "insert into \"odd name\" values (7, 'Acme', 1.5, '2024-01-02', 1), (8, null, null, null, 0)"
        )
        connection.commit()
    return f"sqlite:///{path}"


def test_a_table_is_read_by_name(database: str) -> None:
    found = read(f"{database}#odd name")
    assert found.columns == ("id", "name", "arr", "since", "active")
    assert found.rows[0][:2] == ("7", "Acme")
    assert found.rows[0][3:] == ("2024-01-02", "true")
    assert found.rows[1] == ("8", None, None, None, "false")
    assert found.numbers == [1, 2]
    assert read(f"{database}?table=odd+name").rows == found.rows


def test_a_table_that_is_not_there_is_named(database: str) -> None:
    with pytest.raises(ImportRefusedError, match="no table 'gone'"):
        read(f"{database}#gone")
    with pytest.raises(UsageError, match="URL#table"):
        read(database)


def test_a_database_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="does not exist"):
        read(f"sqlite:///{tmp_path}/none.db#t")
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ada:s3cret@db.example.com/crm#accounts",
        "postgresql://ada:s3cret@db.example.com/crm",
        "postgresql+nodriver://ada:s3cret@db.example.com/crm#t",
        "klingon://ada:s3cret@host/db#t",
        "mysql://ada:s3cret@127.0.0.1:1/db#t",
        "sqlite:///s3cret.db?password=s3cret#t",
        "://ada:s3cret#t",
        "postgresql://ada:s3cret@host:notaport/db#t",
    ],
)
def test_no_message_shows_a_password(text: str) -> None:
    with pytest.raises(BarographError) as caught:
        read(text)
    shown = str(caught.value).replace("s3cret.db", "")
    assert "s3cret" not in shown
    assert "ada" not in shown


def test_a_missing_driver_is_named_with_what_to_install() -> None:
    with pytest.raises(UsageError, match=r"driver for klingon is not installed.*pip install"):
        read("klingon://host/db#t")


def test_the_table_of_connectors_is_whole() -> None:
    assert [connector.name for connector in connectors()[: len(BUILT_IN)]] == [
        "csv",
        "excel",
        "parquet",
        "ndjson",
        "sql",
    ]


@pytest.mark.parametrize(
    ("name", "connector"),
    [
        ("a.csv", "csv"),
        ("a.TSV", "csv"),
        ("a.csv.gz", "csv"),
        ("a.ndjson.gz", "ndjson"),
        ("a.jsonl", "ndjson"),
        ("a.xlsx", "excel"),
        ("a.ods", "excel"),
        ("a.parquet", "parquet"),
    ],
)
def test_the_name_of_a_file_chooses_the_connector(tmp_path: Path, name: str, connector: str) -> None:
    (tmp_path / name).write_text("a,b\n1,2\n")
    assert connector_for(address_of(tmp_path / name)).name == connector


def test_content_that_contradicts_the_name_wins(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"PAR1....")
    assert connector_for(address_of(path)).name == "parquet"


@pytest.mark.parametrize(
    ("name", "told"), [("a.zip", "Unpack it"), ("a.pdf", "csv, tsv"), ("gone.csv", "not exist")]
)
def test_what_nobody_reads_is_refused(tmp_path: Path, name: str, told: str) -> None:
    if name != "gone.csv":
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ImportRefusedError, match=told):
        connector_for(address_of(tmp_path / name))


def test_a_folder_lists_what_is_read_and_what_is_not(tmp_path: Path) -> None:
    for name in ("b.csv", "a.parquet", "notes.pdf", ".hidden.csv", "~$open.xlsx"):
        (tmp_path / name).touch()
    found, others = files_in(tmp_path)
    assert [address.shown for address in found] == ["a.parquet", "b.csv"]
    assert others == ["notes.pdf"]


def test_names_are_shown_without_folders_and_control_characters(tmp_path: Path) -> None:
    assert Address("x", tmp_path / "evil\x1b[2J\n.csv").shown == "evil\\x1b[2J\\x0a.csv"
    with pytest.raises(UsageError, match="not a path"):
        address_of("a\0b.csv")
    path = tmp_path / "a#b.csv"
    path.write_text("a,b\n1,2\n")
    assert [part.path for part in parts(path)] == [path]
    assert connector_for(address_of(path)).open(address_of(path), ReadOptions()).columns == ("a", "b")
