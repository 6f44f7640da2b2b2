"""Panels: a page shows what other apps registered, to whom it may, later where that is asked for (design: rule 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.http import Http404, HttpRequest
from django.test import RequestFactory

from barograph_web.ui import panels


class Somebody:
    """Stands in for a signed-in person: panels only hand it on."""

    is_authenticated = False
    name = "Somebody"


@pytest.fixture(autouse=True)
def own_list(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(panels, "PANELS", [])
    yield


def made(name: str, **more: Any) -> panels.Panel:
    def context(_request: HttpRequest, subject: Any) -> Mapping[str, Any] | None:
        return None if subject == "nothing" else {"title": f"{name} of {subject}"}

    settings = {
        "page": "sample",
        "position": 1,
        "template": "ui/partials/empty.html",
        "context": context,
    } | more
    return panels.Panel(name=name, title=name.title(), **settings)


def asked(rf: RequestFactory, query: str = "", **headers: str) -> HttpRequest:
    request = rf.get(f"/sample/{query}", headers=headers)
    request.user = Somebody()  # type: ignore[assignment]
    return request


def test_panels_come_in_order_and_once(rf: RequestFactory) -> None:
    panels.register(made("second", position=2))
    panels.register(made("first", position=1))
    panels.register(made("first", position=9))
    text = panels.rendered_panels(asked(rf), "sample", "it")
    assert text.index("first of it") < text.index("second of it")
    assert text.count("<section") == 2


def test_what_somebody_may_not_see_is_not_there(rf: RequestFactory) -> None:
    panels.register(made("secret", allowed=lambda _user: False))
    assert panels.rendered_panels(asked(rf), "sample", "it") == ""
    with pytest.raises(Http404):
        panels.panel_response(asked(rf, "?panel=secret", hx_request="true"), "sample", "it")


def test_a_panel_with_nothing_to_say_is_left_out(rf: RequestFactory) -> None:
    panels.register(made("quiet"))
    assert panels.rendered_panels(asked(rf), "sample", "nothing") == ""


def test_long_panels_are_fetched_later_and_work_without_script(rf: RequestFactory) -> None:
    panels.register(made("long", loads_later=True))
    later = panels.rendered_panels(asked(rf, "?week=2026-11-16"), "sample", "it")
    assert 'hx-get="/sample/?week=2026-11-16&amp;panel=long"' in later
    assert "long of it" not in later
    assert "long of it" in panels.rendered_panels(asked(rf, "?panel=long"), "sample", "it")
    alone = panels.panel_response(asked(rf, "?panel=long", hx_request="true"), "sample", "it")
    assert alone is not None and "long of it" in alone.content.decode()
    assert panels.panel_response(asked(rf, "?panel=long"), "sample", "it") is None


def test_names_are_escaped(rf: RequestFactory) -> None:
    panels.register(made("plain"))
    assert "<script>" not in panels.rendered_panels(asked(rf), "sample", "<script>alert(1)</script>")
