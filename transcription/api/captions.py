"""Captions: those of a transcript, with the rules that they break, and those that come from elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE
from transcription.api.idempotency import IDEMPOTENCY_KEY, idempotent
from transcription.api.pagination import flag, next_url_after, number, paged, refuse_unknown
from transcription.api.recordings import edited
from transcription.api.schema import answered, operation, page_of
from transcription.api.serializers import StrictSerializer, TranscriptSerializer
from transcription.api.transcripts import EXAMPLE as TRANSCRIPT
from transcription.api.transcripts import SPEAKERS, seen_transcript
from transcription.downloads import choice
from transcription.errors import TooLarge
from transcription.services import caption_imports, exports
from transcription.speech.captions import CAPTIONS, LARGEST_FILE, CheckedCue, summed_up

MOST_CUES, USUAL_CUES = 1000, 200
LARGEST_NUMBER = 10**7
CUE = {
    "number": 1,
    "start": 0.3,
    "end": 2.1,
    "lines": ["And so my fellow Americans ask not", "what your country can do for you"],
    "speaker": "",
    "language": "en",
    "characters": 67.0,
    "rate": 37.2,
    "problems": [
        {
            "code": "reading_too_fast",
            "severity": "error",
            "measured": 37.222,
            "limit": 20.0,
            "message": "37.2 characters a second is too fast to read; at most 20.",
        }
    ],
}


class ProblemOfCueSerializer(serializers.Serializer[Any]):
    """A rule that is not kept. A warning is a blemish that cannot always be avoided, an error a fault."""

    code = serializers.CharField()
    severity = serializers.ChoiceField(["warning", "error"])
    measured = serializers.FloatField()
    limit = serializers.FloatField()
    message = serializers.CharField()


class CueSerializer(serializers.Serializer[Any]):
    """A caption. Times in seconds; `rate` in characters a second."""

    number = serializers.IntegerField(help_text="In the file, from 1.")
    start = serializers.FloatField()
    end = serializers.FloatField()
    lines = serializers.ListField(child=serializers.CharField())
    speaker = serializers.CharField()
    language = serializers.CharField()
    characters = serializers.FloatField()
    rate = serializers.FloatField()
    problems = ProblemOfCueSerializer(many=True)


class CaptionFileSerializer(StrictSerializer):
    file = serializers.FileField(max_length=255, allow_empty_file=True, help_text="SubRip or WebVTT.")
    language = serializers.ChoiceField(
        settings.RECORDING_LANGUAGES,
        required=False,
        allow_blank=True,
        help_text="Of the text. If missing, that of the version that is shown.",
    )


class CaptionsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_captions",
        "List captions, with the rules that they break",
        "transcripts",
        {
            200: page_of(
                "Cue",
                CueSerializer,
                cues=serializers.IntegerField(help_text="In all."),
                errors=serializers.IntegerField(help_text="Captions with a fault."),
                warnings=serializers.IntegerField(help_text="Captions with nothing worse than a blemish."),
            )
        },
        problems=(400, 404),
        parameters=[
            OpenApiParameter("format", {"type": "string", "enum": list(CAPTIONS), "default": "srt"}),
            SPEAKERS,
            OpenApiParameter(
                "problems",
                {"type": "string", "enum": ["true", "false"]},
                description="Only captions that break a rule.",
            ),
            OpenApiParameter(
                "after",
                {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER, "default": 0},
                description="Begin behind the caption of this number.",
            ),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST_CUES, "default": USUAL_CUES}),
        ],
        examples=[answered({"next": None, "results": [CUE], "cues": 1, "errors": 1, "warnings": 0})],
    )
    def get(self, request: Request, pk: int) -> Response:
        """As the export in this format writes them: at most 42 characters in each of two lines (16 in Chinese, Japanese
        and Korean), up to 17 characters a second (20 at most), shown for 1 to 7 seconds, 80 ms apart."""
        refuse_unknown(request, "format", "speakers", "problems", "after", "limit")
        after = number(request, "after", least=0, most=LARGEST_NUMBER, usual=0)
        limit = number(request, "limit", least=1, most=MOST_CUES, usual=USUAL_CUES)
        format, speakers = request.query_params.get("format", "srt"), choice(request.query_params, "speakers")
        broken = flag(request, "problems")
        cues = exports.check_captions(transcript=seen_transcript(request, pk), format=format, speakers=speakers)
        rows = [cue for cue in cues if cue.number > after and (cue.violations or not broken)][: limit + 1]
        url = next_url_after(request, rows[limit - 1].number) if len(rows) > limit else None
        total = summed_up(cues)
        return paged(
            [_shown(cue) for cue in rows[:limit]],
            url,
            cues=total.cues,
            errors=total.errors,
            warnings=total.warnings,
        )


def _shown(checked: CheckedCue) -> dict[str, Any]:
    cue = checked.cue
    return {
        "number": checked.number,
        "start": cue.start,
        "end": cue.end,
        "lines": checked.lines,
        "speaker": cue.speaker,
        "language": cue.language,
        "characters": checked.characters,
        "rate": round(checked.rate, 1),
        "problems": [
            {
                "code": violation.code,
                "severity": violation.severity,
                "measured": round(float(violation.measured), 3),
                "limit": float(violation.limit),
                "message": violation.message,
            }
            for violation in checked.violations
        ],
    }


class ImportView(APIView):
    required_scope = READ_OR_WRITE
    parser_classes = (MultiPartParser,)

    @operation(
        "recordings_captions_import",
        "Import captions as a version",
        "transcripts",
        {201: TranscriptSerializer},
        problems=(400, 404, 409, 413, 415, 422),
        request={"multipart/form-data": CaptionFileSerializer},
        parameters=[IDEMPOTENCY_KEY],
        examples=[answered(TRANSCRIPT | {"engine": "import", "model": "", "version": 2}, status=201)],
    )
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """A file of SubRip or WebVTT captions becomes the newest version of the transcript, each caption a segment.

        Its encoding is found out; UTF-8 is best. Positions, colours and comments are not kept.
        """
        refuse_unknown(request)
        found = edited(request, pk)
        sent = CaptionFileSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        file = sent.validated_data["file"]
        if file.size > LARGEST_FILE:
            raise TooLarge(gettext("Files of captions may have %(size)d MiB.") % {"size": LARGEST_FILE // 2**20})
        made = caption_imports.import_captions(
            recording=found, content=file.read(), language=sent.validated_data.get("language")
        )
        return Response(
            TranscriptSerializer(made).data, status=201, headers={"Location": reverse("api-transcript", args=[made.pk])}
        )
