"""Runs management commands one after the other in one process, because starting Django for each takes seconds.

``python -m tests.commands`` reads lines of JSON from its input (``arguments`` of a command, and what is ``given`` on
its standard input) and answers each by a line: its ``output``, and the ``error`` by which it ended, or null.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
from typing import Any
from unittest import mock

import django
from django.core.management import call_command
from django.db import connections


def main() -> None:
    # For this conversation alone: whatever a command prints or starts has other streams.
    asked, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    django.setup()
    for line in asked:
        answers.write(json.dumps(perform(**json.loads(line))) + "\n")
        answers.flush()


def perform(arguments: list[str], given: str) -> dict[str, Any]:
    output, error = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(output), mock.patch.object(sys, "stdin", io.StringIO(given)):
            call_command(*arguments)
    except (Exception, SystemExit):
        error = traceback.format_exc()
    finally:
        connections.close_all()  # the database may be ended before the next command
    return {"output": output.getvalue(), "error": error}


if __name__ == "__main__":
    main()
