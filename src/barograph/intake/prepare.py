"""Open the sources of an import, match their headers, and only then read them in.

Every refusal because of a header comes before the first row is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from barograph.connectors import Address, Opened, ReadOptions, connector_for
from barograph.definitions.tables import TABLES
from barograph.errors import ImportRefusedError
from barograph.intake.guesses import Guess
from barograph.intake.headers import Header, match_header
from barograph.intake.mapping import Join
from barograph.intake.sources import Confirm, Item, join_address, read_options
from barograph.intake.staging import Staged, stage
from barograph.workspace import Limits


@dataclass(frozen=True, slots=True)
class Prepared:
    """A source that fits its table. `names` are its columns, then those that its joins fetch."""

    item: Item
    header: Header
    names: tuple[str, ...]
    staged: Staged
    joined: Mapping[int, Staged]


class Sources:
    """The sources of one import, each opened and read once however many tables it feeds."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._opened: dict[tuple[Address, ReadOptions], Opened] = {}
        self._staged: dict[tuple[Address, ReadOptions], Staged] = {}

    def opened(self, address: Address, options: ReadOptions) -> Opened:
        """The source, open; its columns are known."""
        key = (address, options)
        if key not in self._opened:
            self._opened[key] = connector_for(address).open(address, options)
        return self._opened[key]

    def staged(self, address: Address, options: ReadOptions) -> Staged:
        """The source, on disk in the scratch folder."""
        key = (address, options)
        if key not in self._staged:
            path = self._folder / f"staged-{len(self._staged):04d}.parquet"
            self._staged[key] = stage(self.opened(address, options), path)
        return self._staged[key]

    def prepare(
        self,
        items: list[Item],
        *,
        known_attributes: Mapping[str, Mapping[str, str]],
        confirm: Confirm | None,
        skipped: dict[str, str],
    ) -> tuple[list[Prepared], list[Guess]]:
        """Match all headers, then read all sources; returns what fits and the guesses that were made.

        An optional item whose header does not fit goes to `skipped`. Several refusals are told together.
        """
        fitting: list[tuple[Item, Header, tuple[str, ...]]] = []
        guesses: list[Guess] = []
        refusals: list[ImportRefusedError] = []
        for item in items:
            try:
                names = self.names(item)
                header = fit(item, names, known_attributes.get(item.table, {}), confirm)
            except ImportRefusedError as refusal:
                if item.optional:
                    skipped[item.address.shown] = refusal.message + " " + refusal.hint
                else:
                    refusals.append(refusal)
                continue
            fitting.append((item, header, names))
            guesses += ([item.guess] if item.guess else []) + list(header.guesses)
        if refusals:
            raise _together(refusals)
        if not fitting:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in skipped.items())
            raise ImportRefusedError(f"there is nothing to import ({reasons}).", hint="Give a mapping file.")
        return [self._read(*each) for each in fitting], guesses

    def names(self, item: Item) -> tuple[str, ...]:
        """The columns of the source, then those of its joins."""
        names = self.opened(item.address, item.options).columns
        for join in item.mapping.joins if item.mapping else ():
            if join.file is not None:
                there = self.opened(*self._join(item, join)).columns
                missing = [c for c in (*join.on.values(), *join.take.values()) if c not in there]
                if missing:
                    raise ImportRefusedError(
                        f"join file {join.file} has no column {missing[0]!r}.",
                        where=item.address.shown,
                        hint=f"It has {', '.join(map(repr, there[:12]))}.",
                    )
            names += tuple(join.take)
        return names

    def _join(self, item: Item, join: Join) -> tuple[Address, ReadOptions]:
        return join_address(join, item.address), read_options(join.read, self._limits)

    def _read(self, item: Item, header: Header, names: tuple[str, ...]) -> Prepared:
        joins = item.mapping.joins if item.mapping else ()
        joined = {
            i: self.staged(*self._join(item, join)) for i, join in enumerate(joins) if join.file is not None
        }
        return Prepared(item, header, names, self.staged(item.address, item.options), joined)


def fit(
    item: Item,
    names: tuple[str, ...],
    attributes: Mapping[str, str],
    confirm: Confirm | None,
    *,
    strict: bool = True,
) -> Header:
    """Match the columns `names` to the item's table, applying the guesses that `confirm` accepts."""
    mapping = item.mapping
    table = TABLES[item.table]

    def matched(confirmed: tuple[tuple[str, str], ...], check: bool) -> Header:
        return match_header(
            table,
            names,
            shown=item.address.shown,
            given=mapping.columns if mapping else None,
            elsewhere=(*mapping.constants, *mapping.compute) if mapping else (),
            ignore=mapping.ignore if mapping else (),
            known_attributes=attributes,
            confirmed=confirmed,
            strict=check,
        )

    accepted: tuple[tuple[str, str], ...] = ()
    if confirm is not None:
        accepted = tuple((g.target, g.column) for g in matched((), False).guesses if confirm(g))
    return matched(accepted, strict)


def _together(refusals: list[ImportRefusedError]) -> ImportRefusedError:
    if len(refusals) == 1:
        return refusals[0]
    listed = "\n".join(f"- {refusal}" for refusal in refusals)
    return ImportRefusedError(f"{len(refusals)} sources are refused, and nothing was imported:\n{listed}")
