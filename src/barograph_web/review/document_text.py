"""Agenda and minutes as files: Markdown to paste, and one HTML file without script or address to send."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from barograph.charts.palette import stylesheet
from barograph.reports.render.markdown import plain
from barograph.reports.render.phrases import ARROWS, date_words, printable
from barograph_web.review.documents import Document, summary_words

STYLE = Path(__file__).resolve().parent / "static" / "review" / "document.css"


def document_html(document: Document) -> str:
    """One self-contained file. Its own policy allows its style by hash and nothing else."""
    style = document_style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    context = {
        "document": printable(document),
        "summary": summary_words(document),
        "arrows": ARROWS,
        "style": mark_safe(style),  # noqa: S308 - our own stylesheet, nothing of the document is in it
        "policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    }
    return render_to_string("review/document_file.html", context)


@lru_cache(maxsize=1)
def document_style() -> str:
    """All CSS of the file."""
    return f"{stylesheet()}{STYLE.read_text(encoding='utf-8')}"


def document_markdown(document: Document) -> str:
    """Markdown. Every text from data is made plain, so that a name cannot become a link or a heading."""
    document = printable(document)
    kind = "minutes" if document["closed"] else "agenda"
    lines = [
        f"# Monday review, week of {date_words(document['week'])}: {kind}",
        "",
        f"{plain(document['workspace'])} · {plain(document['scope'])} · {document['label']}, model "
        f"{plain(document['model'])}. Scores run from 0 to 100; higher is healthier.",
        "",
        plain(", ".join(summary_words(document)))
        + f". {document['decided']} of {document['listed']} decided.",
    ]
    for warning in document["warnings"]:
        lines += ["", f"> {plain(warning)}"]
    if document["alarm"]:
        lines += ["", f"> Structural alarm: {plain(document['alarm'])}"]
    if document["due"] or document["closed_steps"]:
        lines += ["", "## Decided before, due now", ""]
        lines += [_followed(one) for one in (*document["closed_steps"], *document["due"])]
    lines += ["", "## Needs attention", ""]
    for place, one in enumerate(document["entries"], start=1):
        lines += _entry(place, one)
    if not document["entries"]:
        lines.append("No account has a reason to be on the list this week.")
    if document["others"]:
        lines += ["", "## Decided on other accounts", ""]
        lines += [f"- **{plain(one['name'])}**: {_decision(one)}" for one in document["others"]]
    for group in document["moved"]:
        names = ", ".join(
            f"{plain(a['name'])} ({plain(a['tier_label'])} {plain(a['move'])})" for a in group["accounts"]
        )
        more = group["count"] - len(group["accounts"])
        lines += [
            "",
            f"## {plain(group['title'])}: {group['count']}",
            "",
            names + (f" and {more} more" if more > 0 else ""),
        ]
    lines += [
        "",
        "## Tiers",
        "",
        "| Tier | Accounts | Change | Revenue | Share |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {plain(t['label'])} | {t['accounts']:,} | {t['change']} | {plain(t['revenue'])} | {t['share']} |"
        for t in document["tiers"]
    ]
    lines += [
        "",
        "A score is a hypothesis about how a renewal will go, not a verdict on a customer or a colleague.",
    ]
    return "\n".join(lines) + "\n"


def _entry(place: int, one: Document) -> list[str]:
    move = f"{ARROWS[one['way']]} {one['move']}".strip()
    lines = [
        f"{place}. **{plain(one['name'])}** · {plain(one['tier_label'])} {plain(move)} · score {one['score']} · "
        f"{plain(one['revenue'])}"
        + (f" · opt-out {one['opt_out']} ({one['opt_out_date']})" if one["opt_out"] else ""),
        f"   - Why: {plain(one['why'])}",
    ]
    if one["track_record"]:
        lines.append(f"   - Track record: {plain(one['track_record'])}")
    lines.append(f"   - On it: {plain(one['owner'])}; {plain('; '.join(one['duties']))}")
    if one["plan"]:
        lines.append(f"   - Planned before: {_step(one['plan'])}")
    lines.append(
        f"   - Decided: {_decision(one['decision'])}" if one["decision"] else "   - Decided: not yet"
    )
    return lines


def _decision(decision: Document) -> str:
    parts = [f"{decision['verdict_words']} by {plain(decision['by'])}"]
    if decision["reason"]:
        parts.append(plain(decision["reason"]))
    if decision["next_step"]:
        parts.append(_step(decision))
    elif decision["owner"]:
        parts.append(f"owner {plain(decision['owner'])}")
    return ". ".join(part.rstrip(".") for part in parts) + "."


def _step(decision: Document) -> str:
    told = plain(decision["next_step"])
    if decision["due_on"]:
        told += f", by {date_words(decision['due_on'])}"
    if decision["owner"]:
        told += f", {plain(decision['owner'])}"
    return told + (f"; we will know on {date_words(decision['know_on'])}" if decision["know_on"] else "")


def _followed(one: Document) -> str:
    end = one["result"] or "open"
    return f"- **{plain(one['name'])}**: {_step(one)}: {end}" + (
        f", {plain(one['words'])}" if one["words"] else ""
    )
