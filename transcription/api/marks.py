"""Tags and favourites: what people put on recordings for themselves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.pagination import refuse_unknown
from transcription.api.recordings import EXAMPLE, seen
from transcription.api.schema import answered, asked, operation
from transcription.api.serializers import PlainCharField, RecordingSerializer, StrictIntegerField, StrictSerializer
from transcription.enums import TagColor
from transcription.models import Tag
from transcription.services import marks

_TAG = {"id": 4, "name": "Politics", "color": "blue", "count": 12, "created_at": "2026-11-26T09:00:00Z"}
IDS: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1}


class TagSerializer(serializers.ModelSerializer[Tag]):
    """``count`` is of recordings in the library that have it."""

    color = serializers.ChoiceField(TagColor.choices)
    count = serializers.IntegerField()

    class Meta:
        model = Tag
        fields = tuple(_TAG)


class NewTagSerializer(StrictSerializer):
    name = PlainCharField(max_length=marks.MOST_LETTERS)
    color = serializers.ChoiceField(TagColor.choices, required=False)


class TagChangeSerializer(NewTagSerializer):
    name = PlainCharField(max_length=marks.MOST_LETTERS, required=False)


class MergeSerializer(StrictSerializer):
    into = StrictIntegerField(**IDS, help_text="Another tag of yours.")


class TagIdsSerializer(StrictSerializer):
    tags = serializers.ListField(child=StrictIntegerField(**IDS), max_length=marks.MOST_TAGS)


def own_tag(request: Request, pk: int) -> Tag:
    """With its count. Raises Http404."""
    found: Tag = get_object_or_404(Tag.objects.visible_to(request.user).with_counts(user_of(request)), pk=pk)
    return found


class TagsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "tags_list",
        "List your tags",
        "tags",
        {200: TagSerializer(many=True)},
        examples=[answered(_TAG)],
        description=f"All of them, by name: at most {marks.MOST_TAGS}.",
    )
    def get(self, request: Request) -> Response:
        refuse_unknown(request)
        rows = Tag.objects.visible_to(request.user).by_name().with_counts(user_of(request))
        return Response(TagSerializer(rows, many=True).data)

    @operation(
        "tags_create",
        "Make a tag",
        "tags",
        {201: TagSerializer},
        problems=(400, 409, 415),
        request=NewTagSerializer,
        examples=[asked({"name": "Politics", "color": "blue"}), answered(_TAG | {"count": 0}, status=201)],
        description="Names differ in more than the case of their letters.",
    )
    def post(self, request: Request) -> Response:
        refuse_unknown(request)
        sent = NewTagSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = marks.create_tag(owner=user_of(request), **sent.validated_data)
        return Response(TagSerializer(own_tag(request, made.pk)).data, status=201)


class TagView(APIView):
    required_scope = READ_OR_WRITE

    @operation("tags_retrieve", "Show a tag", "tags", {200: TagSerializer}, problems=(404,), examples=[answered(_TAG)])
    def get(self, request: Request, pk: int) -> Response:
        refuse_unknown(request)
        return Response(TagSerializer(own_tag(request, pk)).data)

    @operation(
        "tags_change",
        "Rename a tag, or give it another colour",
        "tags",
        {200: TagSerializer},
        problems=(400, 404, 409, 415),
        request=TagChangeSerializer,
        examples=[asked({"color": "red"}), answered(_TAG)],
    )
    def patch(self, request: Request, pk: int) -> Response:
        refuse_unknown(request)
        tag = own_tag(request, pk)
        sent = TagChangeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(TagSerializer(marks.change_tag(tag=tag, **sent.validated_data)).data)

    @operation("tags_delete", "Delete a tag", "tags", {204: None}, problems=(404,))
    def delete(self, request: Request, pk: int) -> Response:
        """The recordings stay."""
        refuse_unknown(request)
        marks.delete_tag(tag=own_tag(request, pk))
        return Response(status=204)


class MergeView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "tags_merge",
        "Merge a tag into another",
        "tags",
        {200: TagSerializer},
        problems=(400, 404, 415),
        request=MergeSerializer,
        examples=[asked({"into": 4}), answered(_TAG)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """All that has it has the other instead. The answer is the other."""
        refuse_unknown(request)
        tag = own_tag(request, pk)
        sent = MergeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        into = own_tag(request, sent.validated_data["into"])
        marks.merge_tags(tag=tag, into=into)
        return Response(TagSerializer(own_tag(request, into.pk)).data)


class RecordingTagsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_set_tags",
        "Set the tags of a recording",
        "tags",
        {200: RecordingSerializer},
        problems=(400, 404, 415),
        request=TagIdsSerializer,
        examples=[asked({"tags": [4]}), answered(EXAMPLE)],
    )
    def put(self, request: Request, pk: UUID) -> Response:
        """Exactly these of your tags; those of other people stay. A tag that is not yours is not found."""
        refuse_unknown(request)
        found = seen(request, pk)
        sent = TagIdsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        wanted = set(sent.validated_data["tags"])
        tags = list(Tag.objects.visible_to(request.user).filter(pk__in=wanted))
        if len(tags) < len(wanted):
            raise serializers.ValidationError({"tags": [gettext("One of these is no tag of yours.")]})
        marks.set_tags(user=user_of(request), recording=found, tags=tags)
        return Response(RecordingSerializer(seen(request, pk)).data)


class FavouriteView(APIView):
    required_scope = READ_OR_WRITE

    @operation("recordings_favour", "Make a recording a favourite", "tags", {204: None}, problems=(404,))
    def put(self, request: Request, pk: UUID) -> Response:
        """For you alone. One that is a favourite already stays so."""
        return self._set(request, pk, True)

    @operation("recordings_unfavour", "Make a recording no favourite", "tags", {204: None}, problems=(404,))
    def delete(self, request: Request, pk: UUID) -> Response:
        return self._set(request, pk, False)

    @staticmethod
    def _set(request: Request, pk: UUID, is_favourite: bool) -> Response:
        refuse_unknown(request)
        marks.set_favourite(user=user_of(request), recordings=[seen(request, pk)], is_favourite=is_favourite)
        return Response(status=204)
