"""Names of columns and files: when two are the same, and what an attribute is called."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

PREFIXES = ("cf_", "custom.", "custom_", "traits.", "traits_")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def squash(name: str) -> str:
    """The name without case, spaces, hyphens and underscores: equal for names that are the same column."""
    return re.sub(r"[\s_\-\u00a0]+", "", unicodedata.normalize("NFKC", name)).casefold()


def without_prefix(name: str) -> str:
    """The name without a prefix that marks a custom field (`cf_`, `custom.`, `traits.`)."""
    low = name.strip().lower()
    for prefix in PREFIXES:
        if low.startswith(prefix) and len(low) > len(prefix):
            return name.strip()[len(prefix) :]
    return name.strip()


def words(name: str) -> tuple[str, ...]:
    """The words of a name: split at capitals and at everything that is neither letter nor digit."""
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", name))
    return tuple(re.sub(r"[^\w]|_", " ", spaced).lower().split())


def attribute_name(name: str) -> str:
    """What a column that the contract does not name is called: lower-case words joined by underscores.

    >>> attribute_name("cf_Customer Tier"), attribute_name("PaperlessBilling")
    ('customer_tier', 'paperless_billing')
    """
    return "_".join(words(without_prefix(name)))[:63] or "unnamed"


def alike(one: str, other: str) -> float:
    """How alike two names are, 0 to 1; by their words as well as by their letters."""
    left, right = words(one), words(other)
    if not left or not right:
        return 0.0
    letters = SequenceMatcher(None, "".join(left), "".join(right)).ratio()
    shared = len(set(left) & set(right))
    return max(letters, 0.9 * 2 * shared / (len(set(left)) + len(set(right))))
