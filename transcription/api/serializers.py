"""What the API shows of recordings, transcripts and jobs, and what it takes."""

from __future__ import annotations

from contextlib import suppress
from math import isfinite
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from transcription.editing.passages import word_of
from transcription.enums import JobState, RecordingState, Role, TagColor, Task
from transcription.errors import stored_words
from transcription.models import Job, Recording, Tag, Transcript, TranscriptSegment
from transcription.services import addresses, retention
from transcription.services.recordings import clean_line

MOST_VOCABULARY = 2000


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt one must not look as if it had been taken."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := {str(name) for name in data} - set(self.fields)):
            raise serializers.ValidationError(
                {clean_line(name, limit=40): [gettext("There is no such field.")] for name in sorted(unknown)[:10]}
            )
        return super().to_internal_value(data)


class PlainCharField(serializers.CharField):
    """Texts only: numbers are not made into texts."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class StrictBooleanField(serializers.BooleanField):
    """true or false: no number or text is taken for one of them."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictIntegerField(serializers.IntegerField):
    """Whole numbers only: no text is taken for one."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class StrictFloatField(serializers.FloatField):
    """Numbers only, and finite ones: no text is taken for one."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, int | float) and not isinstance(data, bool):
            with suppress(OverflowError):
                if isfinite(number := float(data)):
                    return number
        self.fail("invalid")


class ErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class JobSerializer(serializers.ModelSerializer[Job]):
    """``progress`` from 0 to 1; ``place`` in line, 1 is next and 0 is not waiting."""

    state = serializers.ChoiceField(JobState.choices)
    task = serializers.ChoiceField(Task.choices)
    place = serializers.IntegerField()
    error = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = (
            "id",
            "recording",
            "transcript",
            "state",
            "progress",
            "seconds_left",
            "place",
            "attempt",
            "error",
            "warning",
            "engine",
            "model",
            "language",
            "task",
            "queued_at",
            "started_at",
            "finished_at",
        )

    @extend_schema_field(ErrorSerializer(allow_null=True))
    def get_error(self, job: Job) -> dict[str, str] | None:
        return (
            {"code": job.error_code, "message": stored_words(job.error_message)}
            if job.state == JobState.FAILED
            else None
        )


class TagNameSerializer(serializers.ModelSerializer[Tag]):
    color = serializers.ChoiceField(TagColor.choices)

    class Meta:
        model = Tag
        fields = ("id", "name", "color")


class UpcomingSerializer(serializers.Serializer[Any]):
    """What a rule of retention will do within a week."""

    what = serializers.ChoiceField([retention.SOUND, retention.ALL], source="kind")
    at = serializers.DateTimeField()


class RecordingSerializer(serializers.ModelSerializer[Recording]):
    """``duration`` in seconds, ``size`` in bytes; ``job`` is the newest.

    Needs ``for_display``, ``with_role`` and ``with_marks_of``.
    """

    state = serializers.ChoiceField(RecordingState.choices)
    filename = serializers.CharField(source="original_name")
    language = serializers.SerializerMethodField(help_text="That was heard, else the one asked for.")
    error = serializers.SerializerMethodField()
    tags = TagNameSerializer(many=True, source="own_tags", help_text="Yours.")
    is_favourite = serializers.BooleanField(help_text="Of yours.")
    is_exempt = serializers.BooleanField(help_text="No rule of retention touches it.")
    upcoming = serializers.SerializerMethodField()
    job = serializers.SerializerMethodField()
    owner = serializers.CharField(source="owner.get_full_name", help_text="The name.")
    role = serializers.ChoiceField(Role.choices, help_text="What you are to it.")

    class Meta:
        model = Recording
        fields = (
            "id",
            "title",
            "filename",
            "state",
            "error",
            "media_type",
            "has_video",
            "size",
            "duration",
            "language",
            "created_at",
            "deleted_at",
            "sound_removed_at",
            "tags",
            "is_favourite",
            "is_exempt",
            "upcoming",
            "owner",
            "role",
            "job",
        )

    def get_language(self, recording: Recording) -> str:
        job = _newest_job(recording)
        return str((job.transcript and job.transcript.language) or job.language) if job else ""

    @extend_schema_field(ErrorSerializer(allow_null=True))
    def get_error(self, recording: Recording) -> dict[str, str] | None:
        if recording.state != RecordingState.FAILED:
            return None
        return {"code": recording.error_code, "message": stored_words(recording.error_message)}

    @extend_schema_field(UpcomingSerializer(allow_null=True))
    def get_upcoming(self, recording: Recording) -> Any:
        upcoming = retention.upcoming(recording, now=timezone.now())
        return UpcomingSerializer(upcoming).data if upcoming else None

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_job(self, recording: Recording) -> Any:
        job = _newest_job(recording)
        return JobSerializer(job).data if job else None


def _newest_job(recording: Recording) -> Job | None:
    return recording.newest_jobs[0] if recording.newest_jobs else None


class TranscriptSerializer(serializers.ModelSerializer[Transcript]):
    """One version; ``revision`` counts its changes, ``position`` is how many seconds it covers."""

    task = serializers.ChoiceField(Task.choices)

    class Meta:
        model = Transcript
        fields = (
            "id",
            "recording",
            "version",
            "revision",
            "engine",
            "model",
            "task",
            "language",
            "language_probability",
            "position",
            "is_complete",
            "created_at",
        )


class WordSerializer(serializers.Serializer[Any]):
    start = serializers.FloatField()
    end = serializers.FloatField()
    text = serializers.CharField()
    probability = serializers.FloatField()
    edited = serializers.BooleanField(
        help_text="A person wrote it: its times are those of what it replaces, or guessed."
    )


class SegmentSerializer(serializers.ModelSerializer[TranscriptSegment]):
    """Times in seconds; ``doubt`` says why the words may be wrong, "" for no reason.

    ``index`` stays with a segment for good; ``revision`` is the transcript's when it was last changed, 0 if never.
    """

    class Meta:
        model = TranscriptSegment
        fields = ("index", "revision", "speaker", "start", "end", "text", "language", "confidence", "doubt")


class SegmentWithWordsSerializer(SegmentSerializer):
    words = serializers.SerializerMethodField()

    class Meta(SegmentSerializer.Meta):
        fields = (*SegmentSerializer.Meta.fields, "words")  # type: ignore[assignment]

    @extend_schema_field(WordSerializer(many=True))
    def get_words(self, segment: TranscriptSegment) -> list[dict[str, Any]]:
        return [
            {"start": w.start, "end": w.end, "text": w.text, "probability": w.probability, "edited": w.edited}
            for w in map(word_of, segment.words)
        ]


class OptionsSerializer(StrictSerializer):
    """How to transcribe. What is missing is as usual; an empty language means: detect it."""

    language = serializers.ChoiceField(settings.RECORDING_LANGUAGES, required=False, allow_blank=True)
    task = serializers.ChoiceField(Task.choices, required=False)
    model = PlainCharField(max_length=200, required=False, help_text="One that this server offers.")
    vocabulary = PlainCharField(
        max_length=MOST_VOCABULARY,
        required=False,
        allow_blank=True,
        help_text="Names and terms, one a line.",
    )
    notify = serializers.BooleanField(required=False, help_text="Tell the owner of the end by mail.")

    def options(self) -> dict[str, Any]:
        """As ``JobOptions.from_dict`` takes them."""
        chosen: dict[str, Any] = {
            str(name): self.validated_data[name] for name in OptionsSerializer().fields if name in self.initial_data
        }
        if "notify" in chosen:
            chosen["notify_by_mail"] = chosen.pop("notify")
        return chosen


class NewRecordingSerializer(OptionsSerializer):
    file = serializers.FileField(max_length=255)
    title = PlainCharField(max_length=200, required=False, allow_blank=True)


class FetchedRecordingSerializer(OptionsSerializer):
    url = PlainCharField(max_length=addresses.LONGEST, help_text="Where the file is; see SCRIPTA_IMPORT_HOSTS.")
    title = PlainCharField(max_length=200, required=False, allow_blank=True)


class TitleSerializer(StrictSerializer):
    title = PlainCharField(max_length=200)
