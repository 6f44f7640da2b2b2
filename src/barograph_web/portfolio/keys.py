"""Account ids in addresses: any text, in one path segment, readable where it can be."""

from __future__ import annotations

from urllib.parse import quote, unquote


class AccountKey:
    """Path converter. `~` stands in for `%`, so that slashes and spaces survive every server and proxy."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return unquote(value.replace("~", "%"), errors="strict")

    def to_url(self, value: str) -> str:
        if value in {".", ".."}:  # browsers take these out of a path
            return value.replace(".", "~2E")
        return quote(value, safe="").replace("~", "%7E").replace("%", "~")
