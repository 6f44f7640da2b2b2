"""A model as TOML that reads well to a CS leader: what the score is made of, then every part in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import wrap
from typing import Any

import tomlkit
from tomlkit.items import Array, InlineTable, Item, Table

from barograph.definitions.base import Definition
from barograph.definitions.describe import describe_shape, describe_signal
from barograph.definitions.model import ScoreModel
from barograph.definitions.signal import Signal

WIDTH = 110

_MODEL_KEYS = ("name", "title", "purpose", "stage", "outcomes_behind", "min_coverage", "neutral_points")
_HEAD = ("name", "label", "category", "kind", "unit", "direction", "component", "weight")
_TAIL = (
    "missing",
    "min_support",
    "min_history_days",
    "stale_after_days",
    "max_gap_days",
    "normalise",
    "variants",
    "confirmed",
    "note",
)
_ALWAYS = ("name", "label", "category", "kind", "direction", "weight", "template", "normalise")
_LISTS_BY_LINE = ("variants", "bands", "cadence")
_CONDITIONS = ("where", "among", "scope", "when", "unless")

_SECTION_WORDS = {
    "model": "The model itself. stage says what the weights stand on and is shown beside every score.",
    "component": "Components are the cards a reader sees; one weighs what its signals weigh together.",
    "signal": "Signals: what is measured. weight is points of 100; 0 is a candidate, computed, not scored.",
    "tier": "Tiers, worst to best: the score where each begins, its meaning, what is owed in working days.",
    "threshold": "Other lines for some accounts; the first match wins, tiers not named keep the default.",
    "growth_gate": "All must hold for Growth; a top score that fails one shows Healthy with the reason.",
    "cap": "Caps hold the tier down whatever the score. They take no points unless score_at_most says so.",
    "target": "Health as outcomes: what good looks like at each stage.",
    "population": "Which accounts are scored at a date.",
    "outcome": "What counts as lost, downsold, renewed and expanded.",
    "damping": "What keeps a tier from flapping.",
    "rollup": "How products make an account, and children a parent.",
    "review": "The Monday review.",
    "overlay": "When an account manager's pulse decides the tier shown; the score is never touched.",
}
_KEY_WORDS = {
    ("model", "min_coverage"): "share of the weight that must be known; below it: insufficient data",
    ("model", "neutral_points"): "what a missing signal scores where missing = neutral",
    ("model", "outcomes_behind"): "renewals the weights were checked on",
    ("population", "grace_days"): "days after a term's end that an account is still scored",
    ("population", "onboarding_days"): "days from the start that count as onboarding",
    ("population", "renewal_window_days"): "days before the opt-out deadline that count as renewal",
    ("population", "active_days"): "for rule = activity: days back in which a fact makes an account active",
    ("outcome", "downsold_at_most"): "share of recurring revenue kept, at or below: downsold",
    ("outcome", "expanded_at_least"): "at or above: expanded; between the two: renewed",
    ("outcome", "grace_days"): "a following term may start this many days late",
    ("outcome", "horizons_days"): "days before the decision at which the score is checked",
    ("damping", "hysteresis"): "points above a lower tier's line needed to leave it",
    ("damping", "confirmations"): "weekly scores in a row that must agree before a move shows",
    ("damping", "immediate_drop"): "a fall this many points under the line does not wait",
    ("rollup", "material_share"): "share of the revenue that makes a part count for the worst tier",
    ("review", "attention_at_most"): "accounts on the list",
    ("overlay", "sponsor_missing_at_most"): "the best tier shown while the sponsor is missing",
    ("overlay", "both_missing_at_most"): "with sponsor and narrative missing",
    ("overlay", "lift"): "a pulse better than the numbers can lift one tier, counter-signed",
    ("overlay", "lift_days"): "days from the counter-signature that a lift has force",
    ("overlay", "every_days"): "days after which the next pulse is due",
    ("overlay", "valid_days"): "days that a pulse has force",
}


def dumps_model(model: ScoreModel, *, comments: bool = True) -> str:
    """The model as TOML; `loads_model` gives back an equal model, with and without `comments`.

    Order: [model], [[component]], [[signal]] in the model's order, tiers and what goes with them, then the
    rules. Settings of the rules are written even where they are the default, so that they can be seen.
    """
    document = tomlkit.document()
    if comments:
        for line in _summary(model):
            document.add(tomlkit.comment(line) if line else tomlkit.nl())
    _section(document, "model", {key: getattr(model, key) for key in _MODEL_KEYS}, comments)
    _array(document, "component", model.components, comments)
    _signals(document, model, comments)
    _array(document, "tier", model.tiers, comments)
    _array(document, "threshold", model.thresholds, comments)
    _array(document, "growth_gate", model.growth_gate, comments)
    _array(document, "cap", model.caps, comments)
    _array(document, "target", model.targets, comments)
    for key in ("population", "outcome", "damping", "rollup", "review"):
        _section(document, key, dict(getattr(model, key)), comments)
    if model.overlay is not None:
        # All settings of the rule are written, so that it can be read; scope and cadence where there are any.
        settings = tuple(key for key in type(model.overlay).model_fields if key not in ("scope", "cadence"))
        _section(document, "overlay", _set_fields(model.overlay, keep=settings), comments)
    return _tidy(document.as_string())


def definition_table(part: Definition) -> Table:
    """A definition as a table: the fields that differ from their defaults, in the order of the class."""
    return _table(_set_fields(part))


def _tidy(text: str) -> str:
    """One blank line between entries, headings right above their table. Texts hold no bare line breaks."""
    text = re.sub(r"\n{3,}", "\n\n", text).rstrip("\n") + "\n"
    headings = "|".join(re.escape(f"# {words}") for words in _SECTION_WORDS.values())
    return re.sub(rf"^({headings})\n\n(?=\[)", r"\1\n", text, flags=re.MULTILINE)


def _summary(model: ScoreModel) -> list[str]:
    lines = [model.title, ""] if model.title.strip() and "\n" not in model.title else []
    scored = sorted(model.scored, key=lambda s: -s.weight)
    if scored:
        lines.append("What the score is made of (points of 100):")
        lines += [f"  {_figure(s.weight):>4}  {s.label} ({s.name}, {s.category})" for s in scored]
        lines.append("")
    lines = [line if line.isprintable() else line.encode("unicode_escape").decode("ascii") for line in lines]
    return [*lines, "Every key is explained in docs/reference/model-file.md.", ""]


def _section(document: tomlkit.TOMLDocument, key: str, fields: Mapping[str, Any], comments: bool) -> None:
    table = tomlkit.table()
    for name, value in fields.items():
        if value is None or (name, value) == ("purpose", "") or name == "lapse":
            continue
        item = _item(name, _plain(value))
        if comments and (key, name) in _KEY_WORDS:
            item.comment(_KEY_WORDS[key, name])
        table.add(name, item)
    if (lapse := fields.get("lapse")) is not None:
        table.add("lapse", _table(_set_fields(lapse)))
    if comments:
        _heading(document, key)
    document.add(key, table)
    document.add(tomlkit.nl())


def _array(document: tomlkit.TOMLDocument, key: str, parts: tuple[Definition, ...], comments: bool) -> None:
    if not parts:
        return
    if comments:
        _heading(document, key)
    tables = tomlkit.aot()
    for part in parts:
        table = _table(_set_fields(part))
        table.add(tomlkit.nl())
        tables.append(table)
    document.add(key, tables)


def _signals(document: tomlkit.TOMLDocument, model: ScoreModel, comments: bool) -> None:
    if comments:
        _heading(document, "signal")
    tables = tomlkit.aot()
    for signal in model.signals:
        table = tomlkit.table()
        if comments:
            for sentence in (describe_signal(signal), describe_shape(signal.normalise)):
                for line in wrap(f"{sentence[0].upper()}{sentence[1:]}.", WIDTH - 2):
                    if line.isprintable():
                        table.add(tomlkit.comment(line))
        for key, value in _signal_fields(signal).items():
            table.add(key, _item(key, value))
        table.add(tomlkit.nl())
        tables.append(table)
    document.add("signal", tables)


def _signal_fields(signal: Signal) -> dict[str, Any]:
    fields = type(signal).model_fields
    body = [key for key in fields if key not in (*_HEAD, *_TAIL, "template", "source")]
    order = [*_HEAD, "template", "source", *body, *_TAIL]
    chosen = _set_fields(signal, keep=(*_ALWAYS, "source"))
    return {key: chosen[key] for key in order if key in chosen}


def _set_fields(part: Definition, keep: tuple[str, ...] = ("name", "method")) -> dict[str, Any]:
    """The fields that differ from their default, and those in `keep`, as plain values."""
    chosen = {}
    for key, info in type(part).model_fields.items():
        value = getattr(part, key)
        if value is None and info.default is not None and not info.is_required():
            value = ""  # TOML has no null; the classes read an empty text as one
        if value is not None and (key in keep or info.is_required() or value != info.default):
            chosen[key] = dict(value) if key in _CONDITIONS and isinstance(value, Mapping) else value
    return {key: _plain(value, as_is=key in _CONDITIONS) for key, value in chosen.items()}


def _plain(value: Any, *, as_is: bool = False) -> Any:
    """Definitions as dictionaries, whole floats as integers (`as_is` keeps 5.0 as a condition has it)."""
    if isinstance(value, Definition):
        return _set_fields(value)
    if isinstance(value, Mapping):
        return {key: _plain(item, as_is=as_is) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item, as_is=as_is) for item in value]
    if isinstance(value, float) and not as_is and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _table(fields: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    for key, value in fields.items():
        table.add(key, _item(key, value))
    return table


def _item(key: str, value: Any) -> Item:
    if isinstance(value, dict):
        return _inline(value)
    if isinstance(value, list):
        return _list(key, value)
    if isinstance(value, str) and len(key) + len(value) + 5 > WIDTH:
        return _folded(value)
    return _scalar(value)


def _inline(fields: Mapping[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    for key, value in fields.items():
        # A list by line inside an inline table is not valid TOML 1.0, so nested lists stay on the line.
        table.append(key, _inline(value) if isinstance(value, dict) else _list("", value))
    return table


def _list(key: str, value: Any) -> Array | Item:
    if not isinstance(value, list):
        return _scalar(value)
    array = tomlkit.array()
    for entry in value:
        array.append(_inline(entry) if isinstance(entry, dict) else _scalar(entry))
    return array.multiline(len(value) > 0 and key in _LISTS_BY_LINE)


def _folded(text: str) -> Item:
    """A long text over several lines, with the line breaks of the file left out of the value."""
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) > WIDTH - 4 and lines[-1].strip():
            lines.append("")
        lines[-1] += f"{word} "
    lines[-1] = lines[-1][:-1]
    escaped = [tomlkit.string(line).as_string()[1:-1] for line in lines]
    item = tomlkit.value('"""\\\n' + "\\\n".join(escaped) + '"""')
    # A fold swallows all white space after it: texts with runs of blanks are written on one line.
    return item if item.unwrap() == text else _scalar(text)


def _scalar(value: str | bool | int | float) -> Item:
    item: Item = tomlkit.item(value)
    return item


def _heading(document: tomlkit.TOMLDocument, key: str) -> None:
    document.add(tomlkit.comment(_SECTION_WORDS[key]))


def _figure(value: float) -> str:
    return f"{value:g}"
