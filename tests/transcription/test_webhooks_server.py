"""The whole product: a file fetched from one server, and another one told of it by the worker."""

from __future__ import annotations

import threading
import time

import pytest

from tests.factories import DATA
from tests.receiver import Receiver, is_signed, status
from tests.server import Server

pytestmark = pytest.mark.server
SETTINGS = {"SCRIPTA_WEBHOOKS_ALLOW_PRIVATE": "127.0.0.1", "SCRIPTA_IMPORT_HOSTS": "127.0.0.1"}
EMAIL = "ada@example.org"
ADD = """
from accounts.models import User
from transcription.enums import WebhookEvent
from transcription.services import signing, webhooks
owner = User.objects.get(email={email!r})
made = [webhooks.create_webhook(owner=owner, url=url, events=WebhookEvent.values) for url in {urls!r}]
print(*(signing.secret_of(webhook=webhook) for webhook in made))
"""
FETCH = """
from accounts.models import User
from transcription.services import imports
from transcription.services.jobs import JobOptions
owner = User.objects.get(email={email!r})
print(imports.import_url(owner=owner, url={url!r}, title="From elsewhere", options=JobOptions()).pk)
"""


@pytest.mark.parametrize("server", [SETTINGS], indirect=True)
def test_fetched_file_is_told_of_while_another_receiver_hangs(server: Server):
    server.manage("create_user", EMAIL, given="correct horse battery\n")
    free = threading.Event()
    speech = (DATA / "LJ001-0001.flac").read_bytes()
    with (
        Receiver(status(200, speech)) as files,
        Receiver(lambda _: free.wait(60)) as hanging,
        Receiver() as good,
    ):
        shell = ("shell", "-v", "0", "-c")
        secret = server.manage(*shell, ADD.format(email=EMAIL, urls=[hanging.url, good.url])).split()[1]
        recording = server.manage(*shell, FETCH.format(email=EMAIL, url=files.url)).strip()
        deadline = time.monotonic() + 60
        while len(good.received) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        free.set()
    told = [(message.json()["type"], message.json()["data"]["recording"]["id"]) for message in good.received]
    assert told == [("recording.created", recording), ("transcript.completed", recording)]
    assert all(is_signed(message, secret) for message in good.received)
    assert hanging.received[0].json() == good.received[0].json()
