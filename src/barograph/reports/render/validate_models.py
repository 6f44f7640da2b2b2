"""Models of a validation beside each other: order, calibration, gains, lead time and surprises."""

from __future__ import annotations

from barograph.charts.curves import Point, Series, calibration_plot, gains_plot, lead_lines
from barograph.reports.render.blocks import Block, Cell, Chart, Section, Table, figure, table
from barograph.reports.render.phrases import Record, counted
from barograph.reports.render.validate_figures import (
    NONE,
    amount,
    auc_cell,
    auc_dot,
    before,
    decimal,
    kind_words,
    model_of,
    per_cent,
    share_cell,
    signed,
    span,
)
from barograph.reports.validate_words import between


def order_section(document: Record, kind: str) -> Section:
    """AUC by lead time, every model on the same rows."""
    horizons = sorted(document["horizons"], key=lambda h: -h["days"])
    kinds = _kinds(document)
    series = [_series(horizons, k, kind_words(document, k), main=k == kind) for k in kinds]
    plot = lead_lines([s for s in series if s.points], "AUC by days before the decision, one line per model")
    tables = [_order_table(document, h, kinds) for h in horizons]
    blocks = [Block(charts=(Chart("AUC by lead time", plot, Table((), ())),))] if plot else []
    blocks += [Block(before(h["days"]), tables=(t,)) for h, t in zip(horizons, tables, strict=True)]
    return Section(
        "order",
        "Does it sort better than the others",
        "AUC: the chance that an account that was kept stands above one that was lost; .5 is chance. All models on "
        "the same rows. Boosting on all candidates is never put in force: it shows what being readable costs.",
        tuple(blocks),
    )


def calibration_section(document: Record, kind: str) -> Section:
    """Promised and observed loss."""
    charts = []
    for horizon in sorted(document["horizons"], key=lambda h: -h["days"]):
        model = model_of(horizon, kind)
        points = [Point(c["predicted"], c["observed"], c["low"], c["high"]) for c in model["calibration"]]
        if not points:
            continue
        rows = [
            (
                figure(f"{i}"),
                figure(f"{c['n']:,}"),
                figure(f"{c['lost']:,}"),
                figure(per_cent(c["predicted"])),
                figure(per_cent(c["observed"]), between(c["low"], c["high"])),
            )
            for i, c in enumerate(model["calibration"], 1)
        ]
        told = (
            f"slope {decimal(model['calibration_slope'])} ({span(model, 'calibration_slope', share=False)}), "
            f"losses over promised {decimal(model['observed_over_expected'])}, mean gap {decimal(model['ece'], 3)}"
        )
        name = f"Promised against observed loss, {before(horizon['days'])}"
        charts.append(
            Chart(
                before(horizon["days"]),
                calibration_plot(points, name),
                table("Band # | Accounts # | Lost # | Promised # | Came true #", rows),
                told,
            )
        )
    return Section(
        "calibration",
        "Does a promised 20% mean 20%",
        "Accounts in bands of equal number by promised loss. On the dashed line a promise came true; whiskers are "
        "95% intervals over accounts. A slope of 1 and a ratio of 1 are perfect.",
        (Block(charts=tuple(charts)),)
        if charts
        else (Block(paragraphs=("No probability could be judged.",)),),
    )


def gains_section(document: Record, kind: str) -> Section:
    """Cumulative gains and lift."""
    charts = []
    for horizon in sorted(document["horizons"], key=lambda h: -h["days"]):
        model = model_of(horizon, kind)
        gains = model["gains"]
        if not gains:
            continue
        points = [Point(g["share"], g["caught"], g["caught_low"], g["caught_high"]) for g in gains]
        revenue = [Point(g["share"], g["caught_arr"]) for g in gains if g["caught_arr"] is not None]
        rows = [
            (
                figure(per_cent(g["share"])),
                figure(f"{g['accounts']:,}"),
                figure(per_cent(g["caught"]), between(g["caught_low"], g["caught_high"])),
                figure(per_cent(g["caught_arr"])),
                figure(decimal(g["lift"])),
            )
            for g in gains
        ]
        name = f"Share of the lost reached by share of accounts worked, {before(horizon['days'])}"
        charts.append(
            Chart(
                before(horizon["days"]),
                gains_plot(points, revenue, name),
                table("Worked # | Accounts # | Lost reached # | Revenue reached # | Lift #", rows),
                f"{model['lost']:,} of {model['n']:,} lost; riskiest tenth: {decimal(model['lift_10'], 1)} times "
                "the overall loss rate",
            )
        )
    return Section(
        "gains",
        "Working the riskiest first",
        "How much of what was lost the riskiest share of accounts held. The dashed line is a blind pick; lift is "
        "how many times better than that.",
        (Block(charts=tuple(charts)),)
        if charts
        else (Block(paragraphs=("No probability could be judged.",)),),
    )


def warning_section(document: Record) -> Section:
    """Lead time and surprise churn of every model."""
    currency = document["currency"]
    rows = [("In force, all it has not seen", document["warning"])]
    kinds = _kinds(document)
    rows += [(kind_words(document, w["kind"]), w) for w in document["warnings"] if w["kind"] in kinds]
    cells = [
        (
            Cell(name),
            figure(f"{w['lost']:,}"),
            figure(f"{w['flagged']:,}"),
            figure(NONE if w["lead_median"] is None else f"{w['lead_median']:.0f}", _quartiles(w)),
            figure(f"{w['surprises']:,}"),
            share_cell(w, "surprise") if w["lost"] else figure(NONE),
            figure(amount(w["surprise_arr"], currency)),
            figure(f"{w['false_alarms']:,}"),
            figure(f"{w['treated_alarms']:,}"),
        )
        for name, w in rows
    ]
    columns = (
        "Model | Lost # | Warned of # | Days ahead # | Surprises # | Share # | Revenue # | False alarms # | "
        "Kept and worked #"
    )
    return Section(
        "warning",
        "How early, and who came as a surprise",
        "A warning is At Risk at one of the dates looked at; days ahead count from the earliest, so the longest "
        "date looked at is the most that can be seen. A surprise was lost without any warning. Models other than "
        "the one in force are judged on the decisions out of time.",
        (Block(tables=(table(columns, cells),)),),
    )


def _kinds(document: Record) -> list[str]:
    found: dict[str, None] = {}
    for horizon in document["horizons"]:
        found |= dict.fromkeys(model["kind"] for model in horizon["models"])
    kinds = list(found)
    # The expert's weights in force are one line, not two on one another.
    if "heuristic" in kinds and all(_same(h) for h in document["horizons"]):
        kinds.remove("heuristic")
    return kinds


def _same(horizon: Record) -> bool:
    models = {m["kind"]: m for m in horizon["models"]}
    one, two = models["in_force"], models.get("heuristic", models["in_force"])
    return (one["auc"], one["log_loss"], one["n"]) == (two["auc"], two["log_loss"], two["n"])


def _inputs(model: Record, kinds: list[str]) -> str:
    """What the model is made of; the model in force says so when it is the expert weights."""
    count = counted(model["signals"], "signal") if model["signals"] else ""
    return f"expert weights, {count}" if model["kind"] == "in_force" and "heuristic" not in kinds else count


def _series(horizons: list[Record], kind: str, name: str, *, main: bool) -> Series:
    points = []
    for horizon in horizons:
        model = next((m for m in horizon["models"] if m["kind"] == kind), None)
        if model is not None and model["auc"] is not None:
            points.append(Point(float(horizon["days"]), model["auc"], model["auc_low"], model["auc_high"]))
    return Series(name, tuple(points), main)


def _order_table(document: Record, horizon: Record, kinds: list[str]) -> Table:
    currency, rows = document["currency"], []
    for model in (m for m in horizon["models"] if m["kind"] in kinds):
        rows.append(
            (
                Cell(
                    kind_words(document, model["kind"]),
                    detail=_inputs(model, kinds),
                ),
                figure(f"{model['n']:,}", f"{model['lost']:,} lost"),
                auc_cell(model),
                auc_dot(model),
                figure(_ahead(model), span(model, "in_force_ahead", share=False)),
                figure(decimal(model["balanced_accuracy"]), span(model, "balanced_accuracy", share=False)),
                figure(decimal(model["log_loss"], 3)),
                figure(decimal(model["lift_10"], 1)),
                auc_cell(model, "arr_auc"),
            )
        )
    columns = (
        "Model | Accounts # | AUC # | | In force ahead by # | Balanced accuracy # | Log-loss # | Lift, top tenth # | "
        "AUC by revenue #"
    )
    worth = (
        f", {amount(horizon['arr_lost'], currency)} of {amount(horizon['arr'], currency)} lost"
        if horizon["arr"]
        else ""
    )
    return table(columns, rows, f"{horizon['n']:,} decisions of {horizon['accounts']:,} accounts{worth}")


def _ahead(model: Record) -> str:
    value = model["in_force_ahead"]
    return "" if value is None else signed(value)


def _quartiles(warning: Record) -> str:
    if warning["lead_low"] is None:
        return ""
    return f"middle half {warning['lead_low']:.0f} to {warning['lead_high']:.0f}"
