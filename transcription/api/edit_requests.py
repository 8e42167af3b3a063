"""What is sent for each kind of edit: the names of the fields are those of the services' parameters."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from transcription.api.admission import user_of
from transcription.api.serializers import PlainCharField, StrictBooleanField, StrictFloatField, StrictSerializer
from transcription.api.transcripts import LARGEST_INDEX
from transcription.editing.passages import LONGEST_TEXT
from transcription.editing.replacing import LONGEST_SEARCH, Search
from transcription.enums import EditKind
from transcription.services import editing, replacements
from transcription.services.edits import By

MOST_NAMED = replacements.MOST_FOUND


def a_number(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=LARGEST_INDEX, **options)


def seconds(**options: Any) -> serializers.FloatField:
    return StrictFloatField(min_value=0, max_value=editing.LATEST, required=False, **options)


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
        allow_blank=True,  # the service says what to do instead
        trim_whitespace=False,  # it would move the place of a split
        help_text="Words that stay keep their times. Line breaks are kept in captions that were imported.",
        error_messages={"max_length": editing.TOO_LONG},
    )


class TextEdit(WithText):
    kind = kind_of(EditKind.TEXT)


class SplitEdit(WithText):
    kind = kind_of(EditKind.SPLIT)
    at = a_number(help_text="Characters of the text that stay above; inside of a word, the whole word stays.")


class TimesEdit(PassageEdit):
    kind = kind_of(EditKind.TIMES)
    start = seconds(help_text="Seconds; stays as it is without.")
    end = seconds(help_text="Seconds; stays as it is without.")


class RevisionOfSegment(StrictSerializer):
    index = a_number()
    revision = a_number()


class SearchRequest(StrictSerializer):
    search = PlainCharField(max_length=LONGEST_SEARCH, help_text="Plain text; spaces stand for any number of them.")
    replacement = PlainCharField(
        max_length=LONGEST_SEARCH,
        allow_blank=True,
        required=False,
        trim_whitespace=False,  # a space in place of a stroke is no deletion
        help_text="Taken as it is, spaces included.",
    )
    match_case = StrictBooleanField(required=False, default=False)
    whole_words = StrictBooleanField(required=False, default=False)

    def searched(self) -> dict[str, Any]:
        sent = self.validated_data
        search = Search(sent["search"], sent["match_case"], sent["whole_words"])
        return {"search": search, "replacement": sent.get("replacement")}


class ReplaceEdit(EditRequest, SearchRequest):
    kind = kind_of(EditKind.REPLACE)
    segments = RevisionOfSegment(many=True, min_length=1, max_length=MOST_NAMED, help_text="As `find` named them.")  # type: ignore[call-arg]  # a list takes it

    def wish(self) -> dict[str, Any]:
        revisions = {each["index"]: each["revision"] for each in self.validated_data["segments"]}
        return self.searched() | {"replacement": self.validated_data.get("replacement", ""), "revisions": revisions}


class AssignSpeakerEdit(EditRequest):
    kind = kind_of(EditKind.ASSIGN_SPEAKER)
    indexes = serializers.ListField(child=a_number(), min_length=1, max_length=100_000)
    turn = StrictBooleanField(
        required=False,
        default=False,
        help_text="Also those around each that the same speaker says; with nobody known, on to the next speaker.",
    )
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


class RemoveSpeakerEdit(EditRequest):
    kind = kind_of(EditKind.REMOVE_SPEAKER)
    number = a_number(help_text="Whose passages are nobody's afterwards.")


class BackOrForthEdit(EditRequest):
    kind = kind_of(EditKind.UNDO, EditKind.REDO)


class RestoreEdit(EditRequest):
    kind = kind_of(EditKind.RESTORE)
    revision = a_number(help_text="0 is what the machine wrote.")
