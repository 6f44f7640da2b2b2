"""The shipped models. Truths: golden (the file is its own rendering), and requirements S1, S7, O1, L2, P4."""

from __future__ import annotations

import pytest

from barograph.definitions.base import CATEGORIES
from barograph.definitions.signal import FromSource
from barograph.definitions.starters import STARTERS, load_starter, starter_text
from barograph.definitions.tables import TABLES
from barograph.definitions.toml_io import dumps_model
from barograph.errors import UsageError
from support.definition_models import TEMPLATE_FIELDS


@pytest.mark.parametrize("name", STARTERS)
def test_the_file_is_what_writing_the_model_gives(name: str) -> None:
    assert dumps_model(load_starter(name)) == starter_text(name)


@pytest.mark.parametrize("name", STARTERS)
def test_every_category_has_signals_and_at_most_eight_are_scored(name: str) -> None:
    model = load_starter(name)
    assert {s.category for s in model.signals} == set(CATEGORIES)
    assert 3 <= len(model.scored) <= 8
    assert model.stage == "heuristic"
    assert model.outcomes_behind == 0


def test_together_they_use_every_template_and_every_table() -> None:
    """S7: concrete signals for everything that data can feed."""
    signals = [s for name in STARTERS for s in load_starter(name).signals]
    assert {s.template for s in signals} == set(TEMPLATE_FIELDS)
    assert {s.source for s in signals if isinstance(s, FromSource)} == set(TABLES)


def test_saas_is_broad() -> None:
    model = load_starter("saas")
    assert {s.source for s in model.signals if isinstance(s, FromSource)} == set(TABLES)
    for category in CATEGORIES:
        assert len([s for s in model.signals if s.category == category]) >= 5


@pytest.mark.parametrize("name", STARTERS)
def test_thresholds_speak_of_segment_and_lifecycle(name: str) -> None:
    scopes = {key for t in load_starter(name).thresholds for key in t.when}
    assert {"segment", "lifecycle"} <= scopes


@pytest.mark.parametrize("name", ["saas", "evergreen"])
def test_a_new_account_is_not_held_to_a_mature_ones_usage(name: str) -> None:
    for signal in load_starter(name).scored:
        if signal.template in ("per_seat", "change", "distinct") and signal.category == "usage":
            assert any(v.when.get("lifecycle") == "onboarding" for v in signal.variants), signal.name


@pytest.mark.parametrize("name", STARTERS)
def test_health_is_declared_as_outcomes_at_every_stage(name: str) -> None:
    """O1."""
    stages = [t.stage for t in load_starter(name).targets]
    assert set(stages) == {"time_to_value", "activation", "adoption_depth", "renewal", "expansion"}


@pytest.mark.parametrize("name", STARTERS)
def test_default_service_levels(name: str) -> None:
    """P4: At Risk owner in 1 working day, touch in 2, plan in 5; Watch touch in 5, plan in 7."""
    by_name = {t.name: t for t in load_starter(name).tiers}
    at_risk, watch = by_name["at_risk"].sla, by_name["watch"].sla
    assert (at_risk.owner_days, at_risk.touch_days, at_risk.plan_days) == (1, 2, 5)
    assert (watch.owner_days, watch.touch_days, watch.plan_days) == (None, 5, 7)


@pytest.mark.parametrize("name", ["saas", "evergreen"])
def test_feeds_can_go_stale_and_have_gaps(name: str) -> None:
    for signal in load_starter(name).signals:
        if isinstance(signal, FromSource) and signal.source == "events":
            assert signal.stale_after_days is not None, signal.name
            assert signal.max_gap_days is not None, signal.name


@pytest.mark.parametrize("name", STARTERS)
def test_labels_fit_into_a_sentence(name: str) -> None:
    """They stand in "{label} fell from 31 to 12"."""
    for signal in load_starter(name).signals:
        head = signal.label.split()[0]
        assert head == head.lower() or head.isupper() or head == "P1", signal.label
        assert not signal.label.endswith((".", ":")), signal.label


def test_caps_of_saas() -> None:
    caps = {c.name: c for c in load_starter("saas").caps}
    assert (caps["notice_given"].tier_at_most, caps["notice_given"].hard_event) == ("at_risk", True)
    assert caps["sponsor_gone"].tier_at_most == "watch"
    assert caps["open_p1"].tier_at_most == "watch"
    assert load_starter("saas").signal(caps["open_p1"].when[0].signal).min_age_days == 7  # type: ignore[union-attr]


def test_unknown_name() -> None:
    with pytest.raises(UsageError, match="Choose one of saas, evergreen, lapse"):
        load_starter("sass")
