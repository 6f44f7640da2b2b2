"""Models as a CS leader reads them (O1, L3, L6, X2). Truth: the definition itself, and the roles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from barograph.definitions.starters import load_starter
from barograph_web.scoring import report_files
from barograph_web.scoring.shapes import curve
from barograph_web.scoring.wording import in_words
from barograph_web.users.models import User
from support.web_people import People

ClientOf = Callable[[User], Client]


@pytest.mark.parametrize("name", ["saas", "evergreen", "lapse"])
def test_the_points_of_components_are_those_of_their_signals_and_sum_to_100(name: str) -> None:
    model = load_starter(name)  # type: ignore[arg-type]
    words = in_words(model)
    assert sum(c.weight for c in words.components) == pytest.approx(100)
    for component in words.components:
        assert component.weight == pytest.approx(sum(s.weight for s in component.signals))
        for signal in component.signals:
            assert f"{signal.label} ({signal.weight:g})" in component.sentence
    assert {s.name for c in words.components for s in c.signals} == {s.name for s in model.scored}


@pytest.mark.parametrize("name", ["saas", "evergreen", "lapse"])
def test_every_curve_can_be_drawn_and_says_in_words_what_it_shows(name: str) -> None:
    model = load_starter(name)  # type: ignore[arg-type]
    for signal in model.signals:
        drawn = curve(signal.normalise, signal.label, signal.unit)
        assert drawn == "" or ("<title>" in drawn and "style=" not in drawn and "nan" not in drawn)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/models/", "/models/saas-v1/", "/models/saas-v1/validation/", "/models/saas-v1/file.toml"]
)
def test_roles_that_see_models(people: People, client_of: ClientOf, address: str) -> None:
    for person in people.all():
        assert client_of(person).get(address).status_code == (403 if person.role == "guest" else 200), person


@pytest.mark.django_db
def test_a_version_says_what_it_is_made_of_and_that_it_is_opinion(
    people: People, client_of: ClientOf
) -> None:
    page = client_of(people.lena).get("/models/saas-v1/").content.decode()
    assert "HEURISTIC" in page
    assert "its weights are opinion" in page
    assert "The score is a hypothesis" in page
    assert "Higher is healthier" in page or "higher is healthier" in page
    model = load_starter("saas")
    for tier in model.tiers:
        assert tier.label in page
    assert "<style" not in page
    assert 'style="' not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/models/nothing-v9/",
        "/models/saas-v99/",
        "/models/saas-p99/",
        "/models/reports/..%2Fsecret-key",
        "/models/reports/2026-01-01-saas-v1.html",
        "/models/drafts/99/",
    ],
)
def test_what_does_not_exist_is_404(people: People, client_of: ClientOf, address: str) -> None:
    assert client_of(people.otto).get(address).status_code == 404


@pytest.mark.django_db
def test_reading_models_takes_few_queries_however_many_weeks_there_are(
    people: People, client_of: ClientOf, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = client_of(people.otto)
    client.get("/models/")
    with django_assert_max_num_queries(16):
        client.get("/models/")
    with django_assert_max_num_queries(8):
        client.get("/models/saas-v1/")


def test_reports_are_found_by_names_that_reports_have(tmp_path: object) -> None:
    class Place:
        path = tmp_path

    folder = report_files.folder_of(Place)  # type: ignore[arg-type]
    folder.mkdir(parents=True)
    (folder / "2026-11-16-saas-v1.html").write_text("x")
    (folder / "secret.html").write_text("x")
    assert report_files.find(Place, "2026-11-16-saas-v1.html") is not None  # type: ignore[arg-type]
    for name in ("secret.html", "../secret.html", "2026-11-16-saas-v1.html/", "", "2026-11-16-../x.html"):
        assert report_files.find(Place, name) is None  # type: ignore[arg-type]
    assert report_files.newest(Place, "saas-v1") == "2026-11-16-saas-v1.html"  # type: ignore[arg-type]
