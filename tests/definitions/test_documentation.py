"""docs/reference/model-file.md. Truth: documentation (every key, template, shape and lint rule is there)."""

from __future__ import annotations

import re
from pathlib import Path

from barograph.definitions import base, model, normalise, overlay
from barograph.definitions.base import Definition
from barograph.definitions.lint import RULES
from barograph.definitions.toml_errors import ARRAYS, SECTIONS
from support.definition_models import SIGNAL, TEMPLATE_FIELDS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "model-file.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
NAMED = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", PROSE))))


def definitions() -> list[type[Definition]]:
    found = [
        v
        for module in (base, model, normalise, overlay)
        for v in vars(module).values()
        if isinstance(v, type)
    ]
    return [cls for cls in found if issubclass(cls, Definition)]


def test_every_key_is_documented() -> None:
    keys = {field for cls in definitions() for field in cls.model_fields}
    written = {singular: plural for singular, plural in ARRAYS.items() if singular != plural}
    missing = keys - NAMED - set(written.values()) - set(SECTIONS)
    assert missing == set()


def test_every_key_of_every_template_is_documented() -> None:
    shown = SIGNAL.json_schema()["$defs"]
    for template in TEMPLATE_FIELDS:
        assert f"`{template}`" in PAGE, template
    keys = {key for d in shown.values() if "template" in d.get("properties", {}) for key in d["properties"]}
    assert keys - NAMED == set()


def test_every_section_is_documented() -> None:
    for key in ARRAYS:
        assert f"`[[{key}]]`" in PAGE
    for key in SECTIONS:
        assert f"`[{key}]`" in PAGE


def test_every_lint_rule_is_documented_in_its_own_words() -> None:
    for rule in RULES:
        assert f"| {rule.id} | {rule.title} | {rule.reason} |" in PAGE, rule.id
    assert PAGE.count("| BG-") == len(RULES)


def test_the_errors_shown_are_those_that_are_told() -> None:
    shown = re.findall(r'signal "[a-z_]+" > [a-z_]+ is .*?; (?:must be at least 1|nearest: "support")', PAGE)
    assert len(shown) == 2
