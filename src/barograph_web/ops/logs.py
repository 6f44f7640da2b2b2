"""Structured logs: one line per event, with the request's id; as text for people or JSON for machines.

Secrets are struck out before any formatter sees a record: from the message, from what was added, from the traceback.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from barograph_web.ops.redaction import without_secrets

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "request"}


class RequestFilter(logging.Filter):
    """Adds `request_id` to every record, empty outside a request, and takes secrets out."""

    def filter(self, record: logging.LogRecord) -> bool:
        from barograph_web.ops.current import acting  # noqa: PLC0415 - models are not ready while logging is set up

        record.request_id = acting().request_id
        record.msg, record.args = without_secrets(record.getMessage()), None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = without_secrets("".join(traceback.format_exception(*record.exc_info)).rstrip())
        for name, value in vars(record).items():
            if name not in _STANDARD:
                setattr(record, name, _clean(value))
        return True


class TextFormatter(logging.Formatter):
    """One line for people: time, level, logger, message, and what the call added as key=value."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the standard library's name
        added = [f"{k}={v}" for k, v in vars(record).items() if k not in _STANDARD and v is not None]
        return " ".join([super().formatMessage(record), *added])


class JsonFormatter(logging.Formatter):
    """One JSON object per line: at, level, logger, message, request_id, what the call added, and a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", ""),
        }
        line |= {k: v for k, v in vars(record).items() if k not in _STANDARD}
        if record.exc_text:
            line["traceback"] = record.exc_text
        return json.dumps(line, default=str, ensure_ascii=False)


def _clean(value: Any) -> Any:
    match value:
        case str():
            return without_secrets(value)
        case dict():
            return {key: _clean(item) for key, item in value.items()}
        case list() | tuple():
            return [_clean(item) for item in value]
        case None | bool() | int() | float():
            return value
        case _:
            return without_secrets(str(value))
