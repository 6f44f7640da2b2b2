"""Errors a person reads: what happened, where, what the limit was and what to do next.

The exit codes are part of the command line's contract (docs/reference/cli.md): 1 failed, 2 wrong usage,
3 refused for lack of data or evidence.
"""

from __future__ import annotations


class BarographError(Exception):
    """Something a person can act on. `hint` says what to do; `where` names file, row or key."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.hint}" if self.hint else ""
        return f"{place}{self.message}{advice}"


class UsageError(BarographError):
    """The call, a setting or a definition is wrong; nothing was done."""

    exit_code = 2


class DefinitionError(UsageError):
    """A model file breaks a rule: the text names file, key and value."""


class RefusedError(BarographError):
    """There is not enough data or evidence; the text says what is missing and how much."""

    exit_code = 3


class ImportRefusedError(BarographError):
    """A file does not fit the data contract; nothing of it was stored."""


class LakeError(BarographError):
    """The workspace's files are not as they were published."""


class LockedError(BarographError):
    """Another process holds the workspace."""
