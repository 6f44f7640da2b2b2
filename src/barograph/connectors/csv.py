"""Separated text: comma, semicolon, tab or pipe, with quoted line breaks, read in bounded memory.

A record with too many or too few columns becomes a fault with its row number; values never move to another
column.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, deque
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from barograph.connectors.base import (
    ROW,
    Address,
    Fault,
    OnePart,
    Opened,
    ReadOptions,
    check_columns,
    positional,
)
from barograph.connectors.header import SEARCHED, clean_names, find_header
from barograph.connectors.text import TextFile, inspect
from barograph.errors import ImportRefusedError

DELIMITERS = (",", ";", "\t", "|")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
SUFFIXES = (".csv", ".tsv", ".tab", ".psv", ".txt")
HEAD_BYTES = 1 << 20
MOST_FAULTS = 1_000_000
KEPT_OF_FAULT = 4096
RowNumbers = np.ndarray[tuple[int], np.dtype[np.int64]]


class CsvConnector(OnePart):
    """Separated text files, plain or gzip."""

    name = "csv"

    def accepts(self, address: Address) -> bool:
        return address.path is not None and address.path.name.lower().removesuffix(".gz").endswith(SUFFIXES)

    def open(self, address: Address, options: ReadOptions) -> Opened:
        shown, limits = address.shown, options.limits
        file = inspect(address.file, shown, options.encoding, limits)
        head = _head(file)
        delimiter = options.delimiter or _sniff(head)
        records, lines = _records(head, delimiter, shown)
        at = options.header_row - 1 if options.header_row else find_header(records)
        if at is None or at >= len(records):
            raise ImportRefusedError(
                "no header row was found.", where=shown, hint="Declare header_row in the mapping file."
            )
        width = max([len(records[at]), *_common_width(records[at + 1 :])])
        columns = clean_names(records[at], width)
        check_columns(shown, tuple(name for name in columns if name), limits)
        opened = Opened(
            shown,
            columns,
            {
                "encoding": f"{file.encoding} ({file.how})",
                "delimiter": NAMES.get(delimiter, delimiter),
                "header_row": str(at + 1),
            },
            lambda: _read(file, delimiter, lines[at], at + 1, opened, limits.record_bytes),
        )
        return opened


def _head(file: TextFile) -> str:
    with file.utf8() as stream:
        return stream.read(HEAD_BYTES).decode("utf-8", errors="ignore")


def _sniff(head: str) -> str:
    """The delimiter that cuts most of the first records into the same number of columns, above one."""
    best, best_score = ",", (0, 0)
    for delimiter in DELIMITERS:
        try:
            sample = [r for r in islice(csv.reader(io.StringIO(head), delimiter=delimiter), SEARCHED) if r]
        except csv.Error:
            continue
        widths = Counter(len(record) for record in sample if len(record) > 1)
        for width, count in widths.most_common(1):
            if (count, width) > best_score:
                best, best_score = delimiter, (count, width)
    return best


def _records(head: str, delimiter: str, shown: str) -> tuple[list[list[str]], list[int]]:
    """The first records, and for each the number of physical lines up to its end."""
    records, lines = [], []
    before = csv.field_size_limit(max(HEAD_BYTES, 131_072))
    try:
        reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        for record in islice(reader, 2 * SEARCHED):
            records.append(record)
            lines.append(reader.line_num)
    except csv.Error as error:
        if not records:
            raise ImportRefusedError(f"the first row cannot be read: {error}.", where=shown) from error
    finally:
        csv.field_size_limit(before)
    return records, lines


def _common_width(records: list[list[str]]) -> list[int]:
    """The width that most records have, where the last columns may be unnamed."""
    widths = Counter(len(record) for record in records if any(cell.strip() for cell in record))
    return [width for width, count in widths.most_common(1) if count * 2 > sum(widths.values())]


def _read(
    file: TextFile, delimiter: str, skip: int, header: int, opened: Opened, block: int
) -> Iterator[pa.RecordBatch]:
    width = len(opened.columns)
    names = positional(width)
    first = skip + 1
    # Title rows may hold line breaks, so lines and records differ; rows are counted in records.
    shift = header - skip

    pending: deque[int] = deque()

    def bad(row: pacsv.InvalidRow) -> str:
        if len(opened.faults) <= MOST_FAULTS:
            expected = f"{width} columns, not {row.actual_columns}"
            opened.faults.append(Fault(row.number + shift, expected, row.text[:KEPT_OF_FAULT]))
        pending.append(row.number)
        return "skip"

    if file.quotes % 2:
        _refuse_open_quote(file, delimiter)
    number = first
    with file.utf8() as stream:
        try:
            reader = pacsv.open_csv(
                pa.PythonFile(stream, mode="r"),
                read_options=pacsv.ReadOptions(
                    use_threads=False, block_size=block, skip_rows=skip, column_names=names
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=delimiter,
                    newlines_in_values=True,
                    ignore_empty_lines=False,
                    invalid_row_handler=bad,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=False,
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid as error:
            if "Could not skip initial" in str(error):
                return
            raise _refusal(error, opened.shown, block) from error
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
            except pa.ArrowInvalid as error:
                raise _refusal(error, opened.shown, block) from error
            rows, number = _numbers(batch.num_rows, number, pending)
            yield _without_swallowed(batch, rows + shift, delimiter, opened)
            if len(opened.faults) > MOST_FAULTS:
                raise ImportRefusedError(
                    f"more than {MOST_FAULTS:,} rows do not have {width} columns.",
                    where=opened.shown,
                    hint="Declare the delimiter in the mapping file.",
                )


def _numbers(count: int, start: int, bad: deque[int]) -> tuple[RowNumbers, int]:
    """Numbers of the next `count` good records, `start` being the next number of all; `bad` is used up.

    `bad` is in order, and complete as far as these records go; the reader may be ahead of them.
    """
    end = start + count
    taken = []
    while bad and bad[0] < end:
        taken.append(bad.popleft())
        end += 1
    numbers = np.setdiff1d(
        np.arange(start, end, dtype=np.int64), np.array(taken, np.int64), assume_unique=True
    )
    return numbers, end


def _without_swallowed(
    batch: pa.RecordBatch, rows: RowNumbers, delimiter: str, opened: Opened
) -> pa.RecordBatch:
    """The batch with row numbers, less the records that hold whole other records in one cell.

    That happens when two rows each lack a quote: everything between becomes one value. A value in which some
    line has all the delimiters of a record is taken for that.
    """
    numbered = pa.record_batch([pa.array(rows), *batch.columns], names=[ROW, *batch.schema.names])
    width = batch.num_columns
    if width < 3 or width > 1000:
        return numbered
    pattern = "\\n(?:[^\\n\\x{0}]*\\x{0}){{{1}}}".format(format(ord(delimiter), "02x"), width - 1)
    suspect = None
    for column in batch.columns:
        if pc.any(pc.match_substring(column, "\n")).as_py():
            found = pc.match_substring_regex(column, pattern)
            suspect = found if suspect is None else pc.or_(suspect, found)
    if suspect is None or not pc.any(suspect).as_py():
        return numbered
    for record in numbered.filter(suspect).to_pylist():
        row = record.pop(ROW)
        text = delimiter.join(record.values())[:KEPT_OF_FAULT]
        opened.faults.append(Fault(row, "closed quotes; other rows are inside a value of this one", text))
    return numbered.filter(pc.invert(suspect))


def _refuse_open_quote(file: TextFile, delimiter: str) -> None:
    """Refuse a file in which a quote is opened and never closed: the rest would be one value."""
    with file.utf8() as stream:
        reader = csv.reader(io.TextIOWrapper(stream, "utf-8", newline=""), delimiter=delimiter, strict=True)
        row = 0
        try:
            for _ in reader:
                row += 1
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise ImportRefusedError(
                    f"row {row + 1:,}: a quote is opened and never closed.",
                    where=file.shown,
                    hint="Correct that row; everything after it would be one value.",
                ) from error


def _refusal(error: pa.ArrowInvalid, shown: str, block: int) -> ImportRefusedError:
    if "straddling" in str(error):
        return ImportRefusedError(
            f"a row is longer than {block:,} bytes, or a quote is not closed.",
            where=shown,
            hint="Correct the row, or raise limits.record_bytes in barograph.toml.",
        )
    return ImportRefusedError(f"the text cannot be split into rows: {error}.", where=shown)
