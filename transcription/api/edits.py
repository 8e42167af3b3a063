"""Corrections of a transcript: each request is one edit in the log, which can be read, taken back and done again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.pagination import newest_page, paged, refuse_unknown
from transcription.api.schema import PAGE, answered, asked, operation, page_of
from transcription.api.serializers import PlainCharField, StrictBooleanField, StrictSerializer
from transcription.api.transcripts import LARGEST_INDEX, edited_transcript, seen_transcript
from transcription.editing.passages import LONGEST_TEXT
from transcription.editing.replacing import LONGEST_SEARCH, Search
from transcription.enums import EditKind
from transcription.models import Transcript, TranscriptEdit
from transcription.services import editing, edits, speakers, undoing, versions
from transcription.services.edits import By

MOST_NAMED = editing.MOST_FOUND


def a_number(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=LARGEST_INDEX, **options)


def kind_of(*kinds: EditKind) -> serializers.CharField:
    """A field that names one of these."""
    consts = [{"const": str(kind)} for kind in kinds]
    named = type("KindField", (serializers.CharField,), {})
    field: serializers.CharField = extend_schema_field({"type": "string", "anyOf": consts})(named)()
    return field


class EditRequest(StrictSerializer):
    """What all edits may say: ``request`` makes sure that one sent twice is done once."""

    kind = serializers.CharField()
    request = serializers.UUIDField(required=False, help_text="Your name for this edit: sent twice, it is done once.")
    group = serializers.UUIDField(required=False, help_text="Edits of one group are undone together.")

    def by(self, request: Request) -> By:
        named = self.validated_data.get("request") or uuid.uuid4()
        return By(user_of(request), named, self.validated_data.get("group"))

    def wish(self) -> dict[str, Any]:
        """As the service takes it."""
        return {name: value for name, value in self.validated_data.items() if name not in EditRequest().fields}


class PassageEdit(EditRequest):
    index = a_number(help_text="Of the segment.")
    revision = a_number(help_text="Of the segment, as you read it.")


class PassageAsItIsEdit(PassageEdit):
    kind = kind_of(EditKind.MERGE, EditKind.DELETE, EditKind.CONFIRM)


class WithText(PassageEdit):
    text = PlainCharField(
        max_length=2 * LONGEST_TEXT,
        help_text="Words that stay keep their times.",
        error_messages={"max_length": editing.TOO_LONG},
    )


class TextEdit(WithText):
    kind = kind_of(EditKind.TEXT)


class SplitEdit(WithText):
    kind = kind_of(EditKind.SPLIT)
    at = a_number(help_text="Characters of the text that stay above; inside of a word, the whole word stays.")


class RevisionOfSegment(StrictSerializer):
    index = a_number()
    revision = a_number()


class SearchRequest(StrictSerializer):
    search = PlainCharField(max_length=LONGEST_SEARCH, help_text="Plain text; spaces stand for any number of them.")
    replacement = PlainCharField(max_length=LONGEST_SEARCH, allow_blank=True, required=False, default="")
    match_case = StrictBooleanField(required=False, default=False)
    whole_words = StrictBooleanField(required=False, default=False)

    def searched(self) -> dict[str, Any]:
        sent = self.validated_data
        search = Search(sent["search"], sent["match_case"], sent["whole_words"])
        return {"search": search, "replacement": sent["replacement"]}


class ReplaceEdit(EditRequest, SearchRequest):
    kind = kind_of(EditKind.REPLACE)
    segments = RevisionOfSegment(many=True, min_length=1, max_length=MOST_NAMED, help_text="As `find` named them.")  # type: ignore[call-arg]  # a list takes it

    def wish(self) -> dict[str, Any]:
        revisions = {each["index"]: each["revision"] for each in self.validated_data["segments"]}
        return self.searched() | {"revisions": revisions}


class AssignSpeakerEdit(EditRequest):
    kind = kind_of(EditKind.ASSIGN_SPEAKER)
    indexes = serializers.ListField(child=a_number(), min_length=1, max_length=100_000)
    number = a_number(required=False, allow_null=True, help_text="A known speaker; null for nobody.")
    name = PlainCharField(max_length=200, required=False, help_text="Of a new speaker, or of one that is known.")


class RenameSpeakerEdit(EditRequest):
    kind = kind_of(EditKind.RENAME_SPEAKER)
    number = a_number()
    name = PlainCharField(max_length=200)


class MergeSpeakersEdit(EditRequest):
    kind = kind_of(EditKind.MERGE_SPEAKERS)
    number = a_number(help_text="Who is no more afterwards.")
    into = a_number()


class BackOrForthEdit(EditRequest):
    kind = kind_of(EditKind.UNDO, EditKind.REDO)


class RestoreEdit(EditRequest):
    kind = kind_of(EditKind.RESTORE)
    revision = a_number(help_text="0 is what the machine wrote.")


Service = Callable[..., TranscriptEdit | None]
_EDITS: dict[str, tuple[type[EditRequest], Service]] = {
    EditKind.TEXT: (TextEdit, editing.change_text),
    EditKind.SPLIT: (SplitEdit, editing.split_passage),
    EditKind.MERGE: (PassageAsItIsEdit, editing.merge_up),
    EditKind.DELETE: (PassageAsItIsEdit, editing.delete_passage),
    EditKind.CONFIRM: (PassageAsItIsEdit, editing.confirm_passage),
    EditKind.REPLACE: (ReplaceEdit, editing.replace_everywhere),
    EditKind.ASSIGN_SPEAKER: (AssignSpeakerEdit, speakers.assign_speaker),
    EditKind.RENAME_SPEAKER: (RenameSpeakerEdit, speakers.rename_speaker),
    EditKind.MERGE_SPEAKERS: (MergeSpeakersEdit, speakers.merge_speakers),
    EditKind.RESTORE: (RestoreEdit, versions.restore),
    EditKind.UNDO: (BackOrForthEdit, undoing.undo),
    EditKind.REDO: (BackOrForthEdit, undoing.redo),
}
"""What is sent for each kind, and who does it: the names of the fields are those of the service's parameters."""


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
        """Correct, split, join, delete or confirm a segment, replace, say who speaks, bring back, undo, redo.

        A segment that somebody else has changed since `revision` is not overwritten: 409 `edit_conflict` holds its
        `text` and `revision` as they are now.
        """
        refuse_unknown(request)
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
    """A segment in which something would be replaced; ``parts`` are its new text."""

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
        {200: page_of("Found", FoundSerializer)},
        problems=(400, 404, 415),
        request=SearchRequest,
        examples=[
            asked({"search": "Skripta", "replacement": "Scripta", "whole_words": True}),
            answered(
                {
                    "next": None,
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
        """At most 2,000 segments. Send them back, with their revisions, as an edit of the kind `replace`."""
        refuse_unknown(request)
        found = edited_transcript(request, pk)
        sent = SearchRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        places = editing.find(transcript=found, **sent.searched())
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
        return paged(FoundSerializer(rows, many=True).data, None)
