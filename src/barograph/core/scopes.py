"""Which accounts a scope means: segment, plan, lifecycle and other attributes against declared values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray
from barograph.definitions.base import Scalar, Scope

Attributes = Mapping[str, AnyArray]
"""Account state by column name, one value per account; None and NaN are unknown."""


def in_scope(scope: Scope, attributes: Attributes, size: int) -> BoolArray:
    """One flag per account: every attribute named has the value, or one of the values, declared.

    An empty scope means all accounts. An unknown value, and an attribute that does not exist, match nothing.
    Text compares exactly; true and false match only themselves, not 1 and 0.
    """
    mask = np.ones(size, dtype=bool)
    for name, wanted in scope.items():
        column = attributes.get(name)
        if column is None:
            return np.zeros(size, dtype=bool)
        allowed = wanted if isinstance(wanted, tuple) else (wanted,)
        mask &= _equals_any(column, allowed)
    return mask


def first_scope(scopes: tuple[Scope, ...], attributes: Attributes, size: int) -> AnyArray:
    """Per account the index of the first scope it is in, -1 for none."""
    chosen = np.full(size, -1, dtype=np.int64)
    for index, scope in enumerate(scopes):
        chosen[(chosen < 0) & in_scope(scope, attributes, size)] = index
    return chosen


def _equals_any(column: AnyArray, allowed: tuple[Scalar, ...]) -> BoolArray:
    mask = np.zeros(len(column), dtype=bool)
    for value in allowed:
        if column.dtype.kind in (
            "U" if isinstance(value, str) else "b" if isinstance(value, bool) else "iuf"
        ):
            mask |= column == value
        elif column.dtype == object:
            mask |= np.fromiter((_same(item, value) for item in column.tolist()), bool, count=len(column))
    return mask


def _same(item: object, value: Scalar) -> bool:
    # True == 1 in Python: a flag is only ever the same as a flag
    return isinstance(item, bool | np.bool_) == isinstance(value, bool) and item == value
