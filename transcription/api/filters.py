"""What lists of recordings and jobs can be narrowed by."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters as filters
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.request import Request

from transcription.api.pagination import refuse_unknown
from transcription.enums import JobState, RecordingState, RowState
from transcription.models import Job, Recording
from transcription.querysets import RecordingQuerySet

LONGEST_SECONDS = 10**9


class RecordingFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=RecordingState.choices)
    language = filters.ChoiceFilter(choices=settings.RECORDING_LANGUAGES, method="spoken")
    created_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    min_duration = filters.NumberFilter(
        field_name="duration", lookup_expr="gte", min_value=0, max_value=LONGEST_SECONDS
    )
    max_duration = filters.NumberFilter(
        field_name="duration", lookup_expr="lte", min_value=0, max_value=LONGEST_SECONDS
    )
    q = filters.CharFilter(field_name="title", lookup_expr="icontains", max_length=200)
    status = filters.ChoiceFilter(choices=RowState.choices, method="in_row_state")
    tag = filters.NumberFilter(min_value=1, max_value=2**63 - 1, method="tagged")
    favourite = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="favourites")
    shared = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="of_others")
    trashed = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="thrown_away")

    class Meta:
        model = Recording
        fields: tuple[str, ...] = ()

    def spoken(self, rows: RecordingQuerySet, name: str, value: str) -> RecordingQuerySet:
        return rows.spoken_in(value)

    def in_row_state(self, rows: RecordingQuerySet, name: str, value: str) -> RecordingQuerySet:
        return rows.in_row_state(value)

    def tagged(self, rows: RecordingQuerySet, name: str, value: Decimal) -> RecordingQuerySet:
        return rows.tagged([int(value)], of=self.request.user) if value == int(value) else rows.none()

    def favourites(self, rows: RecordingQuerySet, name: str, value: str) -> RecordingQuerySet:
        favourites = rows.favourites_of(self.request.user)
        return favourites if value == "true" else rows.exclude(pk__in=favourites.values("pk"))

    def of_others(self, rows: QuerySet[Recording], name: str, value: str) -> QuerySet[Recording]:
        mine = Q(owner=self.request.user)
        return rows.filter(~mine if value == "true" else mine)

    def thrown_away(self, rows: QuerySet[Recording], name: str, value: str) -> QuerySet[Recording]:
        return rows.filter(deleted_at__isnull=value != "true")


class JobFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=JobState.choices)
    recording = filters.UUIDFilter(field_name="recording")

    class Meta:
        model = Job
        fields: tuple[str, ...] = ()


def filtered(kind: type[filters.FilterSet], request: Request, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that the query asks for. Raises ValidationError by parameter, UnknownParameter."""
    refuse_unknown(request, *kind.base_filters, "limit", "cursor")
    given = request.query_params
    texts = [name for name, each in kind.base_filters.items() if isinstance(each, filters.CharFilter)]
    if empty := [name for name in given if given[name] == "" and name in kind.base_filters and name not in texts]:
        raise exceptions.ValidationError({name: [gettext("This may not be empty.")] for name in empty})
    found = kind(given, queryset=rows, request=request)
    if not found.is_valid():
        raise exceptions.ValidationError({name: list(errors) for name, errors in found.errors.items()})
    return found.qs


def _parameter(name: str, description: str, **schema: Any) -> OpenApiParameter:
    return OpenApiParameter(name, schema, description=description)


_DURATION = {"type": "number", "minimum": 0, "maximum": LONGEST_SECONDS}
RECORDING_PARAMETERS = [
    _parameter("state", "", type="string", enum=RecordingState.values),
    _parameter(
        "language", "Of one of its transcripts.", type="string", enum=[code for code, _ in settings.RECORDING_LANGUAGES]
    ),
    _parameter("created_after", "Then or later.", type="string", format="date-time"),
    _parameter("created_before", "", type="string", format="date-time"),
    _parameter("min_duration", "Seconds.", **_DURATION),
    _parameter("max_duration", "Seconds.", **_DURATION),
    _parameter("q", "Part of the title.", type="string", maxLength=200),
    _parameter("status", "As the library says it.", type="string", enum=RowState.values),
    _parameter("tag", "With this tag of yours.", type="integer", minimum=1),
    _parameter("favourite", "Only your favourites, or only the others.", type="string", enum=["true", "false"]),
    _parameter(
        "shared", "Only what others share with you; false: only your own.", type="string", enum=["true", "false"]
    ),
    _parameter("trashed", "What is in the trash instead.", type="string", enum=["true", "false"]),
]
JOB_PARAMETERS = [
    _parameter("state", "", type="string", enum=JobState.values),
    _parameter("recording", "Of this recording.", type="string", format="uuid"),
]
