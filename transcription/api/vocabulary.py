"""Names and terms that transcriptions are told of, and where they occur."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Group
from django.shortcuts import get_object_or_404
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope, User
from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.pagination import refuse_unknown
from transcription.api.recordings import seen
from transcription.api.schema import answered, asked, operation
from transcription.api.serializers import PlainCharField, StrictSerializer
from transcription.models import Vocabulary
from transcription.services import transcripts, vocabulary
from transcription.speech.engines.prompts import PROMPT_TOKENS

_TERMS = {"terms": ["Scripta", "Dr Ångström"], "tokens": 9, "most_tokens": PROMPT_TOKENS, "left_out": []}
_GROUP = {"id": 2, "name": "Cardiology", "terms": ["stenosis", "Dr Ångström"]}
_FOUND = {"term": "Scripta", "count": 3, "places": [12.4, 63.0, 118.2]}


class VocabularySerializer(serializers.Serializer[Any]):
    """``left_out``: terms, groups' too, that the recogniser cannot be told of, because it takes ``most_tokens``."""

    terms = serializers.ListField(child=serializers.CharField())
    tokens = serializers.IntegerField()
    most_tokens = serializers.IntegerField()
    left_out = serializers.ListField(child=serializers.CharField())


class TermsSerializer(StrictSerializer):
    terms = serializers.ListField(
        child=PlainCharField(max_length=vocabulary.LONGEST_TERM),
        max_length=vocabulary.MOST_TERMS,
        help_text="The most important first.",
    )


class GroupVocabularySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    terms = serializers.ListField(child=serializers.CharField())


class FoundTermSerializer(serializers.Serializer[Any]):
    term = serializers.CharField()
    count = serializers.IntegerField()
    places = serializers.ListField(child=serializers.FloatField(), help_text="Seconds; the first five.")


def _shown(user: User) -> Response:
    fit = vocabulary.fitting(vocabulary.all_terms(user), model=settings.MODEL)
    return Response(
        {
            "terms": vocabulary.terms_of(user=user),
            "tokens": fit.tokens,
            "most_tokens": PROMPT_TOKENS,
            "left_out": list(fit.left_out),
        }
    )


def _sent(request: Request) -> str:
    sent = TermsSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    return "\n".join(sent.validated_data["terms"])


class VocabularyView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "vocabulary_retrieve",
        "Show your names and terms",
        "vocabulary",
        {200: VocabularySerializer},
        examples=[answered(_TERMS)],
    )
    def get(self, request: Request) -> Response:
        refuse_unknown(request)
        return _shown(user_of(request))

    @operation(
        "vocabulary_change",
        "Replace your names and terms",
        "vocabulary",
        {200: VocabularySerializer},
        problems=(400, 415),
        request=TermsSerializer,
        examples=[asked({"terms": ["Scripta", "Dr Ångström"]}), answered(_TERMS)],
    )
    def put(self, request: Request) -> Response:
        """New transcriptions are told of them, beside what is named for each of them."""
        refuse_unknown(request)
        vocabulary.save_terms(user=user_of(request), text=_sent(request))
        return _shown(user_of(request))


class GroupsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "vocabulary_groups_list",
        "List the terms of your groups",
        "vocabulary",
        {200: GroupVocabularySerializer(many=True)},
        examples=[answered(_GROUP)],
    )
    def get(self, request: Request) -> Response:
        """Of the groups that you are in; administrators see all."""
        refuse_unknown(request)
        user = user_of(request)
        groups = (Group.objects.all() if user.is_superuser else user.groups.all()).order_by("name")
        texts = dict(Vocabulary.objects.filter(group__in=groups).values_list("group", "terms"))
        rows = [{"id": group.pk, "name": group.name, "terms": texts.get(group.pk, "").splitlines()} for group in groups]
        return Response(GroupVocabularySerializer(rows, many=True).data)


class GroupView(APIView):
    required_scope = Scope.ADMIN

    @operation(
        "vocabulary_groups_change",
        "Replace the terms of a group",
        "vocabulary",
        {200: GroupVocabularySerializer},
        problems=(400, 404, 415),
        request=TermsSerializer,
        examples=[asked({"terms": ["stenosis", "Dr Ångström"]}), answered(_GROUP)],
    )
    def put(self, request: Request, pk: int) -> Response:
        """Administrators only; a key needs the scope `admin`."""
        refuse_unknown(request)
        if not user_of(request).is_superuser:
            raise exceptions.NotFound
        group = get_object_or_404(Group, pk=pk)
        vocabulary.save_terms(group=group, text=_sent(request))
        terms = vocabulary.terms_of(group=group)
        return Response({"id": group.pk, "name": group.name, "terms": terms})


class FoundTermsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_terms",
        "Show where a transcript has your terms",
        "vocabulary",
        {200: FoundTermSerializer(many=True)},
        problems=(404,),
        examples=[answered(_FOUND)],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Of the terms that the shown version was made with: the most frequent first; those not found last, for the
        owner only."""
        refuse_unknown(request)
        transcript = transcripts.newest_transcript(recording=seen(request, pk))
        rows = vocabulary.found_terms(transcript, user=user_of(request)) if transcript else []
        return Response(FoundTermSerializer(rows, many=True).data)
