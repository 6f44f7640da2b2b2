"""Parts of model proposals. Truths: property (points), examples (names, scales, ranges)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.definitions.base import CATEGORIES
from barograph.definitions.propose import fit_ranges
from barograph.definitions.propose.candidates import range_from
from barograph.definitions.propose.data_profile import Spread
from barograph.definitions.propose.points import Offer, choose, spread
from barograph.definitions.propose.scales import guess_scale, rescaled
from barograph.definitions.propose.words import (
    direction_of,
    is_activity,
    is_purchase,
    same_word,
    slug,
    tokens,
)
from barograph.definitions.starters import load_starter
from support.definition_models import SIGNAL, signal
from support.profiles import NUMBERS, column, profile, table


@st.composite
def offers(draw: st.DrawFn) -> list[Offer]:
    made = []
    for n in range(draw(st.integers(1, 12))):
        fields = signal(
            f"s{n}",
            category=draw(st.sampled_from(CATEGORIES)),
            kind=draw(st.sampled_from(["activity", "outcome"])),
            source=draw(st.sampled_from(["tickets", "events", "contacts", "accounts"])),
            where={"x": n // 2},
        )
        weight = draw(st.sampled_from([0, 0, 5, 20, 60]))
        made.append(Offer(SIGNAL.validate_python(fields), draw(st.floats(0, 1)), weight, draw(st.booleans())))
    return made


@given(offers())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_points_are_whole_sum_to_100_and_keep_the_limits(found: list[Offer]) -> None:
    chosen = choose(found, set())
    points = spread(chosen)
    assert 1 <= len(chosen) <= 8
    assert list(points) == [o.signal.name for o in chosen]
    assert sum(points.values()) == 100
    assert min(points.values()) >= 1
    if len(chosen) >= 4:
        assert max(points.values()) <= 60
    categories = {o.signal.name: o.signal.category for o in chosen}
    hard = sum(p for n, p in points.items() if categories[n] in ("relationship", "value"))
    if 0 < hard < 100 and len(chosen) <= 8:
        assert hard >= 14


@given(offers())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_what_feeds_a_cap_alone_gets_no_weight(found: list[Offer]) -> None:
    candidates = {o.signal.name for o in found if o.weight == 0}
    assert not candidates & {o.signal.name for o in choose(found, candidates)}


def test_the_starters_own_proportions_stay_when_all_is_there() -> None:
    model = load_starter("saas")
    found = [Offer(s, 1.0, s.weight, True) for s in model.signals]
    caps = {t.signal for c in model.caps for t in c.when}
    assert spread(choose(found, caps)) == {
        s.name: s.weight for s in sorted(model.scored, key=lambda s: -s.weight)
    }


def test_one_signal_gets_everything_and_none_nothing() -> None:
    only = Offer(SIGNAL.validate_python(signal("only")), 0.01, 0, True)
    assert spread(choose([only], set())) == {"only": 100}
    assert spread([]) == {}


@pytest.mark.parametrize(
    ("name", "direction", "activity", "purchase"),
    [
        ("workflow_run", "up", False, False),
        ("pageViews", "up", True, False),
        ("Login", "up", True, False),
        ("failed_logins", "down", True, False),
        ("error-rate", "down", False, False),
        ("downloads", "up", False, False),
        ("latest_version", "up", False, False),
        ("orders", "up", False, True),
        ("Purchase Completed", "up", False, True),
        ("border_crossed", "up", False, False),
        ("salesforce_sync", "up", False, False),
        ("order_cancelled", "down", False, True),
    ],
)
def test_what_names_tell(name: str, direction: str, activity: bool, purchase: bool) -> None:
    assert (direction_of(name), is_activity(name), is_purchase(name)) == (direction, activity, purchase)


def test_names_of_signals() -> None:
    assert slug("Export File") == "export_file"
    assert slug("exportFileV2") == "export_file_v2"
    assert slug("Über-Größe!") == "uber_groe"
    assert slug("2FA enabled") == "x_2fa_enabled"
    assert slug("日本") == "x"
    assert tokens("PAGE VIEW") == ["page", "view"]
    assert same_word("smb", ["Enterprise", "SMB"]) == "SMB"
    assert same_word("mid_market", ["Mid-Market"]) == "Mid-Market"
    assert same_word("smb", ["Small"]) is None


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_name_gives_a_valid_signal_name(name: str) -> None:
    made = SIGNAL.validate_python(signal(f"{slug(name)}_count"))
    assert made.name.isascii()


@pytest.mark.parametrize(
    ("kind", "least", "greatest", "scale"),
    [
        ("nps", 0, 10, (0, 10)),
        ("nps", 3, 9, (0, 10)),
        ("nps", -100, 80, (-100, 100)),
        ("csat", 1, 5, (1, 5)),
        ("csat", 1, 4, (1, 5)),
        ("csat", 0, 5, (0, 5)),
        ("csat", 1, 7, (1, 7)),
        ("csat", 2, 10, (0, 10)),
        ("csat", 4, 92, (0, 100)),
        ("csat", 3, 900, (3, 900)),
        ("csat", 900, 900, (900, 901)),
    ],
)
def test_scales(kind: str, least: float, greatest: float, scale: tuple[float, float]) -> None:
    assert guess_scale(kind, least, greatest) == scale


def test_answers_without_a_scale_are_measured_as_they_are() -> None:
    nps = load_starter("saas").signal("nps")
    data = profile(table("surveys"), survey_scales={"nps": (0, 10)})
    moved = rescaled(nps, data)
    assert moved.measure == "score"  # type: ignore[union-attr]
    assert (moved.normalise.zero, moved.normalise.full) == (4, 10)  # type: ignore[union-attr]
    assert "Scale taken as 0 to 10" in moved.note
    assert rescaled(nps, profile(table("surveys"))) == nps


def test_ticket_satisfaction_on_ten_points() -> None:
    csat = load_starter("saas").signal("ticket_csat")
    data = profile(table("tickets"))
    assert data.column("tickets", "csat") is not None
    moved = rescaled(csat, data)  # the profile's answers go from 0 to 40, which is a scale of 0 to 100
    assert (moved.normalise.zero, moved.normalise.full) == (25, 100)  # type: ignore[union-attr]
    assert column("csat", "tickets").spread == NUMBERS


@pytest.mark.parametrize(
    ("spread_", "direction", "from_zero", "ends"),
    [
        (Spread(2, 5, 20, 1, 50), "up", True, (0, 20)),
        (Spread(2, 5, 20, 1, 50), "down", False, (20, 2)),
        (Spread(3, 3, 3, 3, 3), "up", False, (3, 4)),
        (Spread(0, 0, 0, 0, 9), "up", False, (0, 9)),
        (Spread(-8, -5, -1, -9, 0), "up", True, (-8, -1)),
        (None, "up", True, (0, 1)),
        (Spread(1e9, 1e9, 1e9, 1e9, 1e9), "up", False, (1e9, 1.01e9)),
    ],
)
def test_ranges(spread_: Spread | None, direction: str, from_zero: bool, ends: tuple[float, float]) -> None:
    shape = range_from(spread_, direction, from_zero=from_zero)
    assert (shape["zero"], shape["full"]) == ends


@pytest.mark.parametrize(
    ("found", "ends"),
    [
        (Spread(0.3, 0.6, 0.9, 0, 1), (0.2, 0.9)),  # already told apart by 85 points
        (Spread(3, 9, 21.234, 0, 40), (3, 21.2)),  # all above `full`: another scale
        (Spread(0.5, 0.55, 0.6, 0, 1), (0.5, 0.6)),  # all within 15 points
        (Spread(0.5, 0.5, 0.5, 0, 1), (0.2, 0.9)),  # nothing to tell apart
    ],
)
def test_ranges_move_to_the_data_when_they_do_not_tell_it_apart(
    found: Spread, ends: tuple[float, float]
) -> None:
    model = load_starter("saas")
    fitted = fit_ranges(
        model, {"licence_utilisation": found, "sponsor_active": found, "payment_delay": found}
    )
    signal_ = fitted.signal("licence_utilisation")
    assert (signal_.normalise.zero, signal_.normalise.full) == ends  # type: ignore[union-attr]
    assert ("not validated" in signal_.note) == (ends != (0.2, 0.9))
    assert fitted.signal("sponsor_active") == model.signal("sponsor_active")
    assert fitted.signal("licence_utilisation").variants == model.signal("licence_utilisation").variants


def test_ranges_keep_their_direction() -> None:
    model = load_starter("saas")
    delay = fit_ranges(model, {"payment_delay": Spread(40, 60, 90, 0, 99)}).signal("payment_delay")
    assert (delay.normalise.zero, delay.normalise.full) == (90, 40)  # type: ignore[union-attr]
