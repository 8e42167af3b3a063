"""Accounts, with a deletion that also sees to recordings and their files."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from accounts.admin import UserAdmin
from accounts.errors import AccountsError
from accounts.models import User
from accounts.services import administrators
from transcription.services import deletion

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Without those whose data a worker is deleting now."""
        return super().get_queryset(request).filter(deleted_at=None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_last = obj is not None and not administrators().exclude(pk=obj.pk).exists()
        return super().has_delete_permission(request, obj) and not is_last

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """What goes with each, in one line: the service deletes it, whatever permissions name."""
        return [_described(user) for user in objs], {User._meta.verbose_name_plural: len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        _delete(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            _delete(request, user)


def _described(user: User) -> str:
    goes = deletion.belongings_of(user)
    return gettext("%(email)s, with %(count)d recordings (%(size)s) and everything else") % {
        "email": user.email,
        "count": goes.recordings,
        "size": filesizeformat(goes.bytes),
    }


def _delete(request: HttpRequest, user: User) -> None:
    try:
        deletion.delete_account(user=user)
    except AccountsError as error:
        messages.error(
            request, gettext("%(email)s was not deleted. %(reason)s") % {"email": user.email, "reason": error.message}
        )
