"""Structured logs: one line per event, with the request's id; as text for people or JSON for machines."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "request"}


class RequestFilter(logging.Filter):
    """Adds `request_id` to every record, empty outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        from barograph_web.ops.current import acting  # noqa: PLC0415 - models are not ready while logging is set up

        record.request_id = acting().request_id
        return True


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
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)
