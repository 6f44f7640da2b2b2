"""How a mail reads: the same lines as plain text and as HTML that needs nothing from outside."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from barograph.charts.palette import LIGHT, TIERS, css_name
from barograph.reports.render.phrases import printable, tier_words

WIDTH = 76


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a mail: what it says, where it leads, what stands small beside it, and the tier of its mark."""

    text: str
    url: str = ""
    detail: str = ""
    tier: str = ""

    @property
    def tier_label(self) -> str:
        return tier_words(self.tier, {}) if self.tier else ""

    @property
    def tier_class(self) -> str:
        return css_name(self.tier) if self.tier else ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a heading. empty: what it says without any. more: what is left out, in words."""

    title: str
    lines: Sequence[Line]
    empty: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole mail."""

    subject: str
    intro: str
    sections: Sequence[Section]
    settings_url: str
    warning: str = ""
    notes: Sequence[str] = field(default_factory=tuple)


def subject_of(letter: Letter) -> str:
    """One line without control characters, at most 200 characters."""
    return str(printable(letter.subject))[:200]


def as_text(letter: Letter) -> str:
    """Plain text, wrapped at WIDTH; addresses stand on lines of their own, whole."""
    parts = [_wrapped(letter.intro)]
    if letter.warning:
        parts.append(_wrapped(f"Note: {letter.warning}"))
    for section in letter.sections:
        lines = [section.title.upper(), ""]
        for line in section.lines:
            mark = f"[{line.tier_label}] " if line.tier else ""
            lines.append(_wrapped(f"- {mark}{line.text}", "  "))
            if line.detail:
                lines.append(_wrapped(f"  {line.detail}", "  "))
            if line.url:
                lines.append(f"  {line.url}")
        if not section.lines:
            lines.append(_wrapped(section.empty))
        if section.more:
            lines.append(_wrapped(section.more))
        parts.append("\n".join(lines))
    parts += [_wrapped(note) for note in letter.notes]
    parts.append(f"-- \nWhat you are told, and how: {letter.settings_url}")
    return "\n\n".join(parts) + "\n"


def as_html(letter: Letter) -> str:
    """One page without script, image or address of a stylesheet."""
    style = mark_safe(_style())  # noqa: S308 - our own stylesheet, nothing of the letter is in it
    return render_to_string("alerts/mail/document_file.html", {"letter": letter, "style": style})


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        str(printable(text)) if not text.startswith("  ") else f"  {printable(text)}",
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _style() -> str:
    """The palette's light colours as plain values: mail programs know no custom properties."""
    c = LIGHT
    pills = "".join(
        f".{css_name(t)}{{color:{c[css_name(t) + '-ink']};background:{c[css_name(t) + '-tint']}}}"
        for t in TIERS
    )
    return (
        f"body{{margin:0;padding:24px;background:{c['ground']};color:{c['ink']};"
        "font:15px/1.5 system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif}"
        f".sheet{{max-width:640px;margin:0 auto;padding:24px 28px;background:{c['page']};"
        f"border:1px solid {c['line']};border-radius:6px}}"
        "h1{font-size:20px;line-height:1.3;margin:0 0 8px}"
        f"h2{{font-size:15px;margin:28px 0 4px;padding-bottom:6px;border-bottom:1px solid {c['line']}}}"
        "p{margin:8px 0}ul{list-style:none;margin:0;padding:0}"
        f"li{{padding:10px 0;border-bottom:1px solid {c['line']}}}"
        f"a{{color:{c['accent']}}}"
        f".quiet{{color:{c['quiet']};font-size:13px}}"
        f".note{{padding:8px 12px;background:{c['watch-tint']};color:{c['watch-ink']}}}"
        ".pill{display:inline-block;padding:0 8px;margin-right:6px;border-radius:9px;font-size:12px;"
        f"line-height:18px;font-weight:600;white-space:nowrap}}{pills}"
    )
