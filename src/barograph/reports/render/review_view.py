"""The review document in words and figures, ready to be laid out: every output shows this and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barograph.core import attention as formula
from barograph.core.thresholds import TIER_CODES
from barograph.core.words import number
from barograph.definitions.base import TIER_ORDER
from barograph.reports.heading import label_words
from barograph.reports.render.account_view import AccountView, account_view
from barograph.reports.render.against_view import AgainstView, against_view
from barograph.reports.render.capacity_view import CapacityView, capacity_view
from barograph.reports.render.phrases import (
    Record,
    counted,
    date_words,
    printable,
    revenue_words,
    rough_money,
    short_date,
    tier_words,
)
from barograph.reports.render.portfolio_view import (
    AlarmView,
    FamilyView,
    MovementView,
    TierView,
    alarm_view,
    family_views,
    movement_view,
    tier_views,
)

NO_BREAK = "\u00a0"
SECTIONS = (
    ("worse", "Status changes for the worse", "Accounts that went down a tier.",
     "No account went down a tier."),
    ("score_lost", "Lost their score", "Too little is known of these accounts now: unknown is not healthy.",
     "No account lost its score."),
    ("newly_healthy", "Newly Healthy", "Accounts that rose to Healthy.", "No account rose to Healthy."),
    ("growth", "Newly Growth", "Accounts that rose to Growth: ready to talk about more.",
     "No account rose to Growth."),
    ("better", "Better, not yet Healthy", "Accounts that rose a tier and stay below Healthy.",
     "No other account rose a tier."),
    ("score_found", "Have a score again", "Enough is known of these accounts again.",
     "No account got its score back."),
    ("moved_by_model", "Moved by a new model",
     "The model changed, not the customer: look at these before you act on them.",
     "No account changed its tier because of a new model."),
    ("new", "New accounts", "Scored for the first time this week.", "No account is new this week."),
    ("gone", "Gone accounts", "Scored last week, no longer customers this week. Shown as they were last seen.",
     "No account left."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Headline:
    """A count at the top. target: the section it leads to."""

    count: str
    what: str
    detail: str
    target: str


@dataclass(frozen=True, slots=True)
class Section:
    """Accounts of one kind of change; `empty` says so when there are none."""

    key: str
    title: str
    intro: str
    empty: str
    accounts: tuple[AccountView, ...]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """The whole review. Texts are plain; lists may be empty and still have their section."""

    title: str
    week: str
    workspace: str
    as_of: str
    compared: str
    model: str
    label: str
    label_words: str
    size: str
    narrowed: str
    currency: str
    headlines: tuple[Headline, ...]
    warnings: tuple[str, ...]
    attention: tuple[AccountView, ...]
    attention_note: str
    sections: tuple[Section, ...]
    against: AgainstView | None
    capacity: CapacityView | None
    tiers: tuple[TierView, ...]
    movement: MovementView | None
    alarm: AlarmView | None
    families: tuple[FamilyView, ...]
    footer: tuple[str, ...]


def review_view(document: Record) -> ReviewView:
    """The view of a `barograph.review/1` document, with every text made safe to print."""
    document = printable(document)
    as_of, currency = document["workspace_as_of"], document["currency"]
    labels = {tier["tier"]: tier["label"] for tier in document["tiers"]}
    ranks = {entry["account_id"]: entry["rank"] for entry in document["attention"]}

    def views(key: str) -> tuple[AccountView, ...]:
        return tuple(
            account_view(
                entry, as_of=as_of, currency=currency, labels=labels, ranks=ranks, gone=key == "gone"
            )
            for entry in document[key] or ()
        )

    label, _, told = label_words(document["label"], document["outcomes"]).partition(": ")
    model = document["model"]
    return ReviewView(
        title="Monday review",
        week=f"week of {date_words(as_of)}",
        workspace=document["workspace"],
        as_of=_as_of(document),
        compared=_compared(document, as_of),
        model=" · ".join(part for part in (model["version"], model.get("title")) if part),
        label=label,
        label_words=told,
        size=_size(document, currency),
        narrowed=_narrowed(document["filter"]),
        currency=currency,
        headlines=_headlines(document, currency),
        warnings=tuple(warning["text"] for warning in document["warnings"] or ()),
        attention=views("attention"),
        attention_note=_left_out(document, currency),
        sections=tuple(
            Section(
                key,
                _relabelled(title, labels),
                _relabelled(intro, labels),
                _relabelled(empty, labels),
                views(key),
            )
            for key, title, intro, empty in SECTIONS
        ),
        against=against_view(document.get("diverging"), labels, currency),
        capacity=capacity_view(document.get("capacity"), labels, currency),
        tiers=tier_views(document["tiers"], document["arr"] or 0.0, currency),
        movement=movement_view(document["movement"], labels, currency),
        alarm=alarm_view(document["structural_alarm"], currency),
        families=family_views(document["rollups"] or (), _names(document), labels, currency),
        footer=footer(labels),
    )


def footer(labels: Mapping[str, str]) -> tuple[str, ...]:
    """How the list is ordered, and what a score is. The figures are those of `barograph.core.attention`."""
    doubts: list[tuple[str, float]] = [
        (tier_words(name, labels), formula.TIER_FACTOR[code]) for name, code in TIER_CODES.items()
    ]
    good = " or ".join(tier_words(name, labels) for name in ("healthy", "growth"))
    doubts.append((f"{good} and about to turn", formula.TURNING_FACTOR))
    doubts.sort(key=lambda pair: -pair[1])
    tiers = ", ".join(f"{name} {number(factor)}" for name, factor in doubts)
    return (
        "How the list is ordered: priority = revenue × tier × worsening × nearness × plan. "
        f"Tier: {tiers}. Worsening: 1, plus the points lost in four weeks divided by "
        f"{number(formula.POINTS_PER_STEP)} (at most {number(formula.MOST_POINTS)} points count), plus 1 when the tier "
        f"went down this week. Nearness: 1 from {formula.FAR_DAYS} days before the opt-out deadline, growing to "
        f"{number(formula.NEAREST)} on the day, 1 once it has passed. Plan: {formula.ON_TRACK_FACTOR:g} while a plan "
        "is on track, else 1. Revenue that is not known counts as the median of the known.",
        "A score is a hypothesis about how a renewal will go, not a verdict on a customer or a colleague. "
        "Scores run from 0 to 100; higher is healthier.",
    )


def _headlines(document: Record, currency: str) -> tuple[Headline, ...]:
    def entries(key: str, what: str, target: str = "") -> Headline:
        found = document[key] or ()
        return Headline(f"{len(found):,}", what, _money(found, currency) if found else "", target or key)

    labels = {tier["tier"]: tier["label"] for tier in document["tiers"]}
    healthy = tier_words("healthy", labels)
    found = [
        entries("attention", "on the list for attention"),
        entries("worse", "went down"),
        entries("newly_healthy", f"newly {healthy}"),
        entries("growth", f"newly {tier_words('growth', labels)}"),
    ]
    for key, what in (
        ("better", f"up, not yet {healthy}"),
        ("score_lost", "lost their score"),
        ("moved_by_model", "moved by a new model"),
        ("gone", "gone"),
    ):
        if document[key]:
            found.append(entries(key, what))
    warnings = len(document["warnings"] or ())
    found.append(
        Headline(f"{warnings}", "data warning" if warnings == 1 else "data warnings", "", "warnings")
    )
    return tuple(found)


def _money(entries: Sequence[Record], currency: str) -> str:
    known = [entry["arr"] for entry in entries if entry.get("arr") is not None]
    return rough_money(sum(known), currency) if known else "revenue unknown"


def _left_out(document: Record, currency: str) -> str:
    left = document["attention_left_out"]
    if not left:
        return ""
    return (
        f"{counted(left, 'more account')} with {rough_money(document['attention_left_out_arr'], currency)} "
        f"{'has' if left == 1 else 'have'} a reason to be here and {'ranks' if left == 1 else 'rank'} lower; "
        "`barograph scores` lists every account."
    )


def _as_of(document: Record) -> str:
    told = f"As of {date_words(document['workspace_as_of'])}, from what was known before that day began"
    return f"{told} (between two weeks: not part of the history)" if document.get("between_weeks") else told


def _size(document: Record, currency: str) -> str:
    """Amounts keep to their currency with a space that does not break."""
    told, arr = counted(document["accounts"], "account"), document["arr"]
    if arr is None:
        return f"{told}, revenue unknown"
    return f"{told} with {revenue_words(arr, currency)} of recurring revenue".replace(
        f"{currency} ", f"{currency}\u00a0"
    )


def _compared(document: Record, as_of: str) -> str:
    earlier = document["previous_as_of"]
    if earlier is None:
        return "The first scored week: there is nothing to compare with yet"
    return f"compared with {short_date(earlier, as_of)}"


def _narrowed(chosen: Mapping[str, str | None]) -> str:
    parts = [f"{name} {value}" for name, value in chosen.items() if value]
    return f"Only {' and '.join(parts)}" if parts else ""


def _relabelled(text: str, labels: Mapping[str, str]) -> str:
    """The model's own tier labels in the fixed titles."""
    for name in TIER_ORDER:
        text = text.replace(tier_words(name, {}), tier_words(name, labels))
    return text


def _names(document: Record) -> dict[str, str]:
    """Account id -> name, of the accounts that the document names."""
    found: dict[str, str] = {}
    for key in ("attention", *(key for key, *_ in SECTIONS)):
        for entry in document[key] or ():
            found[entry["account_id"]] = entry.get("name") or entry["account_id"]
    return found
