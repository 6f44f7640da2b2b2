"""One account of the review in words, ready to be laid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from barograph.reports.render.phrases import (
    Record,
    Way,
    change_words,
    date_words,
    days_until,
    due_words,
    line_points,
    line_words,
    move_words,
    record_words,
    revenue_words,
    score_words,
    short_date,
    tier_words,
    until_words,
    way,
)

DutyState = Literal["done", "due", "overdue", "none"]
KIND_WORDS = {
    "data": "data",
    "peers": "peers moved",
    "weights": "model",
    "stale": "no value",
    "cap": "cap",
    "overlay": "overlay",
}


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that the tier's service level asks for. what: "customer touch"; words: "by 28 Oct, done"."""

    what: str
    words: str
    state: DutyState


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an account's ledger."""

    kind: str
    words: str
    points: float
    points_words: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """Texts are plain and may be "". listed: place on the attention list, None when not on it.

    score, change: "35", "+0.4". move: "down from Healthy". opt_out: "in 49 days"; opt_out_near: within 60 days
    and not passed. dates: the date that decides, in words. gone: no longer a customer, shown as last seen and
    without duties. ledger_title: "+0.4 points since 9 Nov"; lines sum to that, the largest |points| is `widest`.
    history: oldest first.
    """

    account_id: str
    name: str
    place: str
    listed: int | None
    tier: str
    tier_label: str
    way: Way
    move: str
    score: str
    change: str
    revenue: str
    opt_out: str
    opt_out_date: str
    opt_out_near: bool
    renewal: str
    dates: str
    gone: bool
    notice_given: bool
    about_to_turn: bool
    heading: str
    history: tuple[float | None, ...]
    tier_lines: Mapping[str, float]
    why: str
    tier_why: str
    lift: str
    track_record: str
    owner: str
    duties: tuple[Duty, ...]
    ledger_title: str
    lines: tuple[Line, ...]
    widest: float
    priority: str


NEAR_DAYS = 60


def account_view(
    entry: Record,
    *,
    as_of: str,
    currency: str,
    labels: Mapping[str, str],
    ranks: Mapping[str, int] | None = None,
    gone: bool = False,
) -> AccountView:
    """An entry of the review document (or of its `gone`, which knows less) in words.

    as_of: ISO date of the review. labels: tier name -> label. ranks: account id -> place on the attention list.
    """
    tier, opt_out = entry["tier"], entry.get("opt_out")
    label = tier_words(tier, labels)
    change = entry.get("change")
    lines = tuple(
        Line(KIND_WORDS.get(item["kind"], item["kind"]), line_words(item), item["points"], line_points(item))
        for item in (change or {}).get("items", ())
    )
    return AccountView(
        account_id=entry["account_id"],
        name=entry.get("name") or entry["account_id"],
        place=_place(entry),
        listed=(ranks or {}).get(entry["account_id"]),
        tier=tier,
        tier_label=label,
        way="same" if gone else way(entry.get("previous_tier"), tier),
        move="when last seen"
        if gone
        else move_words(entry.get("previous_tier"), tier, entry.get("weeks_in_tier"), labels),
        score=score_words(entry["score"]),
        change=change_words(change),
        revenue=revenue_words(entry.get("arr"), currency),
        opt_out="" if opt_out is None else until_words(opt_out, as_of),
        opt_out_date=date_words(opt_out),
        opt_out_near=opt_out is not None and 0 <= days_until(opt_out, as_of) <= NEAR_DAYS,
        renewal=date_words(entry.get("renewal")),
        dates=_dates(entry, as_of, gone),
        gone=gone,
        notice_given=bool(entry.get("notice_given")),
        about_to_turn=bool(entry.get("about_to_turn")),
        heading="" if entry.get("heading") in (None, "unknown") else entry["heading"],
        history=tuple(entry.get("history") or ()),
        tier_lines=entry.get("tier_lines") or {},
        why=entry.get("why") or "",
        tier_why=entry.get("tier_why") or "",
        lift=entry.get("lift") or "",
        track_record=record_words(entry),
        owner=entry.get("owner") or ("no owner named" if gone else "nobody yet"),
        duties=() if gone else duties(entry.get("plan") or {}, entry.get("last_touch"), as_of),
        ledger_title=_ledger_title(change, as_of),
        lines=lines,
        widest=max((abs(line.points) for line in lines), default=0.0),
        priority=entry.get("priority_words") or "",
    )


def duties(plan: Record, last_touch: str | None, as_of: str) -> tuple[Duty, ...]:
    """Owner, customer touch and plan with their dates, and which of them are overdue at `as_of`.

    A named owner meets the first, a touch since the account entered its tier the second. Nothing in a review
    says yet that a plan exists, so its date is told as it stands.
    """
    found = []
    if plan.get("owner_by") and not plan.get("owner"):
        found.append(_duty("owner", plan["owner_by"], as_of))
    if plan.get("touch_by"):
        if plan.get("touched_since"):
            last = f", last {short_date(last_touch, as_of)}" if last_touch else ""
            found.append(Duty("customer touch", f"done{last}", "done"))
        else:
            found.append(_duty("customer touch", plan["touch_by"], as_of))
    if plan.get("plan_by"):
        found.append(_duty("plan", plan["plan_by"], as_of))
    if not found:
        found.append(Duty("", "this tier asks for no deadline", "none"))
    return tuple(found)


def _duty(what: str, by: str, as_of: str) -> Duty:
    late = days_until(by, as_of) < 0
    return Duty(what, f"by {short_date(by, as_of)}, {due_words(by, as_of)}", "overdue" if late else "due")


def _place(entry: Record) -> str:
    segment, plan = entry.get("segment"), entry.get("plan_name")
    return " · ".join([str(part) for part in dict.fromkeys((segment, plan)) if part] + [entry["account_id"]])


def _dates(entry: Record, as_of: str, gone: bool) -> str:
    opt_out, renewal = entry.get("opt_out"), date_words(entry.get("renewal"))
    if gone:
        return f"term to {renewal}" if renewal else "no end of term known"
    if opt_out is None:
        return "no opt-out date known"
    return f"opt-out {until_words(opt_out, as_of)} ({date_words(opt_out)})"


def _ledger_title(change: Record | None, as_of: str) -> str:
    told = change_words(change)
    if not change or not told:
        return ""
    since = short_date(change.get("since"), as_of)
    return f"{told} points since {since}" if since else f"{told} points"
