"""A process that appends its standard input to an upload and kills itself on reaching a given function:
``python -m tests.transcription.dying_upload UPLOAD package.module.function``."""

import os
import signal
import sys
from unittest import mock

import django


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    django.setup()
    from transcription.models import Upload
    from transcription.services import uploads

    with mock.patch(sys.argv[2], die):
        uploads.append_chunk(upload=Upload.objects.get(pk=sys.argv[1]), offset=0, data=sys.stdin.buffer.read())
