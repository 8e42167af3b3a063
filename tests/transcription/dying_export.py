"""A process that writes a copy of a person's data and kills itself on reaching a given function:
``python -m tests.transcription.dying_export EXPORT package.module.function``."""

import os
import signal
import sys
import uuid
from unittest import mock

import django


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    django.setup()
    from transcription.services import data_export

    with mock.patch(sys.argv[2], die):
        data_export.write(export_id=uuid.UUID(sys.argv[1]))
