"""Model files. Truths: property (what is written is read back, for any model), golden (every key once)."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given

from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import dumps_model, load_model, loads_model, save_model
from support.definition_models import QUICK, models, sound, with_signals

GOLDEN = Path(__file__).parents[1] / "golden" / "definitions"


@given(models())
@QUICK
def test_round_trip_is_exact_and_writing_a_function_of_the_model(model: ScoreModel) -> None:
    text = dumps_model(model)
    assert loads_model(text) == model
    assert dumps_model(loads_model(text)) == text
    assert loads_model(dumps_model(model, comments=False)) == model


def test_every_key_reads_as_the_golden_file_says() -> None:
    golden = GOLDEN / "every_key.toml"
    model = load_model(golden)
    assert dumps_model(model) == golden.read_text(encoding="utf-8"), "the rendering of model files changed"


def test_golden_file_sets_every_key_that_the_classes_have() -> None:
    """So that a new key cannot be added without a look at how it is written."""
    document = tomllib.loads((GOLDEN / "every_key.toml").read_text(encoding="utf-8"))
    model = load_model(GOLDEN / "every_key.toml")
    singular = {
        "components": "component",
        "signals": "signal",
        "tiers": "tier",
        "thresholds": "threshold",
        "caps": "cap",
        "targets": "target",
    }
    for field in ScoreModel.model_fields:
        place = singular.get(field, field)
        assert place in document or place in document["model"], field
    for signal in model.signals:
        own = set(type(signal).model_fields) - _COMMON
        written = next(s for s in document["signal"] if s["name"] == signal.name)
        assert own <= set(written), (signal.template, own - set(written))
    everywhere = {key for written in document["signal"] for key in written}
    assert everywhere >= _COMMON


_COMMON = set(type(sound().signals[0]).model_fields) | {"absent", "at", "where"}


def test_long_texts_are_folded_and_read_back_whole() -> None:
    text = 'She said "it works", then added a \\ and a tab\t. ' * 6
    model = sound(purpose=text.strip())
    written = dumps_model(model)
    assert max(len(line) for line in written.splitlines()) <= 120
    assert loads_model(written).purpose == text.strip()


def test_scalars_of_conditions_keep_their_kind() -> None:
    model = with_signals(tickets={"where": {"a": True, "b": 1, "c": 1.0, "d": "1"}})
    where = loads_model(dumps_model(model)).signal("tickets").where  # type: ignore[union-attr]
    assert [type(where[key]) for key in "abcd"] == [bool, int, float, str]


def test_save_replaces_the_file_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text("old", encoding="utf-8")
    save_model(sound(), path)
    assert load_model(path) == sound()
    assert [p.name for p in tmp_path.iterdir()] == ["model.toml"]


def test_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_bytes(b"\xef\xbb\xbf" + dumps_model(sound()).encode("utf-8"))
    assert load_model(path) == sound()


@pytest.mark.parametrize("comments", [True, False])
def test_comments_can_be_left_out(comments: bool) -> None:
    assert ("#" in dumps_model(sound(), comments=comments)) is comments
