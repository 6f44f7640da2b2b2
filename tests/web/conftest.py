"""The seeded company in the application, and people of every role who use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from filelock import FileLock

from barograph_web.ops.workspace import now
from barograph_web.portfolio.remembered import forget
from barograph_web.scoring.projection import project
from barograph_web.users.models import User
from support.web_company import company_folder, open_in_application
from support.web_people import People, make_people


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Each test begins with nothing remembered: rows change under their numbers when a test ends."""
    forget()
    yield
    forget()


@pytest.fixture(scope="session")
def company_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the scored company. Read only; shared by all processes of the run."""
    base = tmp_path_factory.getbasetemp()
    return company_folder(base.parent if "popen-gw" in base.name else base)


@pytest.fixture(scope="session")
def projected(django_db_setup: None, django_db_blocker: object, company_place: Path) -> Path:
    """The company's newest weeks in this process's database, outside the transactions of single tests."""
    open_in_application(company_place)
    one_at_a_time = FileLock(company_place.parent / "web-company-projected.lock")
    with django_db_blocker.unblock(), one_at_a_time:  # type: ignore[attr-defined]
        project(open_in_application(company_place), now=now())
    return company_place


@pytest.fixture
def people(projected: Path, db: None) -> People:
    """One person of every role."""
    open_in_application(projected)
    return make_people()


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which a person is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in
