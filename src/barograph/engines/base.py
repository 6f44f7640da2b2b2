"""What every engine takes and gives: the same request, the same table, the same numbers."""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa

from barograph.signals.request import SignalRequest

__all__ = ["SignalEngine", "SignalRequest"]


class SignalEngine(Protocol):
    """Computes signals point in time."""

    def compute(self, request: SignalRequest) -> pa.Table:
        """One row per (account in the population, as_of), sorted by as_of, then account_id.

        Columns: `account_id`, `as_of` (day number), the account's state (docs/reference/signals.md), and per
        signal `<name>` (float, null when missing), `<name>__n` (facts behind it) and `<name>__why` (index into
        `barograph.definitions.signal.REASONS`).
        """
        ...
