"""Transcripts by the API: versions, segments, files."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.factories import make_job, make_live, make_recording, make_transcript, make_user
from tests.transcription.api.conftest import JSON, problem, queries
from transcription.api.transcripts import EXAMPLE, SEGMENT
from transcription.enums import JobState
from transcription.models import Job, Recording, Transcript
from transcription.services import exports
from transcription.speech.captions import FORMATS

pytestmark = pytest.mark.django_db
URL = "/api/v1/transcripts/"


@pytest.fixture
def transcript(owner: User) -> Transcript:
    return make_transcript(make_recording(owner, title="A/talk"), revision=4)


def versions(recording: Recording) -> str:
    return f"/api/v1/recordings/{recording.pk}/transcripts/"


def test_versions_are_listed_newest_first(client: Client, transcript: Transcript):
    second = make_transcript(transcript.recording, version=2)
    rows = client.get(versions(transcript.recording)).json()["results"]
    assert [row["id"] for row in rows] == [second.pk, transcript.pk]
    assert set(rows[0]) == set(EXAMPLE)


def test_lists_make_as_many_queries_for_three_rows_as_for_one(client: Client, owner: User):
    counts = []
    for rows in (1, 3):
        recording = make_recording(owner)
        made = [make_transcript(recording, version=n, segments=rows) for n in range(1, rows + 1)]
        segments = f"{URL}{made[0].pk}/segments/?words=true"
        counts.append([queries(client, address) for address in (versions(recording), segments)])
    assert counts[0] == counts[1]


def test_transcribing_again_makes_a_job(client: Client, transcript: Transcript):
    answer = client.post(versions(transcript.recording), {"language": "de", "task": "translate"}, content_type=JSON)
    job = Job.objects.get()
    assert (answer.status_code, answer["Location"], answer.json()["id"]) == (201, f"/api/v1/jobs/{job.pk}/", job.pk)
    assert (job.language, job.task, job.state) == ("de", "translate", "queued")
    again = client.post(versions(transcript.recording), {}, content_type=JSON)
    assert problem(again) == (409, "already_running")


@pytest.mark.parametrize(
    "body",
    ['{"language": "xx"}', '{"model": 3}', '{"model": null}', '{"engine": "scripted"}', '{"vocabulary": ["a"]}', "[]"],
)
def test_choices_that_mean_nothing_are_refused(client: Client, transcript: Transcript, body: str):
    assert client.post(versions(transcript.recording), body, content_type=JSON).status_code == 400
    assert Job.objects.count() == 0


def test_version_is_not_sent_again_until_it_changes(client: Client, transcript: Transcript):
    answer = client.get(f"{URL}{transcript.pk}/")
    assert (answer.status_code, answer.json()["revision"]) == (200, 4)
    known = {"If-None-Match": answer["ETag"]}
    same = client.get(f"{URL}{transcript.pk}/", headers=known)
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", answer["ETag"])
    Transcript.objects.update(revision=5)
    changed = client.get(f"{URL}{transcript.pk}/", headers=known)
    assert (changed.status_code, changed.json()["revision"]) == (200, 5)


def test_version_is_deleted_as_it_was_read(client: Client, transcript: Transcript):
    make_transcript(transcript.recording, version=2)
    address = f"{URL}{transcript.pk}/"
    etag = client.get(address)["ETag"]
    assert problem(client.delete(address)) == (428, "precondition_required")
    for other in ('"other"', f"W/{etag}", "odd", ""):
        assert problem(client.delete(address, headers={"If-Match": other})) == (412, "precondition_failed")
    Transcript.objects.filter(pk=transcript.pk).update(revision=5)
    assert problem(client.delete(address, headers={"If-Match": etag})) == (412, "precondition_failed")
    newest = client.get(address)["ETag"]
    assert client.delete(address, headers={"If-Match": f'"x", {newest}'}).status_code == 204
    assert [each.version for each in Transcript.objects.all()] == [2]


def test_version_that_is_needed_stays(client: Client, owner: User, transcript: Transcript):
    anything = {"If-Match": "*"}
    assert problem(client.delete(f"{URL}{transcript.pk}/", headers=anything)) == (409, "wrong_state")
    written = make_transcript(transcript.recording, version=2, is_complete=False)
    job = make_job(transcript.recording)
    Job.objects.filter(pk=job.pk).update(transcript=written, state=JobState.TRANSCRIBING)
    assert problem(client.delete(f"{URL}{written.pk}/", headers=anything)) == (409, "wrong_state")
    spoken = make_live(owner)
    make_transcript(spoken.recording, version=2)
    assert problem(client.delete(f"{URL}{spoken.transcript_id}/", headers=anything)) == (409, "wrong_state")
    assert Transcript.objects.count() == 4


def test_segments_come_in_order_and_in_parts(client: Client, transcript: Transcript):
    first = client.get(f"{URL}{transcript.pk}/segments/?limit=2").json()
    assert [row["index"] for row in first["results"]] == [0, 1]
    assert set(first["results"][0]) == set(SEGMENT)
    rest = client.get(first["next"]).json()
    assert ([row["index"] for row in rest["results"]], rest["next"]) == ([2], None)
    assert client.get(f"{URL}{transcript.pk}/segments/?after=1").json()["results"] == rest["results"]


def test_segments_come_with_words_where_asked(client: Client, transcript: Transcript):
    row = client.get(f"{URL}{transcript.pk}/segments/?words=true&limit=1").json()["results"][0]
    assert row["words"][0] == {"start": 0.0, "end": 0.6, "text": " word0.0", "probability": 0.3, "edited": False}


@pytest.mark.parametrize(
    "query", ["after=-2", "after=x", "after=99999999999999999999", "limit=1001", "limit=", "words=1", "page=2"]
)
def test_part_that_cannot_be_is_refused(client: Client, transcript: Transcript, query: str):
    assert client.get(f"{URL}{transcript.pk}/segments/?{query}").status_code == 400


@pytest.mark.parametrize("name", FORMATS)
def test_export_is_the_file_that_the_page_gives(
    client: Client, client_of_owner: Client, transcript: Transcript, name: str
):
    answer = client.get(f"{URL}{transcript.pk}/export/?format={name}")
    page = client_of_owner.get(f"/recordings/{transcript.recording_id}/export/{name}/")
    if FORMATS[name].is_binary:  # they hold the time at which they were made
        assert answer.content[:4] == page.content[:4]
    else:
        assert answer.content == exports.export_transcript(transcript=transcript, format=name).content == page.content
    headers = ("Content-Type", "Content-Disposition")
    assert [answer[header] for header in headers] == [page[header] for header in headers]
    assert answer["Content-Disposition"] == f'attachment; filename="A-talk.{FORMATS[name].extension}"'


@pytest.mark.parametrize("query", ["", "?format=doc", "?format=", "?format=%00"])
def test_export_in_no_known_format_is_refused(client: Client, transcript: Transcript, query: str):
    assert problem(client.get(f"{URL}{transcript.pk}/export/{query}")) == (400, "invalid")


@pytest.mark.parametrize("rest", ["", "segments/", "export/?format=txt"])
def test_what_no_library_shows_does_not_exist(client: Client, owner: User, rest: str):
    others = [
        make_recording(make_user()),
        make_recording(owner, deleted_at=timezone.now()),
        make_recording(owner, delete_after=timezone.now()),
    ]
    for pk in [*(make_transcript(recording).pk for recording in others), 0, 2**63, 10**30]:
        assert problem(client.get(f"{URL}{pk}/{rest}")) == (404, "not_found")
