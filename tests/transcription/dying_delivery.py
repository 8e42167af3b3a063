"""A process that sends what is due to a webhook and kills itself on reaching a given function:
``python -m tests.transcription.dying_delivery WEBHOOK package.module.function``."""

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

    from transcription.services import deliveries

    settings.WEBHOOKS_ALLOW_PRIVATE = ["127.0.0.1"]
    with mock.patch(sys.argv[2], die):
        deliveries.send_due(webhook_id=uuid.UUID(sys.argv[1]))
