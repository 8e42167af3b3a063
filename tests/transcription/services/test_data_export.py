"""A copy of all own data: whole, one at a time, and finished whatever happens to its worker."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.services import keys
from tests.factories import make_media, make_recording, make_transcript, make_user, share
from tests.server import ROOT
from tests.web import environment_for_process
from transcription.enums import ExportState
from transcription.errors import StorageFull, WrongState
from transcription.models import Comment, DataExport
from transcription.services import (
    comments,
    data_export,
    editing,
    links,
    marks,
    passing,
    queue,
    room,
    sharing,
    versions,
    vocabulary,
    webhooks,
)
from transcription.services.comments import Commenter
from transcription.services.edits import By

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user("ada@example.org", name="Ada")


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"
    settings.UPLOADS.mkdir()


def unpacked(export: DataExport) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(export.file.read())) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def make_export(owner) -> DataExport:
    made = data_export.request_export(user=owner)
    data_export.write(export_id=made.pk)
    made.refresh_from_db()
    return made


def test_copy_holds_all_that_is_the_persons_and_nothing_else(owner, settings):
    talk = make_media(owner, folder=settings.UPLOADS)
    talk.title = "A/B"
    talk.save()
    make_transcript(talk, segments=1, words=2)
    make_transcript(talk, version=2, segments=2)
    twin = make_recording(owner, title="a/b", deleted_at=timezone.now())
    make_recording(title="somebody else's")
    tag = marks.create_tag(owner=owner, name="Work", color="blue")
    marks.add_tag(tag=tag, recordings=[talk])
    vocabulary.save_terms(user=owner, text="Scripta\nÅngström")
    export = make_export(owner)
    assert (export.state, export.progress, export.size) == (ExportState.READY, 1.0, export.file.size)
    files = unpacked(export)
    day = f"{talk.created_at:%Y-%m-%d}"
    assert sorted(files) == sorted(
        [
            "account.json",
            f"recordings/{day} A-B/recording.json",
            f"recordings/{day} A-B/media {talk.original_name}",
            *(f"recordings/{day} A-B/transcript {n}.{kind}" for n in (1, 2) for kind in ("json", "txt")),
            f"recordings/{day} a-b (2)/recording.json",
        ]
    )
    assert files[f"recordings/{day} A-B/media {talk.original_name}"] == talk.media.open().read()
    assert files[f"recordings/{day} A-B/transcript 1.txt"].decode().split() == ["word0.0", "word0.1"]
    account = json.loads(files["account.json"])
    assert (account["email"], account["vocabulary"]) == ("ada@example.org", ["Scripta", "Ångström"])
    described = json.loads(files[f"recordings/{day} A-B/recording.json"])
    assert (described["title"], described["tags"]) == ("A/B", ["Work"])
    assert json.loads(files[f"recordings/{day} a-b (2)/recording.json"])["id"] == str(twin.pk)


def test_copy_of_nobodys_recordings_is_made_too(owner):
    assert list(unpacked(make_export(owner))) == ["account.json"]


def test_one_at_a_time_and_the_new_one_takes_the_place_of_the_old(owner):
    first = make_export(owner)
    old = first.file.path
    second = data_export.request_export(user=owner)
    with pytest.raises(WrongState):
        data_export.request_export(user=owner)
    assert queue.is_under_way(queue.WRITE_EXPORT, export_id=str(second.pk))
    data_export.write(export_id=second.pk)
    assert list(DataExport.objects.values_list("pk", flat=True)) == [second.pk]
    second.refresh_from_db()
    assert second.file.path != old


def test_no_room_is_said_before_anything_is_made(owner, monkeypatch):
    make_recording(owner, size=10**9)
    monkeypatch.setattr(room, "free_bytes", lambda: 10**9)
    with pytest.raises(StorageFull):
        data_export.request_export(user=owner)
    assert not DataExport.objects.exists()


def test_missing_file_does_not_cost_the_rest(owner, settings):
    gone, there = (make_media(owner, folder=settings.UPLOADS) for _ in range(2))
    shutil.rmtree((settings.MEDIA_ROOT / gone.media.name).parent)
    assert [name for name in unpacked(make_export(owner)) if "/media " in name] == [
        f"recordings/{there.created_at:%Y-%m-%d} {there.title} (2)/media {there.original_name}"
    ]


def test_full_disk_is_said(owner, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(data_export.recordings, "move_into_storage", full)
    export = make_export(owner)
    assert (export.state, bool(export.error_message)) == (ExportState.FAILED, True)
    assert list(passing.arrivals().iterdir()) == []
    monkeypatch.undo()
    assert make_export(owner).state == ExportState.READY


def test_worker_that_stops_leaves_it_to_another(owner):
    make_recording(owner)
    made = data_export.request_export(user=owner)
    queue.ProcrastinateJob.objects.all().delete()
    data_export.write(export_id=made.pk, should_stop=lambda: True)
    made.refresh_from_db()
    assert (made.state, made.attempts) == (ExportState.WAITING, 0)
    assert queue.is_under_way(queue.WRITE_EXPORT, export_id=str(made.pk))
    data_export.write(export_id=made.pk)
    made.refresh_from_db()
    assert made.state == ExportState.READY


def test_cancelled_copy_is_written_no_further(owner, monkeypatch):
    make_recording(owner)
    made = data_export.request_export(user=owner)
    publish = data_export._publish

    def cancelled_meanwhile(export, path):
        data_export.delete(export=made)
        publish(export, path)

    monkeypatch.setattr(data_export, "_publish", cancelled_meanwhile)
    data_export.write(export_id=made.pk)
    assert not DataExport.objects.exists()
    assert data_export.default_storage.listdir("exports")[1] == []


def test_copy_that_kills_its_workers_is_given_up(owner):
    made = data_export.request_export(user=owner)
    DataExport.objects.update(attempts=data_export.MOST_ATTEMPTS)
    data_export.write(export_id=made.pk)
    made.refresh_from_db()
    assert made.state == ExportState.FAILED


def test_lost_entries_are_made_again(owner):
    made = data_export.request_export(user=owner)
    assert data_export.resume() == 0
    queue.ProcrastinateJob.objects.all().delete()
    assert (data_export.resume(), data_export.resume()) == (1, 0)
    assert queue.is_under_way(queue.WRITE_EXPORT, export_id=str(made.pk))


def test_time_ends_a_copy_and_files_without_a_row_go(owner, settings, django_capture_on_commit_callbacks):
    export = make_export(owner)
    stray = settings.MEDIA_ROOT / "exports" / "stray.zip"
    stray.write_bytes(b"left by a crash")
    with django_capture_on_commit_callbacks(execute=True):
        assert data_export.expire(now=timezone.now()) == 0
    assert (stray.exists(), export.file.storage.exists(export.file.name)) == (False, True)
    with django_capture_on_commit_callbacks(execute=True):
        assert data_export.expire(now=timezone.now() + timedelta(days=settings.DATA_EXPORT_DAYS, seconds=1)) == 1
    assert list((settings.MEDIA_ROOT / "exports").iterdir()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "function",
    [
        "transcription.services.data_export._write_archive",
        "transcription.services.data_export._copy_media",
        "transcription.services.data_export._publish",
        "transcription.services.recordings.move_into_storage",
    ],
)
def test_killed_worker_costs_nothing_but_time(function, settings):
    owner = make_user()
    talk = make_media(owner, folder=settings.UPLOADS)
    made = data_export.request_export(user=owner)
    command = [sys.executable, "-m", "tests.transcription.dying_export", str(made.pk), function]
    done = subprocess.run(command, cwd=ROOT, env=environment_for_process(), capture_output=True, check=False)
    assert done.returncode == -9, done.stderr.decode()
    queue.ProcrastinateJob.objects.all().delete()
    assert data_export.resume() == 1
    data_export.write(export_id=made.pk)
    made.refresh_from_db()
    assert (made.state, made.attempts) == (ExportState.READY, 2)
    assert talk.media.open().read() in unpacked(made).values()


def test_copy_holds_what_was_said_and_changed_in_own_recordings(owner):
    talk = make_recording(owner, title="Talk")
    transcript = make_transcript(talk, segments=1)
    grace = share(talk, make_user("grace@example.org", name="Grace"), role="editor")
    group = Group.objects.create(name="Newsroom")
    owner.groups.add(group)
    sharing.share_with_group(recording=talk, by=owner, group_id=group.pk, role="reader")
    choices = links.LinkChoices(kind="transcript", label="Board", role="comment", password="correct horse")
    link, token = links.create_link(recording=talk, user=owner, choices=choices)
    guest = Commenter(link=link, name="Guest", secret="s3cret")
    comment = comments.add_comment(recording=talk, by=guest, transcript_id=transcript.pk, index=0, text="Why?")
    comments.reply(parent=comment, by=Commenter(user=grace), text="Because.")
    editing.change_text(transcript_id=transcript.pk, by=By(grace), index=0, revision=0, text="Corrected")
    versions.name_revision(transcript=transcript, user=owner, name="Proofread")
    files = unpacked(make_export(owner))
    folder = f"recordings/{talk.created_at:%Y-%m-%d} Talk"
    said = json.loads(files[f"{folder}/comments.json"])
    assert [(row["name"], row["text"], row["parent"]) for row in said] == [
        ("Guest", "Why?", None),
        ("Grace", "Because.", comment.pk),
    ]
    log = json.loads(files[f"{folder}/transcript 1 edits.json"])
    assert [(edit["by"], edit["kind"], edit["revision"]) for edit in log["edits"]] == [("Grace", "text", 1)]
    assert log["edits"][0]["segments"][0][2]["text"] == "Corrected"
    assert [name["name"] for name in log["names"]] == ["Proofread"]
    shared = json.loads(files[f"{folder}/recording.json"])["shared_with"]
    assert [(each["email"], each["role"]) for each in shared["people"]] == [("grace@example.org", "editor")]
    assert [each["name"] for each in shared["groups"]] == ["Newsroom"]
    assert [(each["label"], each["has_password"]) for each in shared["links"]] == [("Board", True)]
    everything = b"".join(files.values()).decode()
    link.refresh_from_db()
    for secret in (token, link.token_hash, link.password, "s3cret", Comment.objects.get(pk=comment.pk).guest_hash):
        assert secret not in everything


def test_copy_holds_own_words_in_others_recordings_as_far_as_they_are_seen(owner):
    seen, withdrawn = make_recording(title="Seen"), make_recording(title="Withdrawn")
    for talk in (seen, withdrawn):
        transcript = make_transcript(talk, segments=2)
        share(talk, owner, role="editor")
        for by in (owner, talk.owner):
            comments.add_comment(
                recording=talk, by=Commenter(user=by), transcript_id=transcript.pk, index=0, text=f"By {by.pk}"
            )
        editing.change_text(transcript_id=transcript.pk, by=By(owner), index=0, revision=0, text="Mine")
        editing.change_text(transcript_id=transcript.pk, by=By(talk.owner), index=1, revision=0, text="Theirs")
    tag = marks.create_tag(owner=owner, name="Work")
    marks.add_tag(tag=tag, recordings=[seen])
    sharing.withdraw_grant(grant=withdrawn.grants.get())
    files = unpacked(make_export(owner))
    edits = f"in others' recordings/edits of transcript {seen.transcripts.get().pk}.json"
    assert sorted(files) == ["account.json", "in others' recordings/comments.json", edits]
    said = json.loads(files["in others' recordings/comments.json"])
    assert [(row["text"], row["title"], row["quote"] is None) for row in said] == [
        (f"By {owner.pk}", "Seen", False),
        (f"By {owner.pk}", None, True),
    ]
    log = json.loads(files[edits])
    assert (log["title"], [edit["segments"][0][2]["text"] for edit in log["edits"]]) == ("Seen", ["Mine"])
    account = json.loads(files["account.json"])
    assert [(each["title"], each["role"]) for each in account["shared_with_you"]] == [("Seen", "editor")]
    assert account["tags"][0]["recordings"] == [str(seen.pk)]


def test_copy_names_keys_and_webhooks_without_what_opens_them(owner):
    key, secret = keys.create_key(user=owner, name="Robot")
    webhooks.create_webhook(owner=owner, url="https://example.org/hook", events=["live.started"])
    files = unpacked(make_export(owner))
    account = json.loads(files["account.json"])
    assert [(each["name"], each["last_used_at"]) for each in account["keys"]] == [("Robot", None)]
    assert [(each["url"], each["is_active"]) for each in account["webhooks"]] == [("https://example.org/hook", True)]
    for each in (secret, key.key_hash):
        assert each not in files["account.json"].decode()
