"""What a validation says in sentences: caught, missed, what it stands on, and what is refused and why.

Everything is worked out from the document, so that no sentence can differ from its figures.
"""

from __future__ import annotations

from typing import Any

from barograph.core.words import money
from barograph.learning.flags import LEAST

ENOUGH_LOST = LEAST
NAMES = {
    "in_force": "the model in force",
    "proposed": "the proposed model",
    "previous": "the version before",
    "heuristic": "expert weights",
    "equal_weights": "equal weights",
    "challenger": "boosting on all candidates",
}


def subject(document: dict[str, Any]) -> str:
    """The kind that the sentences are about: the model in force where it could be judged, else the proposed one."""
    for kind in ("in_force", "proposed"):
        if any(_judged(horizon, kind)["n"] for horizon in document["horizons"]):
            return kind
    return "in_force"


def headline(document: dict[str, Any]) -> list[str]:
    """What a leader reads first: caught and missed, by count and revenue, with n and intervals; longest lead first."""
    kind, currency = subject(document), document["currency"]
    found = []
    if kind == "proposed":
        found.append(
            "The model in force was put together from these outcomes, and none came after: what follows is how "
            "models made in the same way did on accounts they had not seen."
        )
    if document["lost"] in (0, document["decisions"]):
        side = "kept" if not document["lost"] else "lost"
        return [
            f"All {document['decisions']:,} decisions were {side}: there is nothing to compare them with."
        ]
    for horizon in sorted(document["horizons"], key=lambda h: -h["days"]):
        model = _judged(horizon, kind)
        if model["n"]:
            found += _caught(horizon["days"], model, currency)
    longest = max(document["horizons"], key=lambda h: h["days"], default=None)
    if longest is not None and _judged(longest, kind)["n"]:
        found += _missed(longest["days"], _judged(longest, kind), currency)
        found += _explainable(document, longest)
    found += _surprise(document, kind, currency)
    return found


def stands_on(document: dict[str, Any]) -> list[str]:
    """The decisions behind the figures, and what was left out of them."""
    left, plan = document["left_out"], document["plan"].removesuffix(".")
    tested = max((h["n"] for h in document["horizons"]), default=0)
    first = (
        f"{document['decisions']:,} decisions of {document['accounts']:,} accounts, {document['lost']:,} of them "
        f"lost, decided {document['from']} to {document['to']}."
    )
    if document["out_of_time"]:
        first += f" Judged out of time on {tested:,} of them: {plan}."
    else:
        first += f" Nothing could be fitted and tested out of time: {plan}."
    out = [first]
    reasons = [
        (left["undecided"], "not decided yet"),
        (left["before_data"], "before the data begin"),
        (left["already_decided"], "decided before they could be looked at"),
        (left["not_in_population"], "not scored then"),
    ]
    if told := ", ".join(f"{n:,} {why}" for n, why in reasons if n):
        out.append(f"Left out: {told}.")
    if document["treated"]:
        out.append(
            f"{document['treated']:,} rows were worked after a warning, {document['treated_lost']:,} of them lost "
            "all the same. A kept one may be a rescue, so no false alarm; figures without them stand apart."
        )
    return out


def refused(document: dict[str, Any]) -> list[str]:
    """What is not said, each with the count that is missing."""
    kind, found = subject(document), []
    longest = max((h["days"] for h in document["horizons"]), default=0)
    if document["signals_refused"]:
        found.append(f"Separation per signal: {document['signals_refused']}")
    for horizon in document["horizons"]:
        days = f"{horizon['days']} days before"
        if horizon["lost"] < ENOUGH_LOST:
            found.append(
                f"Firm figures {days}: {horizon['lost']} of the judged decisions were lost, {ENOUGH_LOST} are needed."
            )
        if horizon["days"] == longest:
            found += _refused_at(horizon, kind, days)
    for entry in document["lines"]["refused"]:
        who = f"Lines of segment {entry['segment']}" if entry["segment"] else "Tier lines from risk"
        found.append(f"{who}: {entry['text']}.")
    return found


def _refused_at(horizon: dict[str, Any], kind: str, days: str) -> list[str]:
    """What one horizon refuses; the others refuse much the same, and say so in their tables."""
    model = _judged(horizon, kind)
    found = [f"{_capital(NAMES[m['kind']])}, {days}: {m['note']}." for m in horizon["models"] if m["note"]]
    found += [
        f"Segment {part['segment']}, {days}: {part['note']}."
        for part in model["segments"]
        if part["note"] and part["segment"]
    ]
    for key, name in (("untreated", "Accounts nobody worked"), ("treated", "Accounts that were worked")):
        if model[key]["n"] and model[key]["note"]:
            found.append(f"{name}, {days}: {model[key]['note']}.")
    if model["n"] and model["downsell"]["note"]:
        found.append(f"Downsells, {days}: {model['downsell']['note']}.")
    return found


def per_cent(value: float | None) -> str:
    """ "29%"; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.0f}%"


def plausible(entry: dict[str, Any], name: str) -> str:
    """ "29%, plausibly 15 to 47%"."""
    value, low, high = entry[name], entry[f"{name}_low"], entry[f"{name}_high"]
    if value is None or low is None or high is None:
        return per_cent(value)
    return f"{per_cent(value)}, plausibly {between(low, high)}"


def between(low: float, high: float) -> str:
    """ "15 to 47%"; with a decimal where whole numbers would hide the width."""
    places = 1 if round(100 * low) == round(100 * high) else 0
    return f"{100 * low:.{places}f} to {100 * high:.{places}f}%"


def _judged(horizon: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(m for m in horizon["models"] if m["kind"] in (kind, "in_force"))
    return next((m for m in horizon["models"] if m["kind"] == kind), found)


def _caught(days: int, model: dict[str, Any], currency: str) -> list[str]:
    lost = sum(tier["lost"] for tier in model["tiers"])
    arr = sum(tier["arr_lost"] or 0 for tier in model["tiers"])
    if not lost:
        return [f"{days} days before the decision nothing was lost among {model['n']:,} accounts judged."]
    worth = ""
    if arr:
        worth = f", worth {_money(model['at_risk_arr_lost'], currency)} of the {_money(arr, currency)} lost"
    watch = model["watch_or_worse_lost"]
    return [
        f"{days} days before the decision {model['at_risk_lost']:,} of {lost:,} lost accounts were At Risk "
        f"({plausible(model, 'at_risk_recall')}){worth}; {watch:,} were At Risk or Watch "
        f"({plausible(model, 'watch_or_worse_recall')})."
    ]


def _missed(days: int, model: dict[str, Any], currency: str) -> list[str]:
    out = []
    red, lost = model["at_risk_n"], model["at_risk_lost"]
    if red:
        text = (
            f"Of {red:,} accounts At Risk {days} days before, {lost:,} were lost "
            f"({plausible(model, 'at_risk_precision')})"
        )
        kept, worked = red - lost, model["at_risk_kept_treated"]
        if kept and worked:
            text += f"; of the {kept:,} that stayed, {worked:,} had been worked, so may be rescues"
        elif kept:
            text += f"; none of the {kept:,} that stayed had been worked"
        out.append(text + ".")
    green = [tier for tier in model["tiers"] if tier["tier"] in ("healthy", "growth")]
    gone, arr = sum(t["lost"] for t in green), sum(t["arr_lost"] or 0 for t in green)
    if sum(tier["lost"] for tier in model["tiers"]):
        told = f" with {_money(arr, currency)} a year" if arr else ""
        out.append(
            f"It missed {gone:,} lost {'account' if gone == 1 else 'accounts'}{told}: Healthy or better {days} days "
            "before."
            if gone
            else f"No lost account stood Healthy or better {days} days before."
        )
    return out


def _explainable(document: dict[str, Any], horizon: dict[str, Any]) -> list[str]:
    """What a model that can be read gives up against the unconstrained challenger, on the same rows: the learnt one
    where there is one, else the model in force; and how far the one in force is from it."""
    models = {m["kind"]: m for m in horizon["models"] if m["auc"] is not None}
    bound, learnt, present = (models.get(k) for k in ("challenger", "proposed", "in_force"))
    when, out = f"{horizon['days']} days before", []
    if present is not None and present["auc_low"] is not None and present["auc_low"] <= 0.5:
        out.append(
            f"The order of {NAMES['in_force']} cannot be told from chance {when}: AUC {present['auc']:.2f}, plausibly "
            f"{present['auc_low']:.2f} to {present['auc_high']:.2f}."
        )
    if present is not None and learnt is not None and learnt["in_force_ahead"] is not None:
        out.append(
            f"Sorting {when}: {NAMES['in_force']} has AUC {present['auc']:.2f}, {proposed_words(document)} "
            f"{learnt['auc']:.2f} ({_verdict(-learnt['in_force_ahead_high'], -learnt['in_force_ahead_low'])})."
        )
    readable, name = (
        (learnt, proposed_words(document)) if learnt is not None else (present, NAMES["in_force"])
    )
    if bound is None or readable is None or readable["given_up"] is None:
        return out
    kept, low, high = readable["kept_of_challenger"], readable["given_up_low"], readable["given_up_high"]
    text = (
        f"Being readable: boosting on all {bound['signals']} candidates, which nobody can read, has AUC "
        f"{bound['auc']:.2f}, {name} {readable['auc']:.2f}"
    )
    if low > 0:
        share = "" if kept is None else f", which keeps {per_cent(kept)} of what boosting finds"
        return [*out, f"{text}{share} (given up: {_signed(low)} to {_signed(high)})."]
    return [*out, f"{text}; no loss can be shown (difference {_signed(low)} to {_signed(high)})."]


def proposed_words(document: dict[str, Any]) -> str:
    """Who stands under `proposed`: a proposal on file, or what learning gives without one being put forward."""
    version = document["proposed"]["version"]
    if version:
        return f"the proposed {version}"
    learnt = document["label"] in ("blended", "predictive")
    return "models learnt in the same way" if learnt else "a newly learnt model (not proposed)"


def _verdict(low: float, high: float) -> str:
    span = f"{_signed(low)} to {_signed(high)}"
    if low > 0:
        return f"better, {span}"
    return f"worse, {span}" if high < 0 else f"no difference can be shown, {span}"


def _signed(value: float) -> str:
    """ "+0.18"; never "-0.00"."""
    return "0.00" if abs(value) < 0.005 else f"{value:+.2f}"


def _surprise(document: dict[str, Any], kind: str, currency: str) -> list[str]:
    warning = document["warning"]
    if kind != "in_force":
        warning = next(w for w in document["warnings"] if w["kind"] == kind)
    if not warning["lost"]:
        return []
    which = "on record" if kind == "in_force" else "judged"
    text = (
        f"Of all {warning['lost']:,} losses {which}, {warning['surprises']:,} ({plausible(warning, 'surprise')}) came "
        "without At Risk at any of these dates"
    )
    if warning["surprise_arr"]:
        text += f": {_money(warning['surprise_arr'], currency)} of {_money(warning['lost_arr'], currency)}"
    if warning["flagged"]:
        text += f". Where there was a warning, half came {warning['lead_median']:.0f} days ahead or more"
    return [text + "."]


def _money(value: float | None, currency: str) -> str:
    return "revenue unknown" if value is None else money(round(value), currency)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
