from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.models import ApiKey, Attempt, FirstRunToken, Invitation, KeyUsage, User
from accounts.services import keys


def _sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """One sign-in page, one set of limits: the admin's own would be a second door."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or "/admin/")


admin.site.login = _sign_in  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Scripta"


class AdministratorsOnly(admin.ModelAdmin):
    """Whoever may change accounts can become anybody, so a mere staff permission does not suffice."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.is_superuser

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(User)
class UserAdmin(AdministratorsOnly, DjangoUserAdmin):
    list_display = ["email", "name", "is_active", "is_superuser", "last_login", "date_joined"]
    list_filter = ["is_active", "is_superuser", "is_staff", "date_joined", "last_login"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    readonly_fields = ["last_login", "date_joined"]
    date_hierarchy = "date_joined"
    filter_horizontal = ()  # Django's widget with two lists has icons that screen readers cannot name
    actions = ["sign_out_everywhere"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name"]}),
        (
            _("Preferences"),
            {"fields": ["language", "default_language", "theme", "notify_by_mail", "notify_of_comments"]},
        ),
        (_("Permissions"), {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]

    @admin.action(description=_("Sign out on all devices"))
    def sign_out_everywhere(self, request: HttpRequest, queryset: models.QuerySet[User]) -> None:
        for user in queryset:
            services.end_sessions(user=user)
        messages.success(
            request,
            ngettext(
                "%(count)d person signed out on all devices.",
                "%(count)d people signed out on all devices.",
                len(queryset),
            )
            % {"count": len(queryset)},
        )


@admin.register(Invitation)
class InvitationAdmin(AdministratorsOnly):
    list_display = ["email", "state", "as_administrator", "invited_by", "created_at", "expires_at", "accepted_at"]
    list_filter = ["as_administrator", "created_at", "accepted_at", "revoked_at"]
    list_select_related = ["invited_by"]
    search_fields = ["email", "invited_by__email"]
    date_hierarchy = "created_at"
    actions = ["revoke"]

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of invitations shows the link, which nobody can see later."""
        return redirect("accounts:invitations")

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, queryset: models.QuerySet[Invitation]) -> None:
        revoked = sum(services.revoke_invitation(invitation=invitation) for invitation in queryset)
        messages.success(request, gettext("%(count)d revoked.") % {"count": revoked})


class Watched(AdministratorsOnly):
    """Made by the product alone; to delete one takes back what it means."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(FirstRunToken)
class FirstRunTokenAdmin(Watched):
    list_display = ["created_at", "expires_at"]
    fields = ["created_at", "expires_at"]


@admin.register(Attempt)
class AttemptAdmin(Watched):
    """Deleting attempts lets somebody in again who used up a limit."""

    list_display = ["kind", "at"]
    fields = ["kind", "at"]
    list_filter = ["kind", "at"]
    date_hierarchy = "at"
    ordering = ["-at"]
    show_full_result_count = False


@admin.register(ApiKey)
class ApiKeyAdmin(Watched):
    """Keys are made on their owner's profile page: nobody else should ever see one."""

    list_display = ["name", "prefix", "user", "state", "created_at", "expires_at", "last_used_at"]
    list_filter = ["created_at", "expires_at", "last_used_at", "revoked_at"]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__email"]
    date_hierarchy = "created_at"
    fields = ["name", "prefix", "user", "scopes", "state", "created_at", "expires_at", "last_used_at", "revoked_at"]
    actions = ["revoke"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[ApiKey]:
        return super().get_queryset(request).filter(is_client_secret=False)

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, queryset: models.QuerySet[ApiKey]) -> None:
        revoked = sum(keys.revoke(row=row) for row in queryset)
        messages.success(request, gettext("%(count)d revoked.") % {"count": revoked})


@admin.register(KeyUsage)
class KeyUsageAdmin(Watched):
    list_display = ["key", "day", "requests", "audio_seconds"]
    list_select_related = ["key"]
    search_fields = ["key__name", "key__user__email"]
    fields = ["key", "day", "requests", "audio_seconds"]
    date_hierarchy = "day"
    ordering = ["-day", "key"]
