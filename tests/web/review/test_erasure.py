"""Truth: after erasing a contact or a user, no decision and no minutes name them any more, and what was decided still
stands (X4)."""

from __future__ import annotations

import json

import pytest
from django.apps import apps
from django.db import models

from barograph_web.ops import erasure
from barograph_web.ops.workspace import now
from barograph_web.portfolio.models import AccountFact, FactKind
from barograph_web.review import services
from barograph_web.review.models import Decision, Minutes
from barograph_web.users.models import Role, User
from support.web_people import People
from support.web_review import Monday, monday

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(people: People) -> Monday:
    return monday()


def everything() -> str:
    """Every text and JSON value of this app and of the audit log."""
    found = []
    for model in (*apps.get_app_config("review").get_models(), apps.get_model("ops", "AuditEvent")):
        columns = [
            f.attname
            for f in model._meta.concrete_fields
            if isinstance(f, models.CharField | models.TextField | models.JSONField)
        ]
        found += [json.dumps(row, default=str) for row in model._base_manager.values_list(*columns)]
    return "\n".join(found).lower()


def erase(kind: str, key: str, by: User) -> dict[str, int]:
    found = erasure.kind_of(kind)
    assert found is not None
    return erasure.erase(found, key, now(), by=by, reason="asked for it")


def written_about(week: Monday, name: str, email: str, by: User) -> Decision:
    """A decision, its outcome and minutes that name somebody in every way there is."""
    account = week.listed[0]
    made = services.decide(
        account,
        week.week.as_of,
        services.Wanted("disagree", f"{name} told us otherwise", next_step=f"Write to {email}", due_on=week.week.as_of),
        by=by,
        seen=None,
    )  # fmt: skip
    Decision.objects.filter(pk=made.pk).update(
        evidence={"why": f"no answer of {name.upper()} since May", "change": {"items": [{"words": email}]}}
    )
    services.close(made, "done", f"spoke with {name}", by=by)
    document = {
        "schema": "barograph.minutes/1",
        "by": name,
        "entries": [{"name": account.name, "why": f"{name} left", "decision": {"owner": name, "by": email}}],
        "decided": 1,
        "listed": 1,
    }
    services.close_review(week.week, "All accounts", document, by=by)
    return made


def test_a_contact_is_in_no_decision_and_no_minutes_any_more(people: People, week: Monday) -> None:
    account = week.listed[0]
    contact = AccountFact.objects.create(
        account_id=account.account_id,
        kind=FactKind.CONTACT,
        key="c-erased",
        digest="x",
        data={"contact_id": "c-erased", "name": "Zdeňka Qualtrough", "email": "zq@customer.example"},
    )
    made = written_about(week, "Zdeňka Qualtrough", "zq@customer.example", people.ada)
    other = services.decide(
        week.listed[1],
        week.week.as_of,
        services.Wanted("agree", "as the numbers say"),
        by=people.ada,
        seen=None,
    )
    counts = erase("contact", str(contact.pk), people.ada)
    assert counts["decisions"] == 2, "the decision and what became of it"
    assert counts["minutes"] == 1
    text = everything()
    assert "qualtrough" not in text
    assert "zq@customer" not in text
    made.refresh_from_db()
    assert made.reason == "Erased contact told us otherwise"
    assert made.evidence["why"] == "no answer of Erased contact since May"
    assert (made.verdict, made.by) == ("disagree", people.ada)
    assert Minutes.objects.get().document["entries"][0]["decision"]["owner"] == "Erased contact"
    assert Decision.objects.get(pk=other.pk).reason == "as the numbers say"


@pytest.mark.parametrize("name", ["Barnaby Quillfeather", "Bo"])
def test_a_user_is_in_no_document_any_more(people: People, week: Monday, name: str) -> None:
    """A short name goes where it is all of a text; inside sentences it would be found in other words."""
    user = User.objects.create_user("bq@example.com", name=name, role=Role.CSM)
    written_about(week, name, user.email, people.ada)
    counts = erase("user", str(user.pk), people.ada)
    assert counts["minutes"] == 1
    former = f"Former user {user.pk}"
    document = Minutes.objects.get().document
    assert document["by"] == former
    assert document["entries"][0]["decision"] == {"owner": former, "by": former}
    assert document["entries"][0]["name"] == week.listed[0].name
    text = everything()
    assert "bq@example.com" not in text
    assert "quillfeather" not in text
