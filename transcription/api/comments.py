"""Comments on passages. Whoever sees a recording may write them; each author changes the own ones."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.idempotency import IDEMPOTENCY_KEY, idempotent
from transcription.api.pagination import LARGEST_ID, flag, newest_page, number, paged, refuse_unknown
from transcription.api.recordings import seen
from transcription.api.schema import PAGE, answered, asked, operation, page_of
from transcription.api.serializers import PlainCharField, StrictBooleanField, StrictSerializer
from transcription.models import Comment, Recording
from transcription.services import comments, mentions
from transcription.services.comments import Commenter
from transcription.services.mentions import LONGEST

COMMENT = {
    "id": 31,
    "recording": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11",
    "parent": None,
    "transcript": 7,
    "index": 0,
    "start": 0.3,
    "quote": "And so, my fellow Americans,",
    "author": "Grace",
    "is_guest": False,
    "is_own": True,
    "text": "Is this the right place?",
    "created_at": "2026-11-26T09:10:00Z",
    "edited_at": None,
    "resolved_at": None,
}


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """``start`` (seconds) and ``quote`` stay when the passage is gone; ``transcript`` is null once that version is."""

    author = serializers.CharField(source="name")
    is_guest = serializers.SerializerMethodField(help_text="Came by a link.")
    is_own = serializers.SerializerMethodField(help_text="You wrote it.")

    class Meta:
        model = Comment
        fields = tuple(COMMENT)

    def get_is_guest(self, comment: Comment) -> bool:
        return comment.link_id is not None or bool(comment.guest_hash)

    def get_is_own(self, comment: Comment) -> bool:
        by: Commenter = self.context["by"]
        return by.wrote(comment)


class NewCommentSerializer(StrictSerializer):
    """On a passage (``transcript`` and ``index``), or an answer to a comment (``parent``)."""

    transcript = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    index = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    parent = serializers.IntegerField(  # type: ignore[assignment]  # the name that is in the request
        min_value=1, max_value=LARGEST_ID, required=False
    )
    text = PlainCharField(help_text="At most 4,000 characters.")

    def validate(self, values: Any) -> Any:
        if set(values) - {"text"} not in ({"transcript", "index"}, {"parent"}):
            raise serializers.ValidationError(
                {"parent": [gettext("Name a passage by transcript and index, or a parent.")]}
            )
        return values


class ChangedCommentSerializer(StrictSerializer):
    text = PlainCharField(required=False, help_text="Only of your own.")
    resolved = StrictBooleanField(required=False, help_text="Of the whole thread.")


class NamedSerializer(serializers.Serializer[Any]):
    """Somebody whom a comment can name: write ``name`` behind an ``@``."""

    name = serializers.CharField(source="offered")
    is_owner = serializers.SerializerMethodField(help_text="Of the recording.")

    def get_is_owner(self, person: Any) -> bool:
        recording: Recording = self.context["recording"]
        return recording.owner_id == person.pk


class BegunNameSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True, trim_whitespace=False)


def _shown(request: Request, rows: Any, *, many: bool = False) -> Any:
    return CommentSerializer(rows, many=many, context={"by": Commenter(user=user_of(request))}).data


class CommentsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "comments_list",
        "List the comments on a recording",
        "comments",
        {200: page_of("Comment", CommentSerializer)},
        problems=(400, 404),
        parameters=[
            OpenApiParameter(
                "open", {"type": "string", "enum": ["true", "false"]}, description="Only threads that are not resolved."
            ),
            OpenApiParameter(
                "thread",
                {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
                description="Only this comment, and the answers to it.",
            ),
            *PAGE,
        ],
        examples=[answered({"next": None, "results": [COMMENT]})],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Newest first, answers among them."""
        refuse_unknown(request, "open", "thread", "limit", "cursor")
        rows = Comment.objects.filter(recording=seen(request, pk))
        if thread := number(request, "thread", least=1, most=LARGEST_ID, usual=0):
            rows = rows.filter(Q(pk=thread) | Q(parent=thread))
        if flag(request, "open"):
            rows = rows.filter(resolved_at=None, parent__resolved_at=None)
        page, url = newest_page(request, rows)
        return paged(_shown(request, page, many=True), url)

    @operation(
        "comments_create",
        "Comment on a passage, or answer",
        "comments",
        {201: CommentSerializer},
        problems=(400, 404, 409, 415, 422),
        request=NewCommentSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[
            asked({"transcript": 7, "index": 0, "text": "Is this the right place?"}),
            answered(COMMENT, status=201),
        ],
    )
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Threads have one level: an answer to an answer belongs to the same thread, and opens it again."""
        refuse_unknown(request)
        recording = seen(request, pk)
        sent = NewCommentSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        values, by = sent.validated_data, Commenter(user=user_of(request))
        if "parent" in values:
            rows = Comment.objects.select_related("parent", "recording")
            parent = get_object_or_404(rows, pk=values["parent"], recording=recording)
            made = comments.reply(parent=parent, by=by, text=values["text"])
        else:
            passage = {"transcript_id": values["transcript"], "index": values["index"]}
            made = comments.add_comment(recording=recording, by=by, text=values["text"], **passage)
        return Response(_shown(request, made), status=201)


class CommentNamesView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "comments_names",
        "List whom a comment can name",
        "comments",
        {200: page_of("Named", NamedSerializer)},
        problems=(400, 404),
        parameters=[
            OpenApiParameter(
                "q", {"type": "string", "maxLength": LONGEST}, description="How a word of the name begins."
            ),
            *PAGE,
        ],
        examples=[answered({"next": None, "results": [{"name": "Grace Hopper", "is_owner": False}]})],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Others who see the recording, newest accounts first. Who is named by `@` and the name is told by mail.

        Whoever has no name is listed by address, and only if you have that already.
        """
        refuse_unknown(request, "q", "limit", "cursor")
        recording = seen(request, pk)
        asked_for = BegunNameSerializer(data=request.query_params.dict())
        asked_for.is_valid(raise_exception=True)
        people = mentions.people_to_offer(
            recording=recording, asker=user_of(request), beginning=asked_for.validated_data.get("q", "")
        )
        page, url = newest_page(request, people)
        return paged(NamedSerializer(page, many=True, context={"recording": recording}).data, url)


class CommentView(APIView):
    required_scope = READ_OR_WRITE

    def _seen(self, request: Request, pk: int) -> Comment:
        rows = Comment.objects.visible_to(user_of(request)).in_library().select_related("parent", "recording")
        return get_object_or_404(rows, pk=pk)

    @operation(
        "comments_change",
        "Change a comment, or resolve its thread",
        "comments",
        {200: CommentSerializer},
        problems=(400, 404, 415),
        request=ChangedCommentSerializer,
        examples=[asked({"resolved": True}), answered(COMMENT | {"resolved_at": "2026-11-26T09:20:00Z"})],
    )
    def patch(self, request: Request, pk: int) -> Response:
        """The text only by whoever wrote it; `resolved` by everybody who sees the recording."""
        refuse_unknown(request)
        found, by = self._seen(request, pk), Commenter(user=user_of(request))
        sent = ChangedCommentSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        if "text" in sent.validated_data:
            found = comments.edit_comment(comment=found, by=by, text=sent.validated_data["text"])
        if "resolved" in sent.validated_data:
            comments.set_resolved(comment=found, by=by, resolved=sent.validated_data["resolved"])
        return Response(_shown(request, self._seen(request, pk)))

    @operation("comments_delete", "Delete a comment", "comments", {204: None}, problems=(404, 409))
    def delete(self, request: Request, pk: int) -> Response:
        """By whoever wrote it, as long as nobody has answered; by the owner of the recording always."""
        refuse_unknown(request)
        comments.delete_comment(comment=self._seen(request, pk), by=Commenter(user=user_of(request)))
        return Response(status=204)
