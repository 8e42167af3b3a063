"""What must hold for every page: no refused resource, no script error, nothing axe finds, no sideways scrolling."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import EMAIL
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

AXE = Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js"
SEED = """
from django.conf import settings
from accounts.models import User
from accounts.services import keys
from tests.factories import make_media, make_recording, make_transcript, make_user, share
from transcription.enums import JobState, TagColor, VideoState
from transcription.models import CaptionedVideo, DataExport, Job, Recording, RetentionRule, TranscriptSegment
from transcription.models import Upload, Webhook
from transcription.services import captioned_videos, comments, deliveries, edits, editing, links, marks, speakers
from transcription.services import versions, vocabulary
from transcription.services.recordings import move_to_trash, rename_recording, save_waveform
from django.utils import timezone
settings.UPLOADS.mkdir(exist_ok=True)
owner = User.objects.get(email={email!r})
talk = make_media(owner, folder=settings.UPLOADS)
rename_recording(recording=talk, title="A talk with a rather long title, as people give them to what they recorded")
save_waveform(recording_id=talk.pk, peaks=bytes(range(250)), seconds=9)
transcript = make_transcript(talk, segments=5)
make_transcript(talk, segments=5, version=2, model="small")
versions.show_version(recording=talk, version=1)
by = edits.By(owner)
editing.change_text(transcript_id=transcript.pk, by=by, index=0, revision=0, text="word0.0 and something else word0.4")
speakers.assign_speaker(transcript_id=transcript.pk, by=edits.By(owner), indexes=[0, 1, 3], name="Ada Lovelace")
versions.name_revision(transcript=transcript, user=owner, name="Proofread")
share(talk, make_user("grace@example.org", name="Grace with a rather long name, as nobody has one " * 3), role="editor")
label = "For all those who could not come, and for those who went early"
choices = links.LinkChoices(kind="transcript", role="comment", label=label, password="correct horse")
links.create_link(recording=talk, user=owner, choices=choices)
by = comments.Commenter(user=owner)
where = {{"recording": talk, "transcript_id": transcript.pk}}
said = [comments.add_comment(**where, by=by, index=n, text="Overlong" * 50) for n in range(2)]
comments.reply(parent=said[0], by=by, text="Because.")
comments.set_resolved(comment=said[1], by=by, resolved=True)
theirs = make_media(make_user(name="Grace"), folder=settings.UPLOADS)
make_transcript(theirs)
share(theirs, owner)
TranscriptSegment.objects.filter(index=1).update(doubt="loop")
filmed = make_media(owner, folder=settings.UPLOADS)
make_transcript(filmed, segments=0, words=1)
captioned_videos.request_video(recording=talk)
CaptionedVideo.objects.update(state=VideoState.FAILED, error_message="This file is damaged.", file=talk.media.name)
states = [
    dict(state=JobState.QUEUED), dict(state=JobState.TRANSCRIBING, progress=0.43, seconds_left=130, attempt=1),
    dict(state=JobState.DONE), dict(state=JobState.DONE_WITH_WARNING, warning="Some passages could not be read."),
    dict(state=JobState.FAILED, error_code="media_unreadable", error_message="This file is damaged.", attempt=1),
    dict(state=JobState.CANCELLED),
]
shown = [talk, theirs]
for fields in states:
    recording = make_recording(owner, title=f"Recording that is {{fields['state'].label}}")
    Job.objects.create(recording=recording, engine="none", model="base", **fields)
    shown.append(recording)
arriving = make_recording(owner, title="Arriving", state="uploading")
Upload.objects.create(recording=arriving, length=3000, offset=1000, expires_at=timezone.now() + timezone.timedelta(1))
for name in ("laptop", "A key with a rather long name, as people give them when they want to remember what it is for"):
    keys.create_key(user=owner, name=name)
keys.revoke(row=keys.create_key(user=owner, name="old")[0])
told = [
    Webhook.objects.create(user=owner, url=url, events=["recording.created", "transcript.completed"])
    for url in ("https://nobody.invalid/hook", "https://nobody.invalid/" + "a-rather-long-address/" * 8)
]
make_recording(owner)
for webhook in told:
    sent = deliveries.ping(webhook=webhook)
deliveries.disable(webhook=told[1], reason="gone")
move_to_trash(recording=make_recording(owner, title="Thrown away"))
print(f"/recordings/{{talk.pk}}/versions/", f"/recordings/{{talk.pk}}/versions/compare/")
captioned = (talk, filmed, arriving)
print(*(f"/recordings/{{recording.pk}}/captions/" for recording in captioned))
for color in TagColor:
    marks.add_tag(tag=marks.create_tag(owner=owner, name=f"A tag in {{color}}", color=color), recordings=[talk])
marks.set_favourite(user=owner, recordings=[talk], is_favourite=True)
RetentionRule.objects.create(user=owner, sound_days=4)
vocabulary.save_terms(user=owner, text="Scripta\\nDr Ångström")
DataExport.objects.create(user=owner, state="ready", size=10**6, expires_at=timezone.now())
DataExport.objects.create(user=owner, state="failed", error_message="The server's disk is full.")
DataExport.objects.create(user=owner, state="writing", progress=0.4)
print(f"/recordings/{{talk.pk}}/tags/ /recordings/{{talk.pk}}/terms/")
print(*(f"/recordings/{{recording.pk}}/" for recording in shown), f"/recordings/{{talk.pk}}/sharing/")
print(*(f"/webhooks/{{webhook.pk}}/" for webhook in told))
"""
FIXED = [
    "/",
    "/?shared",
    "/trash/",
    "/tags/",
    "/vocabulary/",
    "/storage/",
    "/storage/account/",
    "/?q=nothing+is+called+like+this",
    "/webhooks/",
    "/accounts/profile/",
    "/accounts/password/",
    "/accounts/invitations/",
    "/api/",
    "/nowhere/",
]
LOOKS = {
    "light": {"color_scheme": "light"},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "color_scheme": "dark"},
    "narrowest": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
}
"""Each state in the light and in the dark; the smaller windows are the dark ones."""


@pytest.fixture(scope="module")
def paths(server: Server, signed_in) -> list[str]:
    told = server.manage("shell", "-v", "0", "-c", SEED.format(email=EMAIL))
    return [*FIXED, *told.split()]


@pytest.mark.parametrize("look", ["light", "narrowest"])
def test_pages_have_no_flaws(new_tab, server, paths, look):
    page = new_tab(**LOOKS[look])
    for path in paths:
        if path == "/nowhere/":  # Chromium itself reports a page that is not found as an error
            continue
        page.goto(f"{server.url}{path}")
        _open_everything(page)
        assert (path, flaws(page)) == (path, [])
        assert (path, too_wide(page)) == (path, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_strangers_have_no_flaws(browser, server, scheme):
    profile = browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 844})
    page = profile.new_page()
    for path in ("/accounts/sign-in/", "/accounts/reset/", "/nowhere/", "/accounts/first-run/nothing/"):
        page.goto(f"{server.url}{path}")
        assert (path, flaws(page)) == (path, [])
        assert (path, too_wide(page)) == (path, [])
    profile.close()


def _open_everything(page: Page) -> None:
    page.evaluate(
        "for (const each of document.querySelectorAll('.options, .filters-more, .disclosure')) each.open = true"
    )
    if page.locator("[data-select]").count():
        page.locator("[data-select]").first.check()
    for closed in page.locator("#comments-button[aria-expanded=false]").all():
        closed.click()
    if page.locator("#api").count():  # drawn by its script, from the description
        page.locator(".opblock-summary-control").first.click()
        page.locator(".opblock-body .microlight").first.wait_for()


def flaws(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds: its rule, and the elements."""
    page.emulate_media(reduced_motion="reduce")  # of what is about to appear it would see only half the contrast
    page.evaluate(AXE.read_text())
    # Without preload: it copies style sheets into <style> elements, which the policy refuses. Of what is right it need
    # tell nothing, which takes it most of its time.
    found = page.evaluate("() => axe.run(document, { preload: false, resultTypes: ['violations'] })")
    return [(flaw["id"], [node["html"][:200] for node in flaw["nodes"]]) for flaw in found["violations"]]


def too_wide(page: Page) -> list[str]:
    """Elements that make the page scroll sideways."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.querySelectorAll("body *")]
                .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
                .slice(0, 5).map((each) => each.outerHTML.slice(0, 120))"""
    )
