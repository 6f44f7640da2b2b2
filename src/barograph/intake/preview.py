"""What an import would make of files, from their headers and first rows; nothing is written."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from barograph.connectors import ROW
from barograph.definitions.tables import TABLES
from barograph.errors import BarographError, ImportRefusedError
from barograph.intake.guesses import Guess
from barograph.intake.headers import Header
from barograph.intake.mapping import Mapping, read_mapping
from barograph.intake.prepare import Sources, fit
from barograph.intake.sources import Confirm, Item, resolve
from barograph.intake.stored import attributes_of
from barograph.lake import JSON
from barograph.workspace import Workspace

SCHEMA = "barograph.import-preview/1"
SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class FilePreview:
    """One source as one table. `columns` maps columns of the contract to the source's, `attributes` likewise.

    `confidence` is that of the table; `refused` says why the header does not fit, empty when it does.
    `open_columns` are those of the contract that nothing fills. `sample` has the first rows as text.
    """

    file: str
    table: str
    confidence: float
    facts: MappingOf[str, str]
    columns: MappingOf[str, str]
    attributes: MappingOf[str, str]
    open_columns: tuple[str, ...]
    guesses: tuple[Guess, ...]
    refused: str
    sample: tuple[MappingOf[str, str], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What the files would become. `skipped` maps files that would be left alone to the reason."""

    files: tuple[FilePreview, ...]
    skipped: MappingOf[str, str]

    @property
    def fits(self) -> bool:
        """True when no header is refused."""
        return not any(file.refused for file in self.files)

    def to_json(self) -> dict[str, JSON]:
        return {
            "schema": SCHEMA,
            "files": [asdict(file) for file in self.files],
            "skipped": dict(self.skipped),
        }


def preview(
    workspace: Workspace,
    paths: Sequence[str | Path],
    *,
    table: str | None = None,
    mapping: Mapping | Path | None = None,
    confirm: Confirm | None = None,
) -> Preview:
    """Match the headers of `paths` as `import_paths` would, and show the first rows.

    Refused headers are told per file instead of raised. Raises ImportRefusedError or UsageError for what
    cannot be opened at all.
    """
    limits = workspace.settings.limits
    rules = read_mapping(mapping) if isinstance(mapping, Path) else mapping
    items, skipped = resolve(paths, table=table, mapping=rules, limits=limits, confirm=confirm)
    manifest = workspace.lake.manifest()
    files = []
    with tempfile.TemporaryDirectory() as folder:
        sources = Sources(Path(folder), limits)
        for item in items:
            known = attributes_of(manifest.entries(f"raw/{item.table}"))
            files.append(_preview_one(sources, item, known, confirm))
    return Preview(tuple(files), skipped)


def _preview_one(
    sources: Sources, item: Item, known: MappingOf[str, str], confirm: Confirm | None
) -> FilePreview:
    opened = sources.opened(item.address, item.options)
    names = sources.names(item)
    refused = ""
    try:
        header = fit(item, names, known, confirm)
    except ImportRefusedError as refusal:
        refused = f"{refusal.message} {refusal.hint}".strip()
        header = _lenient(item, names, known)
    mapping = item.mapping
    elsewhere = {
        *header.implied,
        *(mapping.constants if mapping else ()),
        *(mapping.compute if mapping else ()),
    }
    filled = set(header.targets) | elsewhere
    return FilePreview(
        file=item.address.shown,
        table=item.table,
        confidence=item.guess.confidence if item.guess else 1.0,
        facts=dict(opened.facts),
        columns={target: names[position] for target, position in header.targets.items()},
        attributes={name: names[position] for name, position in header.attributes.items()},
        open_columns=tuple(c.name for c in TABLES[item.table].columns if c.name not in filled),
        guesses=header.guesses,
        refused=refused,
        sample=_sample(item),
    )


def _lenient(item: Item, names: tuple[str, ...], known: MappingOf[str, str]) -> Header:
    """The header as far as it fits; an empty one where two columns could be the same."""
    try:
        return fit(item, names, known, None, strict=False)
    except BarographError:
        return Header({}, {}, {}, {}, ())


def _sample(item: Item) -> tuple[dict[str, str], ...]:
    """The first rows; taken from a reader of their own, since a reader's batches can be taken once."""
    opened = item.connector.open(item.address, item.options)
    rows: list[dict[str, str]] = []
    batches = opened.batches()
    for batch in batches:
        for record in batch.slice(0, SHOWN_ROWS - len(rows)).to_pylist():
            record.pop(ROW)
            values = zip(opened.columns, record.values(), strict=True)
            rows.append({name: "" if value is None else str(value)[:200] for name, value in values})
        if len(rows) >= SHOWN_ROWS:
            break
    return tuple(rows)
