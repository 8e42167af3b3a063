"""What the pages of all models share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from transcription.errors import ScriptaError

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

COUNT_LIMIT = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # generic only in its stubs
    """Never counts more than ``COUNT_LIMIT`` rows: counting some millions of segments takes Postgres seconds.

    Beyond that, a whole table has as many rows as Postgres estimates; a filtered one ends at the limit.
    """

    @cached_property
    def count(self) -> int:
        rows = cast(QuerySet[Any], self.object_list)
        counted = int(rows.order_by().values("pk")[: COUNT_LIMIT + 1].count())
        if counted <= COUNT_LIMIT or rows.query.where:
            return counted
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table]
            )
            return max(counted, int(cursor.fetchone()[0]))


class ReadOnly:
    """For a ModelAdmin or an inline: nobody adds, changes or deletes rows by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """May start and stop things: whoever was granted the right to change this model."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def call_each(
        self, request: HttpRequest, rows: QuerySet[Any], service: Callable[[Any], object], *, done: StrOrPromise
    ) -> None:
        """Call ``service`` for each row; tell what was done, and how often each reason kept it from being done."""
        reasons: Counter[str] = Counter()
        for row in rows:
            try:
                service(row)
            except ScriptaError as error:
                reasons[error.message] += 1
            else:
                self.log_change(request, row, f"{done}.")
        if worked := len(rows) - reasons.total():
            messages.success(request, f"{done}: {worked}.")
        for message, count in reasons.items():
            messages.warning(request, gettext("Left as they were: %(count)d.") % {"count": count} + f" {message}")


class ValuesOrNone(admin.AllValuesFieldListFilter):
    """A filter whose entry for rows without a value has a name."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or gettext("none")}


def clock(seconds: float | None) -> str:
    """``1:02:03``; a dash for an unknown length."""
    return "–" if seconds is None else str(timedelta(seconds=round(seconds)))


def link(row: Model, text: str) -> SafeString:
    """A link to the row's own page in the admin."""
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, text)
