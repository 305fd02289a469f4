"""Logging: one JSON object a line on standard error."""

from __future__ import annotations

import json
import logging
import sys

from conformity.entry.plain import plain_json


class _JsonLines(logging.Formatter):
    """Write a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON with level, logger and message."""
        entry = {"level": record.levelname.lower(), "logger": record.name, "event": record.getMessage()}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return plain_json(json.dumps(entry, ensure_ascii=False))


def set_up_logging(debug: bool) -> None:
    """Send our log lines to standard error: all of them when ``debug``, else errors alone."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logger = logging.getLogger("conformity")
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG if debug else logging.ERROR)
    logger.propagate = False
