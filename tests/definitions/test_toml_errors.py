"""What a person reads when a model file is wrong. Truth: golden texts, one per kind of mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.definitions.toml_io import dumps_model, load_model, loads_model
from barograph.definitions.toml_lines import KeyLines
from barograph.errors import DefinitionError
from support.definition_models import sound

TEXT = dumps_model(sound(), comments=False)
GOLDEN = Path(__file__).parents[1] / "golden" / "definitions" / "errors.txt"

MISTAKES: dict[str, tuple[str, str]] = {
    "unknown key": ("min_rows", ""),
    "key with a typing error": (
        'window_days = 28\nnormalise = {method = "range", zero = 0, full = 10}',
        'window_dyas = 28\nnormalise = {method = "range", zero = 0, full = 10}',
    ),
    "unknown template": ('template = "breadth"', 'template = "bredth"'),
    "template missing": ('template = "breadth"\n', ""),
    "unknown category": ('category = "support"', 'category = "suport"'),
    "unknown shape": ('{method = "range", zero = 5, full = 0}', '{method = "linear", zero = 5, full = 0}'),
    "shape without method": ('{method = "range", zero = 5, full = 0}', "{zero = 5, full = 0}"),
    "shape without a bound": ('{method = "range", zero = 5, full = 0}', '{method = "range", zero = 5}'),
    "ends of a range equal": (
        '{method = "range", zero = 5, full = 0}',
        '{method = "range", zero = 5, full = 5}',
    ),
    "number as text": (
        'weight = 15\ntemplate = "count"\nsource = "tickets"',
        'weight = "15"\ntemplate = "count"\nsource = "tickets"',
    ),
    "number too large": ("window_days = 182", "window_days = 5000"),
    "fraction where a whole number is needed": ("window_days = 182", "window_days = 28.5"),
    "name with capitals": ('name = "deals"', 'name = "Deals"'),
    "name twice": ('name = "deals"', 'name = "tickets"'),
    "condition that is no condition": ('where = {role = "sponsor"}', "where = {role = {atleast = 3}}"),
    "bound that is no number": ('where = {role = "sponsor"}', 'where = {role = {at_least = "3"}}'),
    "list inside a list": ('where = {role = "sponsor"}', 'where = {role = [["sponsor"]]}'),
    "tier missing": (
        '[[tier]]\nname = "healthy"\nlabel = "Healthy"\nfrom_score = 70\ndefinition = "Expected to renew."\n',
        "",
    ),
    "tiers in the wrong order": ('name = "watch"', 'name = "growth"'),
    "section written as a list": ("[damping]", "[[damping]]"),
    "list written as a section": ("[[component]]", "[component]"),
    "plural": ("[[component]]", "[[components]]"),
    "unknown section": ("[damping]", "[dampening]"),
    "part inside the model": ('title = "A sound model"', 'title = "A sound model"\ndamping = 5'),
    "setting outside the model": ("[model]\nname", 'stage = "heuristic"\n[model]\nname'),
    "date": ("hysteresis = 5", "hysteresis = 2024-05-01"),
    "not a number": ("hysteresis = 5", "hysteresis = nan"),
    "broken TOML": ("[damping]", "[damping"),
    "key twice": ("hysteresis = 5", "hysteresis = 5\nhysteresis = 6"),
    "empty file": (TEXT, ""),
}


def mistaken(kind: str) -> str:
    """The sound file with one mistake."""
    old, new = MISTAKES[kind]
    if kind == "unknown key":
        old, new = "min_coverage = 0.6", 'min_coverage = 0.6\ncolour = "red"'
    assert old in TEXT, kind
    return TEXT.replace(old, new, 1)


def message(text: str) -> str:
    with pytest.raises(DefinitionError) as raised:
        loads_model(text, where="models/m.toml")
    return str(raised.value)


PARSER_WORDS = ("broken TOML", "key twice")
"""The rest of these sentences is Python's own and may change with its version."""


def test_texts_are_the_golden_ones() -> None:
    told = "\n".join(
        f"# {kind}\n{message(mistaken(kind))}\n" for kind in MISTAKES if kind not in PARSER_WORDS
    )
    assert told == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", PARSER_WORDS)
def test_broken_toml_names_the_line(kind: str) -> None:
    told = message(mistaken(kind))
    assert told.startswith("models/m.toml: is not valid TOML: ")
    assert "line 1" in told
    assert told.endswith("Correct the line named and try again.")


WITHOUT_A_LINE_OF_ITS_OWN = {
    "template missing": 'name = "features"',
    "tier missing": "[[tier]]",
    "name twice": "[model]",
    "tiers in the wrong order": "[model]",
}
"""What is reported at the thing around it, and what stands there."""


@pytest.mark.parametrize("kind", [k for k in MISTAKES if k not in (*PARSER_WORDS, "empty file")])
def test_the_line_named_is_the_one_changed(kind: str) -> None:
    sound_lines, changed = TEXT.splitlines(), mistaken(kind).splitlines()
    told = message(mistaken(kind)).replace("\n", " ")
    named = [int(part.split(":")[0]) for part in told.split("line ")[1:]]
    if kind in WITHOUT_A_LINE_OF_ITS_OWN:
        around = "\n".join(changed[named[0] - 1 : named[0] + 1])
        assert WITHOUT_A_LINE_OF_ITS_OWN[kind] in around
    else:
        first = next(n for n, (a, b) in enumerate(zip(sound_lines, changed, strict=False), 1) if a != b)
        assert first in named


def test_all_mistakes_are_told_at_once() -> None:
    text = TEXT
    for kind in ("unknown category", "number too large", "unknown shape", "name with capitals"):
        text = text.replace(*MISTAKES[kind], 1)
    told = message(text)
    assert told.startswith("models/m.toml: 4 things to correct")
    assert [part in told for part in ('"suport"', "5000", '"linear"', '"Deals"')] == [True] * 4
    lines = [int(line.split()[1].rstrip(":")) for line in told.splitlines()[1:]]
    assert lines == sorted(lines)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"m\.toml: there is no such model file"):
        load_model(tmp_path / "m.toml")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_bytes(TEXT.replace("A sound model", "Ein Modell für später").encode("latin-1"))
    with pytest.raises(DefinitionError, match="is not UTF-8 text"):
        load_model(path)


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="cannot be read"):
        load_model(tmp_path)


def test_lines_behind_texts_over_several_lines_and_lists() -> None:
    lines = KeyLines(
        '[model]\nnote = """\n[[signal]]\nname = "no"\n"""\nlist = [\n  {a = 1},\n  "x]",\n]\nb = 1\n'
        "[[signal]]\nname = 'one' # [comment]\n[[signal]]\nname = 'two'\n"
    )
    assert lines.line(("model", "note")) == 2
    assert lines.line(("model", "b")) == 10
    assert lines.line(("signal", 0, "name")) == 12
    assert lines.line(("signal", 1, "name")) == 14
    assert lines.line(("signal", 1, "weight")) == 13
    assert lines.line(("tier", 0)) is None
