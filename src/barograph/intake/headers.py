"""Which source column is which column of the contract, and which are attributes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from barograph.connectors import printable
from barograph.definitions.tables import Column, Table
from barograph.errors import ImportRefusedError
from barograph.intake.guesses import Guess, guess_columns, nearest
from barograph.intake.names import attribute_name, squash, without_prefix

SYSTEM = frozenset({"_key", "_known_at", "_known_day", "_day", "_clock", "_digest", "_seq", "_import"})


@dataclass(frozen=True, slots=True)
class Header:
    """A matched header. Positions are those of the source's columns.

    `targets` maps contract columns (and attributes that a mapping names), `factors` what a synonym is
    multiplied by, `implied` constants that a synonym says, `attributes` the other columns by their new names.
    `guesses` were not applied, unless confirmed.
    """

    targets: Mapping[str, int]
    factors: Mapping[str, float]
    implied: Mapping[str, str]
    attributes: Mapping[str, int]
    guesses: tuple[Guess, ...]


def match_header(
    table: Table,
    names: tuple[str, ...],
    *,
    shown: str,
    given: Mapping[str, str | tuple[str, ...]] | None = None,
    elsewhere: Collection[str] = (),
    ignore: Collection[str] = (),
    known_attributes: Collection[str] = (),
    confirmed: Collection[tuple[str, str]] = (),
    strict: bool = True,
) -> Header:
    """Match the source's column `names` to `table`.

    `given` maps targets to source columns and comes first; then the contract's names, then its synonyms,
    both without regard to case, spaces, hyphens, underscores and prefixes of custom fields. `elsewhere` are
    targets that constants or computations fill. `confirmed` are pairs (target, source column) of guesses
    that a person accepted. Raises ImportRefusedError when a match is open or, if `strict`, when a required
    column is missing.
    """
    by_name = _positions(names)
    targets: dict[str, int] = {}
    factors: dict[str, float] = {}
    implied: dict[str, str] = {}
    for target, spelled in {**(given or {}), **dict(confirmed)}.items():
        targets[target] = _given(target, spelled, by_name, names, shown)
    skipped = {position for name in ignore for position in by_name.get(squash(name), ())}
    for column in table.columns:
        # What the name of the source says stands also where a mapping repeats it: mrr is a twelfth of arr.
        if column.name in targets:
            factors.update(_factor(column, names[targets[column.name]]))
    used = set(targets.values()) | skipped
    closed = set(targets) | set(elsewhere)
    for column in table.columns:
        if column.name in closed:
            continue
        for spelling in (column.name, *column.synonyms):
            found = [p for p in by_name.get(squash(spelling), ()) if p not in used]
            if len(found) > 1:
                raise _open(column.name, found, names, shown)
            if found:
                _no_rival(column.name, spelling, column.synonyms, by_name, used, names, shown)
                targets[column.name] = found[0]
                used.add(found[0])
                factors.update(_factor(column, spelling))
                implied |= {
                    other: value for name, other, value in column.implies if squash(name) == squash(spelling)
                }
                break
    filled = set(targets) | set(elsewhere)
    implied = {name: value for name, value in implied.items() if name not in filled}
    filled |= set(implied)
    free = tuple(name for position, name in enumerate(names) if position not in used and name)
    still_open = tuple(c.name for c in table.columns if c.name not in filled)
    guesses = tuple(
        Guess(shown, table.name, name, target, confidence)
        for target, (name, confidence) in guess_columns(table, free, still_open).items()
    )
    if strict:
        _check_required(table, filled, names, guesses, shown)
    attributes = _attributes(table, names, used, known_attributes, set(targets) | set(elsewhere))
    return Header(targets, factors, implied, attributes, guesses)


def _positions(names: tuple[str, ...]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        for spelling in {squash(name), squash(without_prefix(name))}:
            if spelling:
                found.setdefault(spelling, []).append(position)
    return found


def _factor(column: Column, spelling: str) -> list[tuple[str, float]]:
    return [(column.name, by) for name, by in column.scale if squash(name) == squash(spelling)]


def _given(
    target: str,
    spelled: str | tuple[str, ...],
    by_name: Mapping[str, list[int]],
    names: tuple[str, ...],
    shown: str,
) -> int:
    spellings = (spelled,) if isinstance(spelled, str) else spelled
    for spelling in spellings:
        exact = [position for position, name in enumerate(names) if name == spelling]
        found = exact or by_name.get(squash(spelling), [])
        if len(found) > 1:
            raise _open(target, found, names, shown)
        if found:
            return found[0]
    wanted = " or ".join(repr(spelling) for spelling in spellings)
    raise ImportRefusedError(
        f"there is no column {wanted}, which the mapping gives for {target}.",
        where=shown,
        hint=f"Nearest: {_listed(nearest(spellings[0], names) or names)}.",
    )


def _no_rival(
    target: str,
    spelling: str,
    synonyms: tuple[str, ...],
    by_name: Mapping[str, list[int]],
    used: Collection[int],
    names: tuple[str, ...],
    shown: str,
) -> None:
    """Two synonyms of one column in one file are an open choice; the contract's own name never is."""
    if spelling not in synonyms:
        return
    found = sorted({p for other in synonyms for p in by_name.get(squash(other), ()) if p not in used})
    if len(found) > 1:
        raise _open(target, found, names, shown)


def _open(target: str, found: list[int], names: tuple[str, ...], shown: str) -> ImportRefusedError:
    return ImportRefusedError(
        f"columns {_listed(tuple(names[position] for position in found))} could each be {target}.",
        where=shown,
        hint=f'Say which in a mapping file: columns = {{ {target} = "..." }}.',
    )


def _check_required(
    table: Table, filled: Collection[str], names: tuple[str, ...], guesses: tuple[Guess, ...], shown: str
) -> None:
    missing = [name for name in table.required if name not in filled]
    missing += [" or ".join(group) for group in table.one_of if not any(name in filled for name in group)]
    if not missing:
        return
    likely = {guess.target: guess for guess in guesses}
    near = []
    for name in missing:
        for part in name.split(" or "):
            if part in likely:
                near.append(
                    f"{part} may be {printable(likely[part].column)!r} ({likely[part].confidence:.0%})"
                )
            elif found := nearest(part, tuple(filter(None, names))):
                near.append(f"nearest to {part}: {_listed(found)}")
    raise ImportRefusedError(
        f"the header does not fit {table.name}: {', '.join(missing)} missing.",
        where=shown,
        hint=(f"{'; '.join(near)}. " if near else f"It has {_listed(names[:12])}. ")
        + "Give the columns in a mapping file, or another table with --table.",
    )


def _attributes(
    table: Table,
    names: tuple[str, ...],
    used: Collection[int],
    known: Collection[str],
    taken: set[str],
) -> dict[str, int]:
    spelled = {squash(name): name for name in known}
    reserved = set(table.by_name) | taken | SYSTEM
    reserved |= {
        f"{c.name}{end}" for c in table.columns if c.money for end in ("_reporting", "_rate", "_rate_date")
    }
    reserved |= {"currency"}
    attributes: dict[str, int] = {}
    for position, name in enumerate(names):
        if position in used:
            continue
        wanted = attribute_name(name) if name else f"unnamed_{position + 1}"
        wanted = spelled.get(squash(wanted), wanted)
        if wanted in reserved:
            wanted = f"{wanted}_source"
        final, number = wanted, 2
        while final in attributes or final in reserved:
            final, number = f"{wanted}_{number}", number + 1
        attributes[final] = position
    return attributes


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(repr(printable(name)) for name in names)
