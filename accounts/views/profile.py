from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST
from django.views.generic import UpdateView

from accounts import services
from accounts.forms import ProfileForm
from accounts.models import User


class ProfileView(LoginRequiredMixin, SuccessMessageMixin, UpdateView):
    form_class = ProfileForm
    template_name = "accounts/profile.html"
    context_object_name = "person"  # "user" would hide the one that the frame of the page shows
    success_url = reverse_lazy("accounts:profile")
    success_message = "Your settings were saved."

    def get_object(self, queryset: Any = None) -> User:
        """A copy: a form that fails must not change the name and theme that the page's frame shows."""
        return User.objects.get(pk=cast(User, self.request.user).pk)


@login_required
@require_POST
def sign_out_elsewhere(request: Any) -> HttpResponse:
    update_session_auth_hash(request, services.end_sessions(user=request.user))
    messages.success(request, "You were signed out on all other devices.")
    return redirect("accounts:profile")
