"""The table of connectors, and which one reads an address."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

from barograph.connectors.base import Address, Connector, printable
from barograph.connectors.csv import CsvConnector
from barograph.connectors.excel import ExcelConnector
from barograph.connectors.ndjson import NdjsonConnector
from barograph.connectors.parquet import ParquetConnector
from barograph.connectors.sql import SqlConnector
from barograph.errors import ImportRefusedError, UsageError

GROUP = "barograph.connectors"
BUILT_IN: tuple[Connector, ...] = (
    CsvConnector(),
    ExcelConnector(),
    ParquetConnector(),
    NdjsonConnector(),
    SqlConnector(),
)
_ARCHIVES = {".zip", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".tgz"}
_MAGIC = (
    (b"PAR1", ParquetConnector.name),
    (b"PK\x03\x04", ExcelConnector.name),
    (b"\xd0\xcf\x11\xe0", ExcelConnector.name),
)


def connectors() -> tuple[Connector, ...]:
    """The built-in connectors, then those that installed packages add under `barograph.connectors`.

    Raises UsageError naming the entry point when one cannot be loaded.
    """
    found = list(BUILT_IN)
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        try:
            loaded = point.load()
            found.append(loaded() if isinstance(loaded, type) else loaded)
        except (ImportError, AttributeError, TypeError) as error:
            raise UsageError(
                f"connector {point.name!r} ({point.value}) cannot be loaded: {error}.",
                hint="Install what it needs, or remove the package that declares it.",
            ) from error
    return tuple(found)


def address_of(text: str | Path) -> Address:
    """The address that a person wrote: a path, `path#sheet`, or a database URL with its table."""
    text = str(text)
    if "\0" in text or not text:
        raise UsageError(f"{printable(text)!r} is not a path.")
    if "://" in text:
        url, mark, part = text.rpartition("#")
        return Address(url, None, part) if mark else Address(text)
    path = Path(text)
    if not path.exists() and "#" in text:
        before, _, part = text.rpartition("#")
        if Path(before).is_file():
            return Address(text, Path(before), part)
    return Address(text, path)


def files_in(folder: Path) -> tuple[list[Address], list[str]]:
    """Addresses of the files directly in `folder` that some connector reads, and the names of the others."""
    known = connectors()
    addresses: list[Address] = []
    others: list[Address] = []
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith((".", "~$")):
            address = Address(str(path), path)
            (addresses if any(c.accepts(address) for c in known) else others).append(address)
    return addresses, [address.shown for address in others]


def connector_for(address: Address) -> Connector:
    """The connector that reads `address`. For files the content decides where it contradicts the name.

    Raises ImportRefusedError for what does not exist, is not a file, or is of a kind nobody reads.
    """
    known = connectors()
    if address.path is None:
        for connector in known:
            if connector.accepts(address):
                return connector
        raise UsageError("no connector reads that address.", where=printable(address.text.split(":", 1)[0]))
    _check_file(address)
    with address.file.open("rb") as stream:
        head = stream.read(8)
    for magic, name in _MAGIC:
        if head.startswith(magic) and address.path.suffix.lower() not in _ARCHIVES:
            return next(c for c in known if c.name == name)
    for connector in known:
        if connector.accepts(replace(address, part=None)):
            return connector
    kinds = "csv, tsv, txt (also .gz), xlsx, xls, ods, parquet, ndjson"
    advice = "Unpack it first." if address.path.suffix.lower() in _ARCHIVES else f"Give one of: {kinds}."
    raise ImportRefusedError("no connector reads this kind of file.", where=address.shown, hint=advice)


def _check_file(address: Address) -> None:
    path = address.file
    try:
        if path.is_file():
            with path.open("rb"):
                return
        problem = "is not a file" if path.exists() else "does not exist"
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    raise ImportRefusedError(f"the path {problem}.", where=address.shown, hint="Check the path.")
