"""Workbooks (xlsx, xlsm, xlsb, xls, ods) through python-calamine; each sheet with rows is one source."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from barograph.connectors.base import (
    BATCH_ROWS,
    Address,
    Opened,
    ReadLimits,
    ReadOptions,
    check_columns,
    printable,
    text_batch,
)
from barograph.connectors.header import SEARCHED, clean_names, find_header
from barograph.errors import ImportRefusedError

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
SMALL = 64 << 20
MOST_CELLS = 200_000_000
Cell = int | float | str | bool | time | date | datetime | timedelta


class ExcelConnector:
    """Excel and OpenDocument workbooks. Formulas are read as the values that were stored with them."""

    name = "excel"

    def accepts(self, address: Address) -> bool:
        return address.path is not None and address.path.suffix.lower() in SUFFIXES

    def parts(self, address: Address, options: ReadOptions) -> tuple[Address, ...]:
        if address.part is not None:
            return (address,)
        book = _open_book(address.file, address.shown, options.limits)
        sheets = [s.name for s in book.sheets_metadata if s.visible == calamine.SheetVisibleEnum.Visible]
        if options.sheet is not None:
            sheets = [_declared(options.sheet, sheets, address.shown)]
        else:
            sheets = [name for name in sheets if _sheet(book, name, address.shown).height > 0]
        if not sheets:
            raise ImportRefusedError("no sheet has a row.", where=address.shown)
        return tuple(Address(address.text, address.path, name) for name in sheets)

    def open(self, address: Address, options: ReadOptions) -> Opened:
        shown = address.shown
        if address.part is None:
            address = self.parts(address, options)[0]
        book = _open_book(address.file, shown, options.limits)
        sheet = _sheet(book, _declared(str(address.part), book.sheet_names, shown), shown)
        if sheet.height == 0 or sheet.start is None:
            raise ImportRefusedError("the sheet is empty.", where=shown)
        if sheet.height * sheet.width > MOST_CELLS:
            raise ImportRefusedError(
                f"{sheet.height:,} rows by {sheet.width:,} columns; the limit is {MOST_CELLS:,} cells.",
                where=shown,
                hint="Delete the empty rows and columns, or export it as CSV.",
            )
        offset = sheet.start[0]
        rows: list[list[Cell]] = _guarded(partial(sheet.to_python, skip_empty_area=True), shown)
        texts = [[_text(cell) or "" for cell in row] for row in rows[:SEARCHED]]
        at = options.header_row - 1 - offset if options.header_row else find_header(texts)
        if at is None or not 0 <= at < len(texts):
            raise ImportRefusedError(
                "no header row was found.", where=shown, hint="Declare header_row in the mapping file."
            )
        # Merged title cells leave columns that have neither a name nor a value.
        used = [
            index
            for index in range(sheet.width)
            if texts[at][index].strip() or any(row[index] != "" for row in rows[at + 1 :])
        ]
        columns = clean_names([texts[at][index] for index in used], len(used))
        check_columns(shown, tuple(name for name in columns if name), options.limits)
        facts = {"sheet": printable(str(address.part)), "header_row": str(offset + at + 1)}
        return Opened(shown, columns, facts, partial(_batches, rows, used, at + 1, offset))


def _batches(rows: list[list[Cell]], used: list[int], first: int, offset: int) -> Iterator[pa.RecordBatch]:
    for start in range(first, len(rows), BATCH_ROWS):
        part = rows[start : start + BATCH_ROWS]
        texts = [[_text(row[index]) for index in used] for row in part]
        numbers = list(range(offset + start + 1, offset + start + 1 + len(part)))
        yield text_batch(texts, numbers, len(used))


def _text(cell: Cell) -> str | None:
    """The cell as text that says what it was: ISO dates, whole numbers without a decimal point."""
    match cell:
        case "":
            return None
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


def _open_book(path: Path, shown: str, limits: ReadLimits) -> Any:
    try:
        on_disk = path.stat().st_size
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                size = sum(item.file_size for item in archive.infolist())
            if size > limits.file_bytes or (size > SMALL and size > on_disk * limits.expansion):
                raise ImportRefusedError(
                    f"{on_disk:,} bytes would unpack to {size:,}.",
                    where=shown,
                    hint="If that is right, raise limits.file_bytes and limits.expansion in barograph.toml.",
                )
    except (OSError, zipfile.BadZipFile) as error:
        raise ImportRefusedError(f"the workbook cannot be read: {error}.", where=shown) from error
    return _guarded(partial(calamine.CalamineWorkbook.from_path, str(path)), shown)


def _sheet(book: Any, name: str, shown: str) -> Any:
    return _guarded(partial(book.get_sheet_by_name, name), shown)


def _guarded(call: Any, shown: str) -> Any:
    """Call into the reader; what it raises on a broken file becomes a refusal.

    A panic of its Rust code is not an Exception, so it is recognised by its name.
    """
    try:
        return call()
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise ImportRefusedError(
                f"the workbook cannot be read: {printable(str(error))}.",
                where=shown,
                hint="Open and save it again, or export the sheet as CSV.",
            ) from error
        raise


def _declared(sheet: str | int, sheets: list[str], shown: str) -> str:
    if isinstance(sheet, int) and 1 <= sheet <= len(sheets):
        return sheets[sheet - 1]
    if sheet in sheets:
        return str(sheet)
    names = ", ".join(map(printable, sheets))
    raise ImportRefusedError(
        f"there is no sheet {printable(str(sheet))!r}.", where=shown, hint=f"There are: {names}."
    )
