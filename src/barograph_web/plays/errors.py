"""Why a write was not done."""

from __future__ import annotations

from typing import Any


class RefusedError(ValueError):
    """It breaks a rule. `field` names what to change; the text says how."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


class OvertakenError(RuntimeError):
    """Somebody changed the row meanwhile: `latest` as it stands now. Nothing was written."""

    def __init__(self, latest: Any) -> None:
        super().__init__("somebody changed it meanwhile")
        self.latest = latest
