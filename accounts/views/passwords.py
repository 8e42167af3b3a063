"""Changing a password, and choosing a new one when it is forgotten. The steps are Django's, the limits ours."""

from __future__ import annotations

import axes.utils
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordChangeForm, PasswordResetForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext

from accounts import client, services
from accounts.forms import ChangePasswordForm, ForgottenPasswordForm, NewPasswordForm
from accounts.views.throttled import (
    PASSWORD_CHANGES,
    RESETS_FROM_CLIENT,
    RESETS_OF_ADDRESS,
    ThrottledMixin,
    client_key,
)


class ChangePasswordView(ThrottledMixin, auth_views.PasswordChangeView):
    form_class = ChangePasswordForm
    template_name = "accounts/change_password.html"
    success_url = reverse_lazy("accounts:profile")

    def limits(self, request: HttpRequest) -> list[tuple[services.Limit, str]]:
        return [(PASSWORD_CHANGES, str(request.user.pk))]

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, gettext("Your password was changed. Other devices were signed out."))
        return super().form_valid(form)


class ForgottenPasswordView(ThrottledMixin, auth_views.PasswordResetView):
    form_class = ForgottenPasswordForm
    template_name = "accounts/forgotten_password.html"
    success_url = reverse_lazy("accounts:reset-sent")

    def limits(self, request: HttpRequest) -> list[tuple[services.Limit, str]]:
        """The typed address counts whether it belongs to somebody or not, so the limit does not tell."""
        address = request.POST.get("email", "").strip()
        return [(RESETS_FROM_CLIENT, client_key(request)), (RESETS_OF_ADDRESS, address)]

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        self.extra_email_context = {"base_url": client.base_url(self.request)}
        return super().form_valid(form)


class ResetSentView(auth_views.PasswordResetDoneView):
    template_name = "accounts/reset_sent.html"


class ResetPasswordView(auth_views.PasswordResetConfirmView):
    form_class = NewPasswordForm
    template_name = "accounts/reset_password.html"
    success_url = reverse_lazy("accounts:reset-done")

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        """Whoever proved to own the mailbox is not kept waiting for wrong passwords typed before."""
        axes.utils.reset(username=form.user.email.casefold())
        return super().form_valid(form)


class ResetDoneView(auth_views.PasswordResetCompleteView):
    template_name = "accounts/reset_done.html"
