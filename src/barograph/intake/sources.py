"""Which files an import reads, and as which tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from barograph.connectors import (
    Address,
    Connector,
    ReadLimits,
    ReadOptions,
    address_of,
    connector_for,
    files_in,
    printable,
)
from barograph.definitions.tables import TABLES
from barograph.errors import ImportRefusedError, UsageError
from barograph.intake.guesses import Guess, guess_table, nearest
from barograph.intake.mapping import Join, Mapping, Reading, TableMapping
from barograph.workspace import Limits

Confirm = Callable[[Guess], bool]
# A table whose own name is a word of the file's name is taken at once; a likely word needs a fitting header.
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Item:
    """One part of one source, to be read as `table`.

    `optional` items came from a folder with a guessed table: where their header does not fit they are
    skipped, with the reason, instead of refusing the import.
    """

    address: Address
    connector: Connector
    options: ReadOptions
    table: str
    mapping: TableMapping | None = None
    guess: Guess | None = None
    optional: bool = False


def resolve(
    paths: Sequence[str | Path],
    *,
    table: str | None,
    mapping: Mapping | None,
    limits: Limits,
    confirm: Confirm | None,
) -> tuple[list[Item], dict[str, str]]:
    """The items of `paths`, and what is skipped with the reason.

    A folder stands for its files. With a mapping, a file that it does not name is imported only when it has
    a table's own name. Raises UsageError for an unknown table, ImportRefusedError for a path that cannot be
    read or whose table is not clear.
    """
    if table is not None and table not in TABLES:
        near = ", ".join(nearest(table, tuple(TABLES)) or tuple(TABLES))
        raise UsageError(f"there is no table {printable(table)!r}.", hint=f"Nearest: {near}.")
    if not paths:
        raise UsageError(
            "no path is given.", hint="Name a file, a folder or the address of a database table."
        )
    items: list[Item] = []
    skipped: dict[str, str] = {}
    for path in paths:
        address = address_of(path)
        if address.path is not None and address.path.is_dir():
            found, others = files_in(address.path)
            skipped |= dict.fromkeys(others, "no connector reads this kind of file")
            for each in found:
                items += _of_address(each, table, mapping, limits, confirm, skipped)
        else:
            items += _of_address(address, table, mapping, limits, confirm, None)
    if not items:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in skipped.items())
        raise ImportRefusedError(
            f"there is nothing to import{f' ({reasons})' if reasons else ''}.",
            where=", ".join(address_of(path).shown for path in paths),
            hint="Name the files, and their table with --table or a mapping file.",
        )
    return items, skipped


def read_options(reading: Reading, limits: Limits) -> ReadOptions:
    """A mapping's declarations and the workspace's limits, as connectors take them."""
    return ReadOptions(
        encoding=reading.encoding,
        delimiter=reading.delimiter,
        header_row=reading.header_row,
        sheet=reading.sheet,
        limits=ReadLimits(limits.file_bytes, limits.expansion, limits.record_bytes, limits.columns),
    )


def join_address(join: Join, beside: Address) -> Address:
    """The file of a join, in the folder of the file that it is joined to.

    Raises ImportRefusedError when it would lie elsewhere: a mapping file may come from somebody else.
    """
    name = Path(str(join.file))
    if beside.path is None or name.name != str(name):
        raise ImportRefusedError(
            f"join file {printable(str(join.file))!r} is not a name in the same folder.", where=beside.shown
        )
    return address_of(beside.path.parent / name)


def _of_address(
    address: Address,
    table: str | None,
    mapping: Mapping | None,
    limits: Limits,
    confirm: Confirm | None,
    skipped: dict[str, str] | None,
) -> list[Item]:
    """Items of one address; with `skipped` it came from a folder and may be skipped."""
    if mapping is not None and mapping.skips(address.shown):
        if skipped is not None:
            skipped[address.shown] = "the mapping file skips it"
            return []
        raise UsageError("the mapping file skips this file.", where=address.shown)
    connector = connector_for(address)
    items = []
    named = mapping.for_file(address.shown) if mapping is not None else ()
    readings = {each.read.model_dump_json(): each.read for each in named} or {"": Reading()}
    for reading in readings.values():
        options = read_options(reading, limits)
        for part in connector.parts(address, options):
            mine = [
                each for each in (mapping.for_file(part.shown) if mapping else ()) if each.read == reading
            ]
            if mine and (table is None or any(each.table == table for each in mine)):
                items += [
                    Item(part, connector, options, m.table, m) for m in mine if table in {None, m.table}
                ]
            elif table is not None:
                items.append(Item(part, connector, options, table))
            else:
                item = _guessed(part, connector, options, mapping, confirm, skipped)
                items += [item] if item is not None else []
    return items


def _guessed(
    part: Address,
    connector: Connector,
    options: ReadOptions,
    mapping: Mapping | None,
    confirm: Confirm | None,
    skipped: dict[str, str] | None,
) -> Item | None:
    found = (guess_table(part.part) if part.part else None) or guess_table(
        part.shown.split("#", maxsplit=1)[0]
    )
    if found is None:
        problem, hint = "its name does not say which table it is", "Give it with --table or a mapping file."
    else:
        table, confidence = found
        guess = Guess(part.shown, table, "", "", confidence) if confidence < 1 else None
        if guess is None or mapping is None:
            refused = guess is not None and confirm is not None and not confirm(guess)
            if not refused:
                optional = skipped is not None and confidence < SURE
                return Item(part, connector, options, table, None, guess, optional)
        problem, hint = (
            f"it may be {table} ({confidence:.0%})",
            "Name it in the mapping file, or give --table.",
        )
    if skipped is None:
        raise ImportRefusedError(f"{problem}.", where=part.shown, hint=hint)
    if mapping is None or not mapping.joins_in(part.shown):
        skipped[part.shown] = f"{problem}. {hint}"
    return None
