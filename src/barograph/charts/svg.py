"""SVG elements as strings: everything that comes from outside is escaped, and no style or address is written."""

from __future__ import annotations

import math
from html import escape

from barograph.errors import BarographError

Attribute = str | float | None


def element(tag: str, *children: str, **attributes: Attribute) -> str:
    """One element. children: markup that is ready, made by `element` or `text`.

    attributes: `stroke_width` is written `stroke-width`, `class_` is written `class`; None leaves one out.
    Raises BarographError on a number that is not finite, which would draw nothing without a word.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(tag, name, value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(children)
    return f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>"


def text(content: str) -> str:
    """Text for the inside of an element."""
    return escape(content, quote=False)


def picture(name: str, *children: str, **attributes: Attribute) -> str:
    """An `svg` that assistive technology reads as one image called `name`; browsers show it when pointed at."""
    titled = element("title", text(name))
    return element("svg", titled, *children, role="img", aria_label=name, focusable="false", **attributes)


def number(value: float) -> str:
    """At most two decimals, as short as it goes: "12", "3.5"."""
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def _value(tag: str, name: str, value: str | float) -> str:
    if isinstance(value, str):
        return escape(value, quote=True)
    if not math.isfinite(value):
        raise BarographError(f"<{tag}> has {name} = {value}: a finite number is needed.")
    return number(value)
