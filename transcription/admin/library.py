"""Tags, favourites, terms, rules and copies of data: what people have, without what they wrote."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from transcription.admin.base import ReadOnlyAdmin
from transcription.models import DataExport, Favourite, RetentionRule, Tag, TagUse, Vocabulary
from transcription.querysets import TagQuerySet
from transcription.services import data_export


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    list_display = ["name", "owner", "color", "count", "created_at"]
    list_filter = ["color", "created_at"]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__email"]
    date_hierarchy = "created_at"
    ordering = ["owner", "name"]
    fields = ["name", "owner", "color", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return cast(TagQuerySet, super().get_queryset(request)).with_counts()

    @admin.display(description=_("recordings"), ordering="count")
    def count(self, tag: Any) -> int:
        return int(tag.count)


@admin.register(TagUse)
class TagUseAdmin(ReadOnlyAdmin):
    list_display = ["tag", "recording"]
    list_select_related = ["tag", "recording"]
    search_fields = ["tag__name", "recording__title"]
    ordering = ["-id"]


@admin.register(Favourite)
class FavouriteAdmin(ReadOnlyAdmin):
    list_display = ["recording", "user", "created_at"]
    list_select_related = ["recording", "user"]
    search_fields = ["recording__title", "user__email"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]


@admin.register(Vocabulary)
class VocabularyAdmin(ReadOnlyAdmin):
    """The terms of groups are written on the page of names and terms; those of a person are the person's."""

    list_display = ["__str__", "user", "group", "count", "updated_at"]
    list_select_related = ["user", "group"]
    search_fields = ["user__email", "group__name"]
    date_hierarchy = "updated_at"
    ordering = ["-updated_at"]
    fields = ["user", "group", "count", "updated_at"]

    @admin.display(description=_("terms"))
    def count(self, vocabulary: Vocabulary) -> int:
        return len(vocabulary.terms.splitlines())


@admin.register(RetentionRule)
class RetentionRuleAdmin(ReadOnlyAdmin):
    list_display = ["user", "sound_days", "all_days", "changed_at"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    date_hierarchy = "changed_at"
    ordering = ["-changed_at"]


@admin.register(DataExport)
class DataExportAdmin(ReadOnlyAdmin):
    list_display = ["user", "state", "bytes", "attempts", "created_at", "finished_at", "expires_at"]
    list_filter = ["state", "created_at", "expires_at"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    actions = ["throw_away"]
    fields = ["user", "state", "progress", "attempts", "bytes", "error_message", "created_at", "expires_at"]

    @admin.display(description=_("size"), ordering="size")
    def bytes(self, export: DataExport) -> str:
        return filesizeformat(export.size)

    @admin.action(description=_("Delete or cancel"), permissions=["operate"])
    def throw_away(self, request: HttpRequest, queryset: QuerySet[DataExport]) -> None:
        self.call_each(request, queryset, lambda export: data_export.delete(export=export), done=_("Deleted"))
