"""A process that makes a video with captions and kills itself on reaching a given function:
``python -m tests.transcription.dying_video RECORDING package.module.function``."""

import os
import signal
import sys
from unittest import mock
from uuid import UUID

import django


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    django.setup()
    from transcription.services import captioned_videos

    with mock.patch(sys.argv[2], die):
        captioned_videos.make_video(recording_id=UUID(sys.argv[1]))
