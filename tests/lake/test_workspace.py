"""Settings of a workspace: round trip, and errors that name file, key and value (contract)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from barograph.errors import UsageError
from barograph.workspace import Currency, Rate, Settings, Source, Workspace, settings_text


def test_what_is_created_can_be_opened(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "w", name="Acme", timezone="Europe/Berlin", currency="EUR")
    opened = Workspace.open(tmp_path / "w")
    assert opened == made
    assert (opened.settings.name, opened.zone.key, opened.settings.currency.reporting) == (
        "Acme",
        "Europe/Berlin",
        "EUR",
    )
    assert "# Days begin at midnight" in (tmp_path / "w" / "barograph.toml").read_text()


def test_a_second_workspace_in_one_folder_is_refused(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w")
    with pytest.raises(UsageError, match="already"):
        Workspace.create(tmp_path / "w")


def test_a_folder_without_settings_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="barograph init"):
        Workspace.open(tmp_path)


def test_sources_are_added_once_and_comments_stay(tmp_path: Path) -> None:
    ws = Workspace.create(tmp_path / "w")
    file = tmp_path / "w" / "barograph.toml"
    file.write_text(file.read_text().replace("[currency]", "# our own note\n[currency]"))
    for _ in range(2):
        ws = ws.with_source(Source(path="exports", mapping="mapping.toml"))
    ws = ws.with_source(Source(path="events.csv", table="events"))
    assert [source.path for source in Workspace.open(ws.path).settings.sources] == ["exports", "events.csv"]
    assert "# our own note" in file.read_text()


def test_settings_with_rates_round_trip(tmp_path: Path) -> None:
    rates = (Rate(currency="EUR", date=date(2026, 1, 1), rate=1.08),)
    settings = Settings(name='A "quoted" name', currency=Currency(rates=rates), sources=(Source(path="x"),))
    (tmp_path / "barograph.toml").write_text(settings_text(settings))
    assert Workspace.open(tmp_path).settings == settings


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('timezone = "Mars/Phobos"\nname = "x"', r"key 'timezone': 'Mars/Phobos'.*Europe/Berlin"),
        ('name = ""', "key 'name': ''"),
        ("", "key 'name' is missing"),
        ('name = "x"\ncolour = "red"', "key 'colour' is not a setting"),
        ('name = "x"\n[currency]\nreporting = "dollar"', r"key 'currency\.reporting': 'dollar'"),
        (
            'name = "x"\n[currency]\nrates = [{currency = "EUR", date = 2026-01-01, rate = -1}]',
            r"key 'currency\.rates\.0\.rate': -1",
        ),
        ('name = "x"\n[[sources]]\ntable = "events"', r"key 'sources\.0\.path' is missing"),
        ("name = ", "not TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_file_key_and_value(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "barograph.toml").write_text(text)
    with pytest.raises(UsageError, match=told) as caught:
        Workspace.open(tmp_path)
    assert "barograph.toml" in caught.value.where


def test_the_model_in_force_is_named_or_the_only_one(tmp_path: Path) -> None:
    ws = Workspace.create(tmp_path / "w")
    with pytest.raises(UsageError, match="models/ has none"):
        ws.model_file()
    one = tmp_path / "w" / "models" / "saas.toml"
    one.touch()
    assert ws.model_file() == one
    (tmp_path / "w" / "models" / "other.toml").touch()
    with pytest.raises(UsageError, match=r"other\.toml, saas\.toml"):
        ws.model_file()
    named = Workspace(ws.path, ws.settings.model_copy(update={"model": "models/saas.toml"}))
    assert named.model_file() == one
    gone = Workspace(ws.path, ws.settings.model_copy(update={"model": "models/gone.toml"}))
    with pytest.raises(UsageError, match=r"models/gone\.toml"):
        gone.model_file()
