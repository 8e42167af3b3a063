"""Logging for all processes: one line an event, keys and values, on standard error."""

from __future__ import annotations

import logging.config
import re
import sys

import structlog
from structlog.typing import Processor

SECRET_PATH = re.compile(r"(/accounts/(?:first-run|invitation|reset)/|/watch/|/shared/|[?&]token=)[^\s\"'?&\x1b]+")
"""Links of accounts, and those to recordings: in the path of their pages, in the query of their WebSocket."""
KEY = re.compile(r"(scr_)[\w-]{20,}")


class Formatter(structlog.stdlib.ProcessorFormatter):
    """Hides secrets of links and keys, whoever logs them: the web server, Django about a 404, a library."""

    def format(self, record: logging.LogRecord) -> str:
        return KEY.sub(r"\1[secret]", SECRET_PATH.sub(r"\1[secret]", super().format(record)))


def configure(*, level: str) -> None:
    """Route the standard library's loggers and structlog's through one formatter. Coloured on a terminal only."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": Formatter,
                    "processor": structlog.dev.ConsoleRenderer(
                        colors=sys.stderr.isatty(),
                        # The default shows local variables when rich is installed: passwords, secrets of links.
                        exception_formatter=structlog.dev.plain_traceback,
                    ),
                    "foreign_pre_chain": shared,
                },
            },
            "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["console"], "level": level},
            "loggers": {
                # Their INFO repeats what our own lines say, several times a second.
                "procrastinate": {"level": "WARNING"},
                "django_structlog": {"level": "WARNING"},
                "axes": {"level": "WARNING"},
                "daphne": {"level": "WARNING"},
                "faster_whisper": {"level": "WARNING"},
                # Its warning quotes what a server answered, and the address that somebody typed.
                "urllib3.connection": {"level": "ERROR"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
