"""A process that makes a proposal and kills itself when the engine begins to read:
``python -m tests.transcription.dying_proposal PROPOSAL``."""

import os
import signal
import sys
from unittest import mock

import django


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    django.setup()
    from transcription import whisper_service
    from transcription.services import proposing
    from transcription.speech.engines.scripted import ScriptedEngine

    with (
        mock.patch.object(whisper_service, "get_engine", return_value=ScriptedEngine()),
        mock.patch.object(ScriptedEngine, "transcribe", die),
    ):
        proposing.make_proposal(proposal_id=int(sys.argv[1]))
