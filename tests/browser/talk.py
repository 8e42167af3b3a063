"""A recording that is shared and commented on, and one of those with whom."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import EMAIL
from tests.browser.test_every_page import flaws, too_wide
from tests.server import Server

GRACE, PASSWORD = "grace@example.org", "correct horse battery"
SEED = """
from django.conf import settings
from accounts.models import User
from tests.factories import make_job, make_media, make_transcript
from transcription.models import Job
from transcription.services.recordings import rename_recording, save_waveform
settings.UPLOADS.mkdir(exist_ok=True)
talk = make_media(User.objects.get(email={email!r}), folder=settings.UPLOADS)
rename_recording(recording=talk, title="Board meeting")
save_waveform(recording_id=talk.pk, peaks=bytes(range(250)), seconds=talk.duration)
told = make_job(talk, vocabulary="word1.1")
Job.objects.filter(pk=told.pk).update(transcript=make_transcript(talk, segments=3), state="done")
print(talk.pk)
"""


def make_talk(server: Server) -> str:
    """The path of a recording with three passages; Grace has an account."""
    server.manage("create_user", GRACE, "--name", "Grace", given=f"{PASSWORD}\n")
    return f"/recordings/{server.manage('shell', '-v', '0', '-c', SEED.format(email=EMAIL)).strip()}/"


def no_flaws(page: Page) -> None:
    assert (page.url, flaws(page), too_wide(page)) == (page.url, [], [])
