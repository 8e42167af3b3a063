"""A recording whose text is corrected in a browser, and what the database says of it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.server import Server

SEED = """
from django.conf import settings
from accounts.models import User
from tests.factories import make_media, make_transcript
settings.UPLOADS.mkdir(exist_ok=True)
owner = User.objects.get(email={email!r})
recording = make_media(owner, folder=settings.UPLOADS)
transcript = make_transcript(recording, segments=3)
transcript.segments.filter(index=1).update(doubt="unsure")
print(recording.pk, transcript.pk)
"""
TEXTS = "SELECT index, text FROM transcription_transcriptsegment WHERE transcript_id = %s ORDER BY rank"


class Text:
    """A recording with a transcript of its own, and what the database says of it."""

    def __init__(self, server: Server, owner: str) -> None:
        told = server.manage("shell", "-v", "0", "-c", SEED.format(email=owner)).split()
        self.server, self.path, self.transcript = server, f"/recordings/{told[0]}/", int(told[1])

    def rows(self) -> list[tuple[int, str]]:
        return self.server.query(TEXTS, self.transcript)

    def delete(self, **edit: object) -> None:
        self.edit(service="editing.delete_passage", **edit)

    def add_version(self) -> None:
        """A second one, which is shown from now on."""
        code = (
            "from tests.factories import make_transcript; from transcription.models import Transcript;"
            f"make_transcript(Transcript.objects.get(pk={self.transcript}).recording, version=2)"
        )
        self.server.manage("shell", "-v", "0", "-c", code)

    def undo(self) -> None:
        self.edit(service="undoing.undo")

    def edit(self, *, service: str = "editing.change_text", **edit: object) -> None:
        """As another person would, in another process."""
        code = (
            "from accounts.models import User; from transcription.services import editing, edits, speakers, undoing;"
            "user = User.objects.filter(email='eve@example.org').first();"
            "user = user or User.objects.create_user('eve@example.org', 'x');"
            f"{service}(transcript_id={self.transcript}, by=edits.By(user), **{edit!r})"
        )
        self.server.manage("shell", "-v", "0", "-c", code)


def passage(page: Page, index: int):
    return page.locator(f"#s{index}")


def open_first(page: Page) -> Locator:
    """The field of the first passage, opened at a word."""
    passage(page, 0).locator(".seg-text").hover()
    page.get_by_text("word0.2").dblclick()
    return passage(page, 0).locator("textarea")


def come_back(page: Page) -> None:
    """To its tab: what others have written meanwhile is asked for at once, and not within five seconds."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def saved(page: Page) -> None:
    expect(page.locator("#save-status")).to_have_attribute("data-state", "saved")
