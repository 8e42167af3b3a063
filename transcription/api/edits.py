"""Corrections of a transcript: each request is one edit in the log, which can be read, taken back and done again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, require_same_user, user_of
from transcription.api.edit_requests import (
    AssignSpeakerEdit,
    BackOrForthEdit,
    EditRequest,
    MergeSpeakersEdit,
    PassageAsItIsEdit,
    RemoveSpeakerEdit,
    RenameSpeakerEdit,
    ReplaceEdit,
    RestoreEdit,
    SearchRequest,
    SplitEdit,
    TextEdit,
    TimesEdit,
)
from transcription.api.pagination import newest_page, paged, refuse_unknown
from transcription.api.schema import PAGE, answered, asked, operation, page_of
from transcription.api.transcripts import edited_transcript, seen_transcript
from transcription.enums import EditKind
from transcription.models import Transcript, TranscriptEdit
from transcription.services import editing, edits, replacements, speakers, undoing, versions

Service = Callable[..., TranscriptEdit | None]
_EDITS: dict[str, tuple[type[EditRequest], Service]] = {
    EditKind.TEXT: (TextEdit, editing.change_text),
    EditKind.SPLIT: (SplitEdit, editing.split_passage),
    EditKind.MERGE: (PassageAsItIsEdit, editing.merge_up),
    EditKind.DELETE: (PassageAsItIsEdit, editing.delete_passage),
    EditKind.CONFIRM: (PassageAsItIsEdit, editing.confirm_passage),
    EditKind.TIMES: (TimesEdit, editing.change_times),
    EditKind.REPLACE: (ReplaceEdit, replacements.replace_everywhere),
    EditKind.ASSIGN_SPEAKER: (AssignSpeakerEdit, speakers.assign_speaker),
    EditKind.RENAME_SPEAKER: (RenameSpeakerEdit, speakers.rename_speaker),
    EditKind.MERGE_SPEAKERS: (MergeSpeakersEdit, speakers.merge_speakers),
    EditKind.REMOVE_SPEAKER: (RemoveSpeakerEdit, speakers.remove_speaker),
    EditKind.RESTORE: (RestoreEdit, versions.restore),
    EditKind.UNDO: (BackOrForthEdit, undoing.undo),
    EditKind.REDO: (BackOrForthEdit, undoing.redo),
}
"""What is sent for each kind, and who does it."""


class EditSerializer(serializers.ModelSerializer[TranscriptEdit]):
    """``changed`` and ``removed`` are indexes of segments: what a reader of the revision before must read again."""

    kind = serializers.ChoiceField(EditKind.choices)
    by = serializers.SerializerMethodField(help_text="Who did it; empty if that account is gone.")
    changed = serializers.SerializerMethodField()
    removed = serializers.SerializerMethodField()

    class Meta:
        model = TranscriptEdit
        fields = ("revision", "kind", "by", "created_at", "is_undone", "changed", "removed")

    def get_by(self, edit: TranscriptEdit) -> str:
        return str(edit.user) if edit.user else ""

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_changed(self, edit: TranscriptEdit) -> list[int]:
        return [change.number for change in edits.segment_changes(edit) if change.after is not None]

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_removed(self, edit: TranscriptEdit) -> list[int]:
        return [change.number for change in edits.segment_changes(edit) if change.after is None]


class EditedSerializer(serializers.Serializer[Any]):
    """``edit`` is null if there was nothing to change."""

    revision = serializers.IntegerField(help_text="Of the transcript, now.")
    edit = EditSerializer(allow_null=True)
    can_undo = serializers.BooleanField()
    can_redo = serializers.BooleanField()


EXAMPLE = {
    "revision": 5,
    "kind": "text",
    "by": "ada@example.org",
    "created_at": "2026-11-26T09:10:00Z",
    "is_undone": False,
    "changed": [0],
    "removed": [],
}
_REQUESTS = PolymorphicProxySerializer(
    component_name="AnyEdit",
    serializers={str(kind): serializer for kind, (serializer, _) in _EDITS.items()},
    resource_type_field_name="kind",
)


class EditsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_edits_list",
        "List edits",
        "editing",
        {200: page_of("Edit", EditSerializer)},
        problems=(400, 404),
        parameters=PAGE,
        examples=[answered({"next": None, "results": [EXAMPLE]})],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Newest first."""
        refuse_unknown(request, "limit", "cursor")
        rows = TranscriptEdit.objects.filter(transcript=seen_transcript(request, pk)).select_related("user")
        page, url = newest_page(request, rows)
        return paged(EditSerializer(page, many=True).data, url)

    @operation(
        "transcripts_edits_create",
        "Edit",
        "editing",
        {200: EditedSerializer, 201: EditedSerializer},
        problems=(400, 404, 409, 415),
        request=_REQUESTS,
        examples=[
            asked({"kind": "text", "index": 0, "revision": 0, "text": "And so, my fellow Americans:"}),
            asked({"kind": "undo"}, name="Undo"),
            answered({"revision": 5, "edit": EXAMPLE, "can_undo": True, "can_redo": False}, status=201),
            answered({"revision": 5, "edit": None, "can_undo": True, "can_redo": False}, name="Nothing to change"),
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Correct, split, join, delete, confirm or time a segment, replace, say who speaks, bring back, undo, redo.

        A segment that somebody else has changed since `revision` is not overwritten: 409 `edit_conflict` holds its
        `text` and `revision` as they are now, and after `times` also `start` and `end`. Where the segment is gone,
        `text` is null, and `joined` says whether the one above has its text since. Times that the neighbours do not
        leave a segment are 400 `bad_request`; `field` says which of the two. A `request` that named another edit
        before is 409 `request_reused`.
        """
        refuse_unknown(request)
        require_same_user(request)
        found = edited_transcript(request, pk)
        kind = request.data.get("kind") if isinstance(request.data, dict) else None
        if not isinstance(kind, str) or kind not in _EDITS:
            raise exceptions.ValidationError({"kind": [gettext("One of: %(names)s.") % {"names": ", ".join(_EDITS)}]})
        serializer, service = _EDITS[kind]
        sent = serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        edit = service(transcript_id=found.pk, by=sent.by(request), **sent.wish())
        return answer_with_edit(request, found, edit)


def answer_with_edit(request: Request, transcript: Transcript, edit: TranscriptEdit | None) -> Response:
    transcript.refresh_from_db(fields=["revision"])
    possible = undoing.possible_steps(transcript=transcript, user=user_of(request))
    body = {"revision": transcript.revision, "edit": edit} | possible
    return Response(EditedSerializer(body).data, status=201 if edit else 200)


class PartSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    is_new = serializers.BooleanField()


class FoundSerializer(serializers.Serializer[Any]):
    """A segment in which something would be replaced. ``parts`` are its new text, and which of it is new; where no
    ``replacement`` was sent, its text as it is, and what of it was found."""

    index = serializers.IntegerField()
    revision = serializers.IntegerField()
    start = serializers.FloatField()
    text = serializers.CharField()
    count = serializers.IntegerField()
    parts = PartSerializer(many=True)


class FindView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_find",
        "Preview a replacement",
        "editing",
        {200: page_of("Found", FoundSerializer, has_more=serializers.BooleanField())},
        problems=(400, 404, 415),
        request=SearchRequest,
        examples=[
            asked({"search": "Skripta", "replacement": "Scripta", "whole_words": True}),
            answered(
                {
                    "next": None,
                    "has_more": False,
                    "results": [
                        {
                            "index": 3,
                            "revision": 0,
                            "start": 12.4,
                            "text": "This is Skripta.",
                            "count": 1,
                            "parts": [
                                {"text": "This is ", "is_new": False},
                                {"text": "Scripta", "is_new": True},
                                {"text": ".", "is_new": False},
                            ],
                        }
                    ],
                }
            ),
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        """At most 2,000 segments; `has_more` says that there are others.

        Send them back, with their revisions, as an edit of the kind `replace`.
        """
        refuse_unknown(request)
        found = edited_transcript(request, pk)
        sent = SearchRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        places, has_more = replacements.find(transcript=found, **sent.searched())
        rows = [
            {
                "index": each.index,
                "revision": each.revision,
                "start": each.start,
                "text": each.text,
                "count": each.count,
                "parts": [{"text": text, "is_new": is_new} for text, is_new in each.parts],
            }
            for each in places
        ]
        return paged(FoundSerializer(rows, many=True).data, None, has_more=has_more)
