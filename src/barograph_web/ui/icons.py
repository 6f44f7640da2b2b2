"""The icons: a few strokes on a 16 px square, drawn for this application, in the colour of the text beside them."""

from __future__ import annotations

from barograph.charts.svg import element

ICONS = {
    "account": "M2.5 13.5v-8l5.5-3 5.5 3v8zM6 13.5v-4h4v4",
    "add": "M8 3v10M3 8h10",
    "alarm": "M8 2 1.5 13.5h13zM8 6.5v3.5M8 11.7v.3",
    "arrow-down": "M8 3v10M4 9l4 4 4-4",
    "arrow-right": "M3 8h10M9 4l4 4-4 4",
    "arrow-up": "M8 13V3M4 7l4-4 4 4",
    "bell": "M3 11.5h10c-1.2-1-1.5-2.5-1.5-5a3.5 3.5 0 0 0-7 0c0 2.5-.3 4-1.5 5zM6.5 13.5h3",
    "calendar": "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2v3M10.5 2v3",
    "check": "M3 8.5 6.5 12 13 4.5",
    "chevron": "M6 4l4 4-4 4",
    "clock": "M8 2.5a5.5 5.5 0 1 0 .01 0zM8 5v3.5l2.5 1.5",
    "close": "M4 4l8 8M12 4l-8 8",
    "download": "M8 2.5v8M4.5 7 8 10.5 11.5 7M3 13.5h10",
    "filter": "M2 3.5h12L9.5 9v4.5l-3-1.5V9z",
    "help": "M6 6a2 2 0 1 1 2.6 1.9Q8 8.3 8 9.5M8 12v.3M8 1.5a6.5 6.5 0 1 0 .01 0z",
    "info": "M8 7v4.5M8 4.5v.3M8 1.5a6.5 6.5 0 1 0 .01 0z",
    "key": "M10.5 2.5a3 3 0 1 0 .01 0zM8.3 7.7 3 13M4.5 11.5l2 2",
    "link": "M6.5 9.5l3-3M7 5l1.8-1.8a2.8 2.8 0 0 1 4 4L11 9M9 11l-1.8 1.8a2.8 2.8 0 0 1-4-4L5 7",
    "lock": "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
    "mail": "M2 3.5h12v9H2zM2 4l6 5 6-5",
    "menu": "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
    "minus": "M3 8h10",
    "note": "M3 2.5h10v8l-3 3H3zM5.5 6h5M5.5 9h3",
    "people": "M5.5 3a2 2 0 1 0 .01 0zM1.5 13c0-5 8-5 8 0M11 4a1.7 1.7 0 1 0 .01 0zM11 9.3c2.4 0 3.5 1.4 3.5 3.7",
    "person": "M8 2.5a2.5 2.5 0 1 0 .01 0zM3 13.5c0-6 10-6 10 0",
    "play": "M4.5 3v10l8-5z",
    "print": "M4.5 6V2.5h7V6M4.5 11h-2V6h11v5h-2M4.5 9h7v4.5h-7z",
    "refresh": "M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3",
    "search": "M7 2.5a4.5 4.5 0 1 0 .01 0zM10.3 10.3l3.5 3.5",
    "sort": "M5 3v10M2.5 10.5 5 13l2.5-2.5M11 13V3M8.5 5.5 11 3l2.5 2.5",
    "undo": "M3 6.5h6a3.5 3.5 0 0 1 0 7H6M5.5 4 3 6.5 5.5 9",
    "upload": "M8 13.5v-8M4.5 9 8 5.5 11.5 9M3 2.5h10",
}


def icon(name: str, label: str = "") -> str:
    """Inline SVG. label: what it means when it stands alone; without one it is decoration. Raises KeyError."""
    drawn = element("path", d=ICONS[name])
    shared = {"class_": "icon", "width": 16, "height": 16, "viewBox": "0 0 16 16", "focusable": "false"}
    if label:
        return element("svg", drawn, role="img", aria_label=label, **shared)  # type: ignore[arg-type]
    return element("svg", drawn, aria_hidden="true", **shared)  # type: ignore[arg-type]
