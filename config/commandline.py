"""Runs a management command with what it needs: the embedded servers for its duration, and an up-to-date schema.

Errors of the installation end in one line, without a traceback (``--traceback`` brings it back).
"""

from __future__ import annotations

import contextlib
import os
import sys

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from config.embedded import Attachment, EmbeddedError

SUPERVISED = "SCRIPTA_SUPERVISED"
"""Set for the processes that ``serve`` starts: the servers run and the schema is current already."""

WITHOUT_SERVERS = {
    "benchmark",  # starts servers of its own, in a folder of its own
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "evaluate",
    "fetch_model",
    "findstatic",
    "help",
    "make_icons",
    "makemessages",
    "makemigrations",
    "serve",  # starts them itself, and keeps them running
    "startapp",
    "transcribe",
    "update_messages",
    "version",
}
"""Every other command may use the database. A command missing here only starts servers that it does not need."""
WITHOUT_MIGRATING = {"dbshell", "migrate", "restore", "showmigrations", "sqlflush", "sqlmigrate", "squashmigrations"}


def run(argv: list[str]) -> int:
    """Run ``manage.py``'s command and return the exit status for the shell."""
    try:
        with _servers(argv) as embedded:
            if embedded and argv[1] not in WITHOUT_MIGRATING:
                _migrate()
            execute_from_command_line(argv)
    except (EmbeddedError, ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in argv:
            raise
        sys.stderr.write(f"{str(error).strip()}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _servers(argv: list[str]) -> contextlib.AbstractContextManager[Attachment | None]:
    wanted = len(argv) > 1 and argv[1] not in WITHOUT_SERVERS and not {"-h", "--help", "--version"} & set(argv)
    if not wanted or SUPERVISED in os.environ or not (settings.EMBEDDED_DATABASE or settings.EMBEDDED_REDIS):
        return contextlib.nullcontext()
    return Attachment(settings.DATA, postgres=settings.EMBEDDED_DATABASE, valkey=settings.EMBEDDED_REDIS)


def _migrate() -> None:
    django.setup()
    from config import schema  # noqa: PLC0415 -- needs the applications loaded

    if (
        settings.EMBEDDED_DATABASE
    ):  # a shared database is migrated by serve or by hand, not by any command that comes along
        schema.bring_up_to_date()
