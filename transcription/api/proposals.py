"""Parts of a transcript that are transcribed again, as a proposal: asked for, compared, accepted, dismissed."""

from __future__ import annotations

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.edit_requests import a_number
from transcription.api.edits import EXAMPLE as EDIT
from transcription.api.edits import EditedSerializer, answer_with_edit
from transcription.api.idempotency import IDEMPOTENCY_KEY, idempotent
from transcription.api.pagination import newest_page, paged, refuse_unknown
from transcription.api.schema import PAGE, answered, asked, operation, page_of
from transcription.api.serializers import ErrorSerializer, PlainCharField, StrictSerializer
from transcription.api.transcripts import edited_transcript, seen_transcript
from transcription.api.versions import RunSerializer
from transcription.enums import ProposalState
from transcription.errors import stored_words
from transcription.models import Proposal, Transcript
from transcription.services import proposals
from transcription.services.edits import By
from transcription.services.proposals import Compared

LONGEST_MODEL = 200
EXAMPLE = {
    "id": 12,
    "transcript": 7,
    "state": "ready",
    "progress": 1.0,
    "start": 12.1,
    "end": 18.4,
    "segments": [3, 4],
    "revision": 5,
    "text": "And so, my fellow Americans,",
    "doubt": "",
    "added": 1,
    "removed": 1,
    "runs": [
        {"kind": "same", "start": 12.3, "text": "And so, my"},
        {"kind": "removed", "start": 13.1, "text": "follow"},
        {"kind": "added", "start": 13.1, "text": "fellow"},
        {"kind": "same", "start": 13.6, "text": "Americans,"},
    ],
    "model": "small",
    "language": "en",
    "by": "ada@example.org",
    "error": None,
    "created_at": "2026-11-26T09:20:00Z",
    "finished_at": "2026-11-26T09:20:09Z",
}
WAITING: dict[str, Any] = EXAMPLE | {
    "state": "waiting", "progress": 0.0, "text": "", "added": 0, "removed": 0, "runs": [], "finished_at": None,
}  # fmt: skip


class ProposalSerializer(serializers.Serializer[Any]):
    """``segments`` are those that have words between ``start`` and ``end`` (seconds) now, and ``runs`` compare their
    words there, as they are in ``revision`` of the transcript, with ``text``."""

    id = serializers.IntegerField(source="proposal.pk")
    transcript = serializers.IntegerField(source="proposal.transcript_id")
    state = serializers.ChoiceField(ProposalState.choices, help_text="`equal`: ready, and the text says the same.")
    progress = serializers.FloatField(source="proposal.progress", help_text="From 0 to 1.")
    start = serializers.FloatField(source="proposal.start")
    end = serializers.FloatField(source="proposal.end")
    segments = serializers.ListField(child=serializers.IntegerField(), source="passages")
    revision = serializers.IntegerField()
    text = serializers.CharField()
    doubt = serializers.CharField(source="proposal.doubt", help_text="What speaks against this reading, too; or empty.")
    added = serializers.IntegerField(help_text="Words.")
    removed = serializers.IntegerField(help_text="Words.")
    runs = serializers.SerializerMethodField()
    model = serializers.CharField(source="proposal.model")
    language = serializers.CharField(source="proposal.language")
    by = serializers.SerializerMethodField(help_text="Who asked for it; empty if that account is gone.")
    error = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="proposal.created_at")
    finished_at = serializers.DateTimeField(source="proposal.finished_at", allow_null=True)

    @extend_schema_field(RunSerializer(many=True))
    def get_runs(self, compared: Compared) -> list[dict[str, Any]]:
        return [{"kind": run.kind, "start": run.words[0].start, "text": run.text} for run in compared.runs]

    def get_by(self, compared: Compared) -> str:
        return str(compared.proposal.user) if compared.proposal.user else ""

    @extend_schema_field(ErrorSerializer(allow_null=True))
    def get_error(self, compared: Compared) -> dict[str, str] | None:
        row = compared.proposal
        if row.state != ProposalState.FAILED:
            return None
        return {"code": row.error_code, "message": stored_words(row.error_message)}


class ProposalRequest(StrictSerializer):
    """The segments from ``first`` to ``last``: at most three minutes."""

    first = a_number(help_text="Index of a segment.")
    last = a_number(required=False, help_text="Index of another one below it; else the first alone.")
    model = PlainCharField(required=False, max_length=LONGEST_MODEL, help_text="Else the largest that is here.")


class AcceptRequest(StrictSerializer):
    revision = a_number(help_text="Of the transcript, as you compared it.")
    request = serializers.UUIDField(required=False, help_text="Your name for this edit: sent twice, it is done once.")
    group = serializers.UUIDField(required=False, help_text="Edits of one group are undone together.")


def _own_proposal(transcript: Transcript, proposal: int) -> Proposal:
    """Raises Http404."""
    return get_object_or_404(Proposal.objects.select_related("user"), transcript=transcript, pk=proposal)


def _shown(transcript: Transcript, row: Proposal) -> Any:
    return ProposalSerializer(proposals.compare_proposals(transcript=transcript, rows=[row])[0]).data


class ProposalsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_proposals_list",
        "List proposals",
        "editing",
        {200: page_of("Proposal", ProposalSerializer)},
        problems=(400, 404),
        parameters=PAGE,
        examples=[answered({"next": None, "results": [EXAMPLE]})],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Newest first, each compared with the text as it is now."""
        refuse_unknown(request, "limit", "cursor")
        found = seen_transcript(request, pk)
        page, url = newest_page(request, found.proposals.select_related("user"))
        rows = proposals.compare_proposals(transcript=found, rows=page)
        return paged(ProposalSerializer(rows, many=True).data, url)

    @operation(
        "transcripts_proposals_create",
        "Transcribe segments again, as a proposal",
        "editing",
        {201: ProposalSerializer},
        problems=(400, 404, 409, 415, 422),
        request=ProposalRequest,
        parameters=[IDEMPOTENCY_KEY],
        examples=[asked({"first": 3, "last": 4}), answered(WAITING, status=201)],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """A worker listens once more, with care, and told of your terms and of the text before. The transcript stays as
        it is until you accept what was heard. A finished proposal for the same segments is forgotten.
        """
        refuse_unknown(request)
        found = edited_transcript(request, pk)
        sent = ProposalRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        made = proposals.request_proposal(transcript_id=found.pk, user=user_of(request), **sent.validated_data)
        headers = {"Location": reverse("api-transcript-proposal", args=[found.pk, made.pk])}
        return Response(_shown(found, _own_proposal(found, made.pk)), status=201, headers=headers)


class ProposalView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_proposals_retrieve",
        "Show a proposal",
        "editing",
        {200: ProposalSerializer},
        problems=(404,),
        examples=[answered(EXAMPLE)],
    )
    def get(self, request: Request, pk: int, proposal: int) -> Response:
        """How far it is, and how it differs from the text as it is now."""
        refuse_unknown(request)
        found = seen_transcript(request, pk)
        return Response(_shown(found, _own_proposal(found, proposal)))

    @operation("transcripts_proposals_dismiss", "Dismiss a proposal", "editing", {204: None}, problems=(404, 409))
    def delete(self, request: Request, pk: int, proposal: int) -> Response:
        """Or cancel one that is waiting or being made. The text stays as it is."""
        refuse_unknown(request)
        found = edited_transcript(request, pk)
        proposals.dismiss_proposal(proposal=_own_proposal(found, proposal))
        return Response(status=204)


class AcceptProposalView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "transcripts_proposals_accept",
        "Accept a proposal",
        "editing",
        {200: EditedSerializer, 201: EditedSerializer},
        problems=(400, 404, 409, 415),
        request=AcceptRequest,
        examples=[
            asked({"revision": 5}),
            answered(
                {
                    "revision": 6,
                    "edit": EDIT | {"kind": "proposal", "revision": 6},
                    "can_undo": True,
                    "can_redo": False,
                },
                status=201,
            ),
        ],
    )
    def post(self, request: Request, pk: int, proposal: int) -> Response:
        """One edit, which can be undone. 409 `edit_conflict` if the text of these segments has changed since
        `revision`: read the proposal again."""
        refuse_unknown(request)
        found = edited_transcript(request, pk)
        sent = AcceptRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        by = By(user_of(request), values.get("request") or uuid.uuid4(), values.get("group"))
        row = _own_proposal(found, proposal)
        edit = proposals.accept_proposal(proposal=row, by=by, revision=values["revision"])
        return answer_with_edit(request, found, edit)
