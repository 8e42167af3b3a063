from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.messages.views import SuccessMessageMixin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import UpdateView

from accounts import services
from accounts.errors import AccountsError
from accounts.forms import KeyForm, ProfileForm
from accounts.languages import language_for
from accounts.models import ApiKey, User
from accounts.services import keys, usage

KEYS_SHOWN = 100
"""The newest first: so many may be in force, and old ones are history."""


class ProfileView(LoginRequiredMixin, SuccessMessageMixin, UpdateView):
    form_class = ProfileForm
    template_name = "accounts/profile.html"
    context_object_name = "person"  # "user" would hide the one that the frame of the page shows
    success_url = reverse_lazy("accounts:profile")
    success_message = _("Your settings were saved.")

    def get_object(self, queryset: Any = None) -> User:
        """A copy: a form that fails must not change the name and theme that the page's frame shows."""
        return User.objects.get(pk=cast(User, self.request.user).pk)

    def form_valid(self, form: ModelForm[Any]) -> HttpResponse:
        translation.activate(language_for(self.request, form.instance))  # what is said of it is in the new language
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("key_form", KeyForm(user=self.object))
        shown = list(ApiKey.objects.filter(user=self.object).lasting()[:KEYS_SHOWN])
        used = usage.recent_usage(key_ids=[key.pk for key in shown])
        return super().get_context_data(keys=[(key, used.get(key.pk)) for key in shown], **kwargs)


@method_decorator(never_cache, name="dispatch")
class CreateKeyView(ProfileView):
    """The profile page again, with a new key on it: the key is stored nowhere, not even in a session."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("accounts:profile")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        form = KeyForm(request.POST, user=self.object)
        if not form.is_valid():
            return self.show(key_form=form)
        chosen = {name: form.cleaned_data[name] for name in ("name", "scopes", "keeps_recordings")}
        try:
            row, key = keys.create_key(user=self.object, expires_at=form.expires_at(), **chosen)
        except AccountsError as error:
            form.add_error(None, error.message)
            return self.show(key_form=form)
        return self.show(new_key=row, secret=key)

    def show(self, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=ProfileForm(instance=self.object), **context))


@login_required
@require_POST
def revoke_key(request: Any, pk: int) -> HttpResponse:
    row = get_object_or_404(ApiKey.objects.lasting(), pk=pk, user=request.user)
    if keys.revoke(row=row):
        messages.success(request, gettext("The key “%(name)s” was revoked.") % {"name": row.name})
    return redirect("accounts:profile")


@login_required
@require_POST
def sign_out_elsewhere(request: Any) -> HttpResponse:
    update_session_auth_hash(request, services.end_sessions(user=request.user))
    messages.success(request, gettext("You were signed out on all other devices."))
    return redirect("accounts:profile")
