"""A process that closes a live recording and kills itself on reaching a given function, or having left it:
``python -m tests.transcription.dying_closing RECORDING package.module.function before|after``."""

import os
import signal
import sys
from importlib import import_module
from typing import Any
from unittest import mock
from uuid import UUID

import django


def deadly(function: Any, moment: str) -> Any:
    def die(*arguments: Any, **named: Any) -> None:
        if moment == "after":
            function(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return die


if __name__ == "__main__":
    django.setup()
    from transcription.services import closing

    module, _, name = sys.argv[2].rpartition(".")
    original = getattr(import_module(module), name)
    with mock.patch(sys.argv[2], deadly(original, sys.argv[3])):
        closing.close_live(recording_id=UUID(sys.argv[1]))
