"""The reference pages name every table, column, synonym and key that there is (documentation)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from barograph.definitions.tables import TABLES
from barograph.intake.mapping import Compute, Mapping, Reading, TableMapping, When
from barograph.workspace import Limits

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def sections() -> dict[str, str]:
    text = (REFERENCE / "data-contract.md").read_text()
    found = re.split(r"^### `(\w+)`: ", text, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_every_table_is_described_as_it_is(table: object) -> None:
    found = TABLES[table.name]  # type: ignore[attr-defined]
    section = sections()[found.name]
    rows = dict(re.findall(r"^\| (\*\*`\w+`\*\*|`\w+`) \| (.*) \|$", section, flags=re.MULTILINE))
    assert list(rows) == [f"**`{c.name}`**" if c.required else f"`{c.name}`" for c in found.columns]
    for column, text in zip(found.columns, rows.values(), strict=True):
        assert text.startswith(column.type)
        for word in (*column.values, *column.synonyms):
            assert word in text
        assert ("money" in text, "personal" in text) == (column.money, column.personal)
    for phase in found.phases:
        assert f"from `{phase.clock}`" in section
    for column in (*found.identity, *found.derived_clock):
        assert f"`{column}`" in section


def test_every_key_of_a_mapping_file_is_described() -> None:
    text = (REFERENCE / "mapping-file.md").read_text()
    keys = set()
    for model in (Mapping, TableMapping, Compute, Reading, When):
        keys |= {field.alias or name for name, field in model.model_fields.items()}
    for key in keys:
        assert re.search(rf"\b{key}\b", text), key


def test_the_example_of_the_page_is_a_mapping() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", (REFERENCE / "mapping-file.md").read_text(), flags=re.DOTALL)
    assert Mapping.model_validate(tomllib.loads(block)).for_file("support_march.csv")


def test_every_limit_is_described() -> None:
    text = (REFERENCE / "data-contract.md").read_text()
    assert all(f"`{name}`" in text for name in Limits.model_fields)
