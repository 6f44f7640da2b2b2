"""What a person gets for bad input (issue: "Bad input gets"; truth: contract of exit codes and messages).

A message with the value, the limit and what to do, the exit code of docs/reference/cli.md (2 wrong usage, 3 refused
for lack of data), no traceback, and a workspace that is as it was before.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.definitions.toml_io import dumps_model
from barograph.workspace import Workspace
from support.chain import copied
from support.chain_cli import run
from support.small_model import small_model
from support.small_workspace import made

AT = "2026-11-16"


def files(folder: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def refused(code: int, *parts: str, args: tuple[str | Path, ...], keep: Path | None = None) -> None:
    """The command ends with `code`, prints nothing, says all `parts`, and changes nothing under `keep`."""
    before = files(keep) if keep else {}
    result = run(*args)
    said = " ".join(result.err.split())
    assert result.code == code, said
    assert result.out == ""
    assert "Traceback" not in said
    for part in parts:
        assert part in said
    assert (files(keep) if keep else {}) == before


WRONG_CALLS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "a day that is not": (
        ("scores", "--as-of", "2026-11-31"),
        ("--as-of '2026-11-31' is not a date", "YYYY-MM-DD"),
    ),
    "a date in words": (("review", "--as-of", "last monday"), ("'last monday'", "YYYY-MM-DD")),
    "no date": (("refresh", "--as-of", ""), ("is not a date", "YYYY-MM-DD")),
    "an unknown format": (("scores", "--format", "xml"), ("--format", "xml", "json")),
    "html of scores": (("scores", "--format", "html"), ("--format", "html", "csv")),
    "no weeks": (("refresh", "--weeks", "0"), ("--weeks", "1")),
    "too many weeks": (("refresh", "--weeks", "2000"), ("--weeks", "1040")),
    "weeks in words": (("refresh", "--weeks", "all"), ("--weeks",)),
    "an unknown signal": (("signals", "show", "active_user"), ("no signal 'active_user'", "'active_users'")),
    "an unknown table": (("import", "{exports}", "--table", "event"), ("no table 'event'", "events")),
    "a clock in words": (
        ("import", "{exports}", "--known-at", "yesterday"),
        ("--known-at 'yesterday'", "2026-11-16"),
    ),
    "a missing file": (
        ("import", "{place}/none.csv"),
        ("{place}/none.csv", "nothing at this path", "Check the path"),
    ),
    "a missing book": (("import", "{place}/none.xlsx#Sheet1"), ("{place}/none.xlsx", "nothing at this path")),
    "a missing mapping": (
        ("import", "{exports}", "--mapping", "{place}/none.toml"),
        ("--mapping", "none.toml"),
    ),
    "a folder to write to": (("scores", "--as-of", AT, "-o", "{place}"), ("{place}", "a folder, not a file")),
    "a folder that is not": (
        ("scores", "--as-of", AT, "-o", "{place}/no/x.csv"),
        ("{place}/no", "does not exist"),
    ),
    "an unknown verb": (("score",), ("score",)),
    "an unknown option": (("scores", "--asof", AT), ("--asof",)),
    "an account too many": (("explain", "a01", "a02"), ("a02",)),
    "no account": (("explain",), ("Missing argument", "account")),
}


@pytest.mark.parametrize("case", WRONG_CALLS)
def test_a_wrong_call_is_exit_2(scored: Workspace, case: str) -> None:
    args, parts = WRONG_CALLS[case]
    place = str(scored.path)
    names = {"place": place, "exports": f"{place}/exports"}
    where = () if args == ("score",) else ("-w", place)
    call = (*(arg.format(**names) for arg in args), *where)
    refused(2, *(part.format(**names) for part in parts), args=call, keep=scored.path)


def test_no_workspace(tmp_path: Path) -> None:
    for verb in ("status", "refresh", "scores", "review"):
        refused(
            2,
            str(tmp_path),
            "no barograph.toml",
            "barograph init",
            args=(verb, "-w", tmp_path),
            keep=tmp_path,
        )


def test_a_workspace_twice(scored: Workspace) -> None:
    refused(2, "a workspace already", "another folder", args=("init", scored.path), keep=scored.path)


@pytest.mark.parametrize(
    ("option", "value", "part"),
    [
        ("--timezone", "Mars/Olympus", "IANA"),
        ("--currency", "euros", "currency"),
        ("--model", "lapsed", "lapse"),
    ],
)
def test_a_new_workspace_with_a_wrong_setting_is_not_made(
    tmp_path: Path, option: str, value: str, part: str
) -> None:
    refused(2, value, part, args=("init", tmp_path / "w", option, value), keep=tmp_path)
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('name = "x"\ntimezone = "Mars"', "'timezone': 'Mars'"),
        ('name = "x"\ntimezon = "UTC"', "'timezon' is not a setting"),
        ('name = "x', "not TOML"),
        ('name = "x"\nmodel = "models/none.toml"', "'models/none.toml' is not a file"),
    ],
)
def test_wrong_settings_are_named(scored: Workspace, tmp_path: Path, text: str, part: str) -> None:
    place = copied(scored, tmp_path / "w")
    (place.path / "barograph.toml").write_text(text, encoding="utf-8")
    refused(2, "barograph.toml", part, args=("refresh", "-w", place.path), keep=place.path)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[model", "small.toml"),
        (dumps_model(small_model()).replace('"distinct"', '"distinkt"'), "distinkt"),
        (dumps_model(small_model()).replace("weight = 25", "weight = 24"), "BG-E001"),
    ],
    ids=["not TOML", "unknown template", "lint"],
)
def test_a_wrong_model_is_refused_before_anything_is_written(
    scored: Workspace, tmp_path: Path, text: str, part: str
) -> None:
    place = copied(scored, tmp_path / "w")
    place.model_file().write_text(text, encoding="utf-8")
    refused(
        2, "small.toml", part, args=("refresh", "-w", place.path, "--as-of", "2026-11-23"), keep=place.path
    )


def test_two_models_and_no_choice(scored: Workspace, tmp_path: Path) -> None:
    place = copied(scored, tmp_path / "w")
    (place.path / "models/other.toml").write_bytes(place.model_file().read_bytes())
    refused(2, "other.toml, small.toml", "model = ", args=("refresh", "-w", place.path), keep=place.path)


def test_nothing_imported(tmp_path: Path) -> None:
    place = made(tmp_path / "w")
    refused(
        3,
        "no table is imported (0 rows)",
        "barograph import",
        args=("refresh", "-w", place.path),
        keep=place.path,
    )


@pytest.mark.parametrize("verb", [("scores",), ("scores", "--history"), ("explain", "a01"), ("review",)])
def test_nothing_scored(raw: Workspace, verb: tuple[str, ...]) -> None:
    args = (*verb, "-w", raw.path)
    refused(
        3,
        "no week is scored as of 2026-11-16",
        "no week at all",
        "barograph refresh",
        args=args,
        keep=raw.path,
    )


def test_nothing_scored_by_then(scored: Workspace) -> None:
    args = ("scores", "-w", scored.path, "--as-of", "2026-01-05")
    refused(3, "as of 2026-01-05 or before", "2026-10-12 to 2026-11-16", args=args, keep=scored.path)


@pytest.mark.parametrize(
    ("wanted", "near"),
    [("a0", "a10"), ("Alder Work", "Alder Works"), ("a11", "a16"), ("zzzzzzzz", "`barograph scores` lists")],
)
def test_an_unknown_account_names_the_nearest(scored: Workspace, wanted: str, near: str) -> None:
    args = ("explain", wanted, "-w", scored.path, "--as-of", AT)
    refused(
        3, f"account '{wanted}' is not scored as of {AT} (14 accounts are)", near, args=args, keep=scored.path
    )


@pytest.mark.parametrize(("option", "value"), [("--owner", "cs-nord@example.com"), ("--segment", "middle")])
def test_a_filter_that_fits_nobody_names_what_there_is(scored: Workspace, option: str, value: str) -> None:
    args = ("review", option, value, "-w", scored.path, "--as-of", AT)
    refused(3, f"{option} '{value}'", "There is:", args=args, keep=scored.path)


def test_a_damaged_lake_is_named(scored: Workspace, tmp_path: Path) -> None:
    place = copied(scored, tmp_path / "w")
    (place.path / "lake/manifest.json").write_text("{", encoding="utf-8")
    for args in (("status",), ("scores", "--as-of", AT), ("refresh", "--as-of", AT)):
        refused(1, "manifest.json", "cannot be read", "backup", args=(*args, "-w", place.path))


def test_a_file_that_is_gone_is_named(scored: Workspace, tmp_path: Path) -> None:
    place = copied(scored, tmp_path / "w")
    (file,) = place.lake.paths("scores", as_of=AT)
    file.unlink()
    args = ("scores", "--as-of", AT, "-w", place.path)
    refused(1, file.name, "the file is missing", "backup", args=args)


def test_a_demo_does_not_settle_among_other_files(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear diary", encoding="utf-8")
    refused(2, "not empty", "barograph demo DIR", args=("demo", tmp_path), keep=tmp_path)


def test_a_small_demo_is_refused(tmp_path: Path) -> None:
    refused(2, "--accounts", "100", args=("demo", tmp_path / "w", "--accounts", "99"), keep=tmp_path)
