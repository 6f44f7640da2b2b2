"""Where other apps say that something happened (P5): a model that came into force, rows that an import set aside.
Truth: the events of alerts, in the transaction of what caused them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from barograph_web.alerts.models import Event
from barograph_web.ingest.runs import _tell_quarantine
from barograph_web.ops.current import acting_as
from barograph_web.ops.models import AuditEvent
from barograph_web.scoring.services_versions import _record
from barograph_web.users.models import Role, User
from support.web_receiver import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("action", "how"), [("model.approved", "approved"), ("model.rolled_back", "rolled_back")]
)
def test_a_model_that_came_into_force(action: str, how: str) -> None:
    lena = User.objects.create_user("lena@example.com", name="Lena", role=Role.LEADER)
    done: Any = SimpleNamespace(
        version=SimpleNamespace(key="saas-v2", title="saas v2"), before="saas-v1", override=None
    )
    with acting_as(lena, via="web"):
        _record(action, done, " better out of time ", {})
        _record(action, done, "again", {})
    event = Event.objects.get()
    assert (event.kind, event.key, event.actor) == ("model.approved", "saas-v2", lena)
    assert event.payload == {
        "version": "saas-v2", "title": "saas v2", "before": "saas-v1", "how": how, "by": "Lena",
        "reason": "better out of time",
    }  # fmt: skip
    assert AuditEvent.objects.filter(action=action).exists()


def test_rows_that_an_import_set_aside() -> None:
    def table(name: str, rejected: int) -> Any:
        return SimpleNamespace(table=name, quarantined=rejected)

    upload: Any = SimpleNamespace(pk="u-1", attempts=1, name="crm.xlsx")
    report: Any = SimpleNamespace(
        import_id="20261116T080000Z-1", tables=[table("contacts", 37), table("accounts", 0)]
    )
    _tell_quarantine(upload, report, NOW)
    _tell_quarantine(upload, report, NOW)
    event = Event.objects.get()
    assert event.payload == {
        "import_id": "20261116T080000Z-1", "rows": 37, "tables": {"contacts": 37}, "file": "crm.xlsx",
    }  # fmt: skip
    clean: Any = SimpleNamespace(import_id="x", tables=[table("accounts", 0)])
    _tell_quarantine(SimpleNamespace(pk="u-2", attempts=1, name="a.csv"), clean, NOW)  # type: ignore[arg-type]
    assert Event.objects.count() == 1
