"""A process that fetches the file of a recording and kills itself on reaching a given function:
``python -m tests.transcription.dying_import RECORDING package.module.function``."""

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
    from django.conf import settings

    from transcription.services import imports

    settings.WEBHOOKS_ALLOW_PRIVATE = settings.IMPORT_HOSTS = ["127.0.0.1"]
    with mock.patch(sys.argv[2], die):
        imports.fetch(recording_id=uuid.UUID(sys.argv[1]))
