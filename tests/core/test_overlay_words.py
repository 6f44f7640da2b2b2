"""What the overlay says in words (H5, R1). Truths: examples, as a leader would read them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from barograph.core.arrays import texts
from barograph.core.ledger_lines import LedgerItem
from barograph.core.overlay import LIFTS, OverlayWeek, Pulses, overlay
from barograph.core.thresholds import TIER_CODES
from barograph.core.words_overlay import overlay_item_words, overlay_words
from barograph.definitions.overlay import Overlay
from support.score_models import MONDAY, model, signal

MODEL = model(signal("users", 100))
NOBODY = Pulses.nobody(1)


def code(value: int) -> np.ndarray:
    return np.array([value], dtype=np.int8)


def day(value: int) -> np.ndarray:
    return np.array([value], dtype=np.int64)


def week(pulses: Pulses, computed: str, *, notice: bool = False) -> OverlayWeek:
    return overlay(
        Overlay(),
        pulses,
        as_of=MONDAY,
        account_ids=texts(["a"]),
        computed=code(TIER_CODES[computed]),
        tiers=np.arange(4, dtype=np.int8),
        attributes={"notice_given": texts([notice])},
        hard_ceiling=code(3),
    )


def words(pulses: Pulses, computed: str, *, notice: bool = False) -> str:
    return overlay_words(week(pulses, computed, notice=notice), TIER_CODES[computed], MONDAY, 0, MODEL)


ANSWERED = replace(NOBODY, day=day(MONDAY - 10), sponsor=code(2), engagement=code(1), narrative=code(2))
WANTED = replace(ANSWERED, wanted=code(2), reasoned=np.array([True]))
SIGNED = replace(WANTED, signed_day=day(MONDAY - 3), signed_tier=code(2))


@pytest.mark.parametrize(
    ("pulses", "computed", "told"),
    [
        (NOBODY, "watch", ""),
        (ANSWERED, "healthy", ""),
        (
            replace(ANSWERED, sponsor=code(0)),
            "growth",
            "Watch is shown because the sponsor is missing (the pulse of 6 Nov), until 21 Dec; the numbers say Growth",
        ),
        (
            replace(ANSWERED, sponsor=code(0), narrative=code(0)),
            "watch",
            "At Risk is shown because sponsor and outcome narrative are missing (the pulse of 6 Nov), until 21 Dec; "
            "the numbers say Watch",
        ),
        (
            SIGNED,
            "watch",
            "Healthy is shown because the pulse of 6 Nov, counter-signed on 13 Nov, lifts it a tier, until 21 Dec; "
            "the numbers say Watch",
        ),
        (
            WANTED,
            "watch",
            "the pulse of 6 Nov says Healthy, the numbers say Watch; it changes nothing: "
            "no leader has counter-signed it",
        ),
        (
            replace(ANSWERED, engagement=code(0)),
            "healthy",
            "the pulse of 6 Nov says Watch (sponsor active, engagement none and narrative defensible), the numbers say "
            "Healthy; it changes nothing by itself",
        ),
        (
            replace(SIGNED, day=day(MONDAY - 60)),
            "watch",
            "the pulse of 17 Sep expired on 1 Nov and has no force",
        ),
    ],
)
def test_sentences(pulses: Pulses, computed: str, told: str) -> None:
    assert words(pulses, computed) == told


@pytest.mark.parametrize(
    ("pulses", "notice", "why"),
    [
        (replace(SIGNED, reasoned=np.array([False])), False, "it gives no reason"),
        (SIGNED, True, "notice is given"),
        (replace(SIGNED, open_p1=np.array([True])), False, "a P1 ticket is open"),
        (replace(SIGNED, signed_day=day(MONDAY - 46)), False, "the counter-signature has expired"),
    ],
)
def test_what_stands_in_the_way_is_said(pulses: Pulses, notice: bool, why: str) -> None:
    assert words(pulses, "watch", notice=notice).endswith(f"it changes nothing: {why}")


def test_every_obstacle_has_its_words() -> None:
    found = week(WANTED, "watch")
    for lift, name in enumerate(LIFTS):
        told = overlay_words(replace(found, lift=code(lift)), TIER_CODES["watch"], MONDAY, 0, MODEL)
        assert ("changes nothing: " in told) == (name not in ("not_wanted", "given")), name


def test_ledger_lines_say_what_is_shown_instead() -> None:
    came = LedgerItem("overlay", "sponsor_missing", "overlay", 0.0, np.nan, 1.0, 0, 0, np.nan, np.nan)
    gone = replace(came, value_before=1.0, value_after=np.nan)
    assert overlay_item_words(came, 3, MODEL) == "the sponsor is missing: Watch is shown instead of Growth"
    assert overlay_item_words(gone, 3, MODEL).endswith("Growth is shown")
    lifted = replace(came, name="lift", value_after=2.0)
    assert overlay_item_words(lifted, 1, MODEL) == (
        "the account manager's pulse lifts it a tier: Healthy is shown instead of Watch"
    )
