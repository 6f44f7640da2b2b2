"""Model proposals on hand-made profiles. Truths: property (100 points, lint-clean), examples (each rule)."""

from __future__ import annotations

import pytest

from barograph.definitions.lint import lint
from barograph.definitions.propose import DataProfile, NamedProfile, Proposal, propose_model
from barograph.definitions.starters import STARTERS, StarterName, load_starter
from barograph.definitions.toml_io import dumps_model, loads_model
from support.profiles import NUMBERS, column, named, profile, table

EVENTS = ("login", "page_view", "workflow_run", "report_shared", "Export File")
CONTACT_WORDS = {"role": ("sponsor", "champion", "admin"), "status": ("active", "departed")}


USED = tuple(named(n, users=100, every_days=3) for n in EVENTS)

PROFILES: dict[str, DataProfile] = {
    "tickets only": profile(table("tickets", words={"priority": ("p1", "p2", "p3"), "kind": ("defect",)})),
    "events and contracts": profile(
        table("events"),
        table("contracts", words={"plan": ("basic", "team")}),
        events=USED,
        dated_contracts=0.9,
    ),
    "monthly subscriptions": profile(
        table("accounts", words={"segment": ("smb",), "plan": ("essential",)}),
        table("contracts", ["contract_id", "account_id", "start_date", "arr", "seats"]),
        table("events"),
        table("invoices", ["invoice_id", "account_id", "issued_at", "amount", "failures"]),
        events=USED,
        dated_contracts=0.0,
    ),
    "transactions as invoices": profile(
        table("invoices", ["invoice_id", "account_id", "issued_at", "amount"], repeat_days=40)
    ),
    "transactions as events": profile(
        table("events", ["account_id", "event", "occurred_at", "feature", "quantity"]),
        events=(named("purchase", every_days=21),),
    ),
    "metrics only": profile(
        table("metrics"),
        metrics=(
            named("api_calls", every_days=1),
            named("error_rate", every_days=7),
            named("page_views", every_days=1),
        ),
    ),
    "one metric": profile(table("metrics"), metrics=(named("seats_used", every_days=1),)),
    "contacts and tickets": profile(
        table("contacts", words=CONTACT_WORDS), table("tickets", words={"priority": ("p1", "p3")})
    ),
    "crm only": profile(
        table("accounts", words={"segment": ("Enterprise", "SMB"), "plan": ("Basic",)}),
        table("interactions", words={"kind": ("meeting", "email", "business_review")}),
        table("opportunities", words={"kind": ("expansion", "renewal")}),
        table("contacts", words=CONTACT_WORDS),
    ),
    "everything": profile(
        table("events"),
        table("goals"),
        table("milestones"),
        table("contacts", words=CONTACT_WORDS),
        table("contracts"),
        table("surveys", words={"kind": ("nps", "csat")}),
        table(
            "pulses", words={"sponsor_status": ("active", "missing"), "outcome_narrative": ("defensible",)}
        ),
        events=USED,
        milestones=(named("go_live"), named("first_report")),
        dated_contracts=1.0,
    ),
}


def proposal(kind: str, base: StarterName | None = None) -> Proposal:
    return propose_model(PROFILES[kind], base)


@pytest.mark.parametrize("kind", PROFILES)
def test_proposals_are_clean(kind: str) -> None:
    made = proposal(kind)
    assert lint(made.model, PROFILES[kind].known_columns()) == []
    assert sum(s.weight for s in made.model.scored) == 100
    assert 3 <= len(made.model.scored) <= 8
    assert len(made.model.candidates) <= 60
    assert made.model.stage == "heuristic"
    assert loads_model(dumps_model(made.model)) == made.model


@pytest.mark.parametrize("kind", PROFILES)
@pytest.mark.parametrize("base", STARTERS)
def test_any_base_can_be_asked_for(kind: str, base: StarterName) -> None:
    made = proposal(kind, base)
    assert made.base == base
    assert made.notes[0] == f"Built on {base}, as asked for."
    errors = [f for f in lint(made.model, PROFILES[kind].known_columns()) if f.severity == "error"]
    assert errors == []


@pytest.mark.parametrize("kind", PROFILES)
def test_the_same_profile_gives_the_same_model(kind: str) -> None:
    assert proposal(kind) == proposal(kind)


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        ("events and contracts", "saas"),
        ("monthly subscriptions", "evergreen"),
        ("transactions as invoices", "lapse"),
        ("transactions as events", "lapse"),
        ("metrics only", "evergreen"),
        ("tickets only", "saas"),
    ],
)
def test_base_follows_from_what_is_there(kind: str, base: str) -> None:
    made = proposal(kind)
    assert made.base == base
    assert base in made.notes[0]


def test_no_data_gives_the_shipped_model() -> None:
    made = propose_model(profile(accounts=0))
    assert made.model == load_starter("saas")
    assert "No table has rows yet" in made.notes[-1]


def test_nothing_reads_what_is_not_there() -> None:
    made = proposal("tickets only")
    assert {s.source for s in made.model.signals if hasattr(s, "source")} == {"tickets"}
    assert [t.name for t in made.model.tiers] == ["at_risk", "watch", "healthy"]  # nothing can be a gate
    assert made.model.population.rule == "activity"
    assert made.model.population.source == "tickets"
    assert any("Nothing tells who was lost" in note for note in made.notes)
    assert any(note.startswith("Left out with the tables that are not there: ") for note in made.notes)


def test_events_become_candidates() -> None:
    made = proposal("events and contracts").model
    templates = {s.name: s.template for s in made.signals if s.name.startswith("export_file")}
    assert templates == {
        "export_file_count": "count",
        "export_file_users": "distinct",
        "export_file_days_since": "days_since",
        "export_file_change": "change",
    }
    count = made.signal("export_file_count")
    assert count.where == {"event": "Export File"}  # type: ignore[union-attr]
    assert count.label == "export file in four weeks"
    assert "Starting range from your data, not validated." in count.note
    assert (count.normalise.zero, count.normalise.full) == (0, NUMBERS.high)  # type: ignore[union-attr]
    assert made.signal("page_view_count").kind == "activity"


def test_rare_events_are_left_out() -> None:
    made = propose_model(profile(table("events"), events=(*USED, named("rare", accounts=4, users=4)))).model
    assert not [s.name for s in made.signals if s.name.startswith("rare")]


def test_metrics_become_candidates_in_their_direction_and_rhythm() -> None:
    made = proposal("metrics only").model
    error, calls = made.signal("error_rate_latest"), made.signal("api_calls_latest")
    assert (error.direction, calls.direction) == ("down", "up")
    assert error.normalise.zero > error.normalise.full  # type: ignore[union-attr]
    weekly, daily = made.signal("error_rate_mean"), made.signal("api_calls_mean")
    assert (weekly.window_days, daily.window_days) == (28, 28)  # type: ignore[union-attr]
    assert error.expiry_days == 28  # type: ignore[union-attr]
    assert error.stale_after_days == 14
    assert {"api_calls_trend", "api_calls_change"} <= {s.name for s in made.signals}


def test_numeric_attributes_become_candidates_and_identifiers_do_not() -> None:
    accounts = table(
        "accounts",
        [
            "account_id",
            "start_date",
            column("employees"),
            column("Customer ID"),
            column("postal_code"),
            column("arr_reporting"),
            column("motto", kind="text"),
        ],
    )
    made = propose_model(profile(accounts, table("tickets"))).model
    found = [s for s in made.signals if s.name.startswith("accounts_")]
    assert [s.name for s in found] == ["accounts_employees"]
    assert found[0].at == "start_date"  # type: ignore[union-attr]
    assert found[0].weight == 0


def test_milestones_become_candidates_with_the_median_as_line() -> None:
    made = proposal("everything").model
    in_time = made.signal("go_live_in_time")
    assert in_time.within_days == 7  # type: ignore[union-attr]
    assert made.signal("first_report_reached").template == "milestone"


def test_candidates_are_limited_and_the_rest_is_counted() -> None:
    events = tuple(named(f"event {n}", users=100, accounts=200 - n, every_days=3) for n in range(40))
    made = propose_model(profile(table("events", accounts=200), events=events, accounts=200))
    assert 55 <= len(made.model.candidates) <= 60  # some of the sixty were given weight
    assert made.left_out > 80
    assert any(str(made.left_out) in note for note in made.notes)
    kept = {
        s.where["event"]
        for s in made.model.candidates
        if getattr(s, "where", {}).get("event") in [e.name for e in events]
    }
    assert "event 0" in kept  # the widest
    assert all(
        s.name.endswith(("_count", "_users")) for s in made.model.candidates if s.name.startswith("event_3")
    )


def test_invoices_without_due_or_paid_dates() -> None:
    made = proposal("monthly subscriptions")
    names = {s.name for s in made.model.signals}
    assert "failed_payments" in names
    assert not {"overdue_amount", "payment_delay"} & names
    assert any("invoices have no due_at and no paid_at" in note or "no due_at" in note for note in made.notes)


def test_purchases_as_invoices_set_horizon_and_half_life_from_the_usual_gap() -> None:
    made = proposal("transactions as invoices").model
    assert made.outcome.lapse is not None
    assert (made.outcome.lapse.source, made.outcome.lapse.horizon_days) == (
        "invoices",
        90,
    )  # 2 x 40, in months
    assert (made.population.rule, made.population.source) == ("activity", "invoices")
    assert made.signal("recency").normalise.half_life == 40  # type: ignore[union-attr]
    silent = next(c for c in made.caps if c.name == "silent")
    assert silent.when[0].at_least == 90


def test_purchases_as_events_move_the_whole_model() -> None:
    made = proposal("transactions as events").model
    assert made.outcome.lapse is not None
    assert made.outcome.lapse.where == {"event": "purchase"}
    assert made.outcome.lapse.horizon_days == 60  # 2 x 21, in months
    for name in ("recency", "order_days", "orders"):
        signal = made.signal(name)
        assert signal.source == "events"  # type: ignore[union-attr]
        assert signal.where["event"] == "purchase"  # type: ignore[union-attr]
    assert made.signal("yearly_spend").measure == "quantity"  # type: ignore[union-attr]
    assert not {"overdue_days", "return_share"} & {s.name for s in made.signals}


def test_returns_that_are_events_are_told_from_purchases() -> None:
    columns = ["account_id", "event", "occurred_at", "quantity"]
    made = propose_model(
        profile(table("events", columns), events=(named("order_returned"), named("order", every_days=9)))
    ).model
    share = made.signal("return_share")
    assert share.where == {"event": "order_returned"}  # type: ignore[union-attr]
    assert share.among == {"event": ("order", "order_returned")}  # type: ignore[union-attr]
    assert made.signal("recency").where == {"event": "order"}  # type: ignore[union-attr]


def test_what_happens_once_in_a_life_gets_no_weight() -> None:
    once = NamedProfile("created_workspace", 100, 100, 100, NUMBERS)
    events = table("events", ["account_id", "event", "occurred_at"])
    made = propose_model(profile(events, events=(once, named("saved", every_days=2))))
    weights = {s.name: s.weight for s in made.model.signals}
    assert weights["created_workspace_count"] == 0
    assert weights["saved_count"] > 0
    assert any("you have created_workspace, saved." in note for note in made.notes)


def test_conditions_shrink_to_the_words_that_occur() -> None:
    made = proposal("everything").model
    coverage = made.signal("stakeholder_coverage")
    assert coverage.roles == ("sponsor", "champion", "admin")  # type: ignore[union-attr]
    in_place = made.signal("sponsor_in_place")
    assert in_place.where == {"role": "sponsor", "status": "active"}  # type: ignore[union-attr]
    used = made.signal("usage_change")
    assert used.where["event"].none_of == ("page_view",)  # type: ignore[union-attr]


def test_contacts_without_status_and_dates_still_tell_who_is_there() -> None:
    contacts = table("contacts", ["contact_id", "account_id", "role"], words={"role": ("sponsor", "admin")})
    made = propose_model(profile(contacts)).model
    sponsor = made.signal("sponsor_active")
    assert sponsor.where == {"role": "sponsor"}  # type: ignore[union-attr]
    assert (sponsor.begins, sponsor.ends) == (None, None)  # type: ignore[union-attr]


def test_scopes_take_the_words_of_the_data() -> None:
    made = proposal("crm only").model
    scopes = [t.when for t in made.thresholds]
    assert {"segment": "Enterprise"} in scopes
    assert {"plan": "essential"} not in scopes  # nobody has that plan
    touch = made.signal("executive_touch_days")
    assert [v.when for v in touch.variants if "segment" in v.when] == [
        {"segment": "Enterprise"},
        {"segment": "SMB"},
    ]


def test_feeds_with_a_slow_rhythm_are_not_called_broken() -> None:
    made = propose_model(profile(table("events", usual_gap_days=7), events=USED)).model
    for signal in made.signals:
        if getattr(signal, "source", "") == "events":
            assert signal.stale_after_days == 22
            assert signal.max_gap_days is None


def test_signals_known_for_few_accounts_get_no_weight() -> None:
    made = propose_model(
        profile(
            table("events"),
            table("contracts"),
            table("goals", accounts=5),
            events=USED,
            dated_contracts=1.0,
        )
    )
    assert made.model.signal("goal_progress").weight == 0
    assert any(
        note.startswith("Without weight, known for too few accounts: goal_progress") for note in made.notes
    )


def test_too_little_to_score_is_said() -> None:
    made = propose_model(profile(table("references")))
    assert any("import more tables before you rely on a score" in note for note in made.notes)


def test_purpose_and_notes_are_sentences() -> None:
    for kind in PROFILES:
        made = proposal(kind)
        assert made.model.purpose.endswith("what was left out is in the notes.")
        assert all(note.endswith(".") for note in made.notes)
