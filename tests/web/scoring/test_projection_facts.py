"""Facts of accounts follow the raw tables: the version known then, the newest of each kind, erased ones gone.

Truths: planted (a correction and a late row are seen in the week that knew them), property (running twice writes
nothing; the number kept has a bound). Requirements: R3, H4, X4.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.core.calendar import day_number
from barograph.workspace import Workspace
from barograph_web.portfolio.models import AccountFact, Week
from barograph_web.scoring import projection_facts
from barograph_web.scoring.projection_facts import facts_from, owner_of, write_facts
from support.web_company import open_in_application

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(projected: Path) -> Workspace:
    return open_in_application(projected)


def write(place: Workspace, day: int) -> int:
    return write_facts(place.lake, place.lake.manifest(), day, lambda _kind: None)


def test_an_earlier_day_knows_less(place: Workspace) -> None:
    """Tickets solved since then are open again, later ones are not there, and coming back restores all of it."""
    day = day_number(Week.objects.latest("as_of").as_of)
    everything = snapshot()
    write(place, day - 70)
    earlier = snapshot()
    assert not AccountFact.objects.filter(on__gte=Week.objects.order_by("-as_of")[10].as_of).exists()
    solved_later = [
        key
        for key, data in earlier.items()
        if key[1] == "tickets" and "resolved_at" not in data and "resolved_at" in everything.get(key, {})
    ]
    assert solved_later, "some ticket was open then and solved since"
    write(place, day)
    assert snapshot() == everything


def test_running_again_writes_nothing(place: Workspace) -> None:
    rows = list(AccountFact.objects.order_by("pk").values_list("pk", flat=True))
    write(place, day_number(Week.objects.latest("as_of").as_of))
    assert list(AccountFact.objects.order_by("pk").values_list("pk", flat=True)) == rows


def test_at_most_so_many_of_each_kind(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest ones are kept."""
    day = day_number(Week.objects.latest("as_of").as_of)
    newest = {
        row["account_id"]: row["on"]
        for row in AccountFact.objects.filter(kind="interactions").order_by("on").values("account_id", "on")
    }
    monkeypatch.setattr(projection_facts, "NEWEST", 3)
    write(place, day)
    rows = list(AccountFact.objects.filter(kind="interactions").values_list("account_id", "on"))
    counts = {account: sum(a == account for a, _ in rows) for account, _ in rows}
    assert max(counts.values()) == 3
    assert all(newest[account] in {on for a, on in rows if a == account} for account in counts)


def test_the_source_names_day_and_files(place: Workspace) -> None:
    manifest = place.lake.manifest()
    assert facts_from(manifest, 20000) == facts_from(manifest, 20000) != facts_from(manifest, 20007)


@pytest.mark.parametrize(
    ("name", "owner"), [("a", "a"), ("a / core", "a"), ("a / b / core", "a / b"), (" / x", " / x")]
)
def test_products_belong_to_their_account(name: str, owner: str) -> None:
    assert owner_of(name) == owner


def snapshot() -> dict[tuple[str, str, str], dict[str, object]]:
    rows = AccountFact.objects.values_list("account_id", "kind", "key", "data")
    return {(account, kind, key): data for account, kind, key, data in rows}
