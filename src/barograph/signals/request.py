"""What is asked of an engine: which signals, of which raw files, as of which days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from barograph.definitions.model import Population
from barograph.definitions.signal import Signal
from barograph.errors import UsageError
from barograph.signals.grid import STEP_DAYS


@dataclass(frozen=True, slots=True)
class SignalRequest:
    """Which signals, of which raw files, as of which days.

    sources: table -> its Parquet files in the raw layout; a table that is not there has no facts.
    days: local day numbers, ascending; one day, or several exactly seven apart.
    unit: "product" scores every product of an account by itself (see docs/reference/signals.md).
    """

    sources: Mapping[str, Sequence[Path]]
    signals: tuple[Signal, ...]
    population: Population
    days: tuple[int, ...]
    timezone: str = "UTC"
    unit: Literal["account", "product"] = "account"

    def __post_init__(self) -> None:
        steps = {later - earlier for earlier, later in zip(self.days, self.days[1:], strict=False)}
        if not self.days or steps - {STEP_DAYS}:
            raise UsageError(
                f"signals are computed as of one day or of days {STEP_DAYS} apart, got {list(self.days)[:5]}."
            )

    @property
    def first_day(self) -> int:
        return self.days[0]
