"""Truth: each unsafe or impossible installation is named by its id with what to do, and a sound one is not (issue 4,
system checks that have ids and hints)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import CheckMessage

from barograph_web import checks
from barograph_web.options import OPTIONS, Options
from barograph_web.users.models import Role, User

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> object:
    """The ids of what check_exposure and check_workspace find with these settings."""

    def ids(**values: object) -> set[str]:
        defaults = {option.name: option.default for option in OPTIONS}
        options = Options(defaults | values, dict.fromkeys(defaults, "default"))
        monkeypatch.setattr(settings, "OPTIONS_IN_FORCE", options)
        messages = [*checks.check_exposure(None), *checks.check_workspace(None)]
        assert all(isinstance(m, CheckMessage) and m.hint for m in messages)
        return {str(m.id) for m in messages}

    return ids


PUBLIC = {
    "base_url": "https://b.example.com",
    "allowed_hosts": ("b.example.com",),
    "https": True,
    "trusted_proxies": 1,
}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, set()),
        (PUBLIC, set()),
        ({"debug": True}, set()),
        (PUBLIC | {"debug": True}, {"BW.E001"}),
        (PUBLIC | {"base_url": "http://b.example.com"}, {"BW.E002"}),
        (PUBLIC | {"allowed_hosts": ("*",)}, {"BW.W003"}),
        (PUBLIC | {"https": False}, {"BW.W004"}),
        (PUBLIC | {"allowed_hosts": ("c.example.com",)}, {"BW.W005"}),
        ({"secret_key": "short"}, {"BW.E006"}),
        ({"metrics_token": "short"}, {"BW.W007"}),
        (PUBLIC | {"trusted_proxies": 0}, {"BW.W008"}),
        ({"refresh_time": "6 a.m."}, {"BW.E013"}),
    ],
)
def test_each_finding_has_its_id(found: object, values: dict[str, object], expected: set[str]) -> None:
    assert found(**values) == expected  # type: ignore[operator]


def test_a_folder_that_is_no_workspace_and_a_key_that_others_read(
    found: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "WORKSPACE", tmp_path)
    assert found() == {"BW.E010"}  # type: ignore[operator]
    (tmp_path / "barograph.toml").write_text('name = "a"\n')
    key = tmp_path / "application" / "secret-key"
    key.parent.mkdir()
    key.write_text("x")
    key.chmod(0o644)
    assert found() == {"BW.W012"}  # type: ignore[operator]
    key.chmod(0o600)
    assert found() == set()  # type: ignore[operator]


@pytest.mark.django_db
def test_administrators_without_a_second_factor_are_counted() -> None:
    assert [m.id for m in checks.check_people(None, ["default"])] == ["BW.W020"]
    ada = User.objects.create_user("ada@example.com", name="Ada", role=Role.ADMINISTRATOR)
    [message] = checks.check_people(None, ["default"])
    assert (message.id, "1 administrator has" in message.msg) == ("BW.W021", True)
    ada.authenticator_set.create(type="totp", data={})
    assert list(checks.check_people(None, ["default"])) == []
    assert list(checks.check_people(None, None)) == []


def test_the_reference_lists_every_check() -> None:
    source = Path(checks.__file__).read_text(encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    ids = {part.split('"')[0] for part in source.split('id="')[1:]}
    assert len(ids) > 10
    assert {i for i in ids if f"| {i} |" not in page} == set()
