"""The administrators' page of invitations."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from accounts import client, services
from accounts.errors import AccountExists, LinkNotValid
from accounts.forms import InvitationForm
from accounts.models import Invitation, User


class AdministratorMixin(LoginRequiredMixin, UserPassesTestMixin):
    """Sends nobody to the sign-in page, and refuses others with 403."""

    request: HttpRequest

    def test_func(self) -> bool:
        return self.request.user.is_superuser


@method_decorator(never_cache, name="dispatch")
class InvitationsView(AdministratorMixin, FormView):
    """Lists and invites. A new link is part of the answer to the POST: it is stored nowhere, not even in a session."""

    form_class = InvitationForm
    template_name = "accounts/invitations.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pending = Invitation.objects.pending().select_related("invited_by")
        past = Invitation.objects.exclude(pk__in=pending.values("pk")).select_related("invited_by")[:50]
        return super().get_context_data(pending=pending, past=past, **kwargs)

    def form_valid(self, form: InvitationForm) -> HttpResponse:
        by = cast(User, self.request.user)
        try:
            invited = services.invite(by=by, base_url=client.base_url(self.request), **form.cleaned_data)
        except AccountExists as error:
            form.add_error("email", error.message)
            return self.form_invalid(form)
        return self.show(invited)

    def show(self, invited: services.Invited) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=InvitationForm(), invited=invited))


class RenewInvitationView(InvitationsView):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        invitation = get_object_or_404(Invitation, pk=kwargs["pk"])
        try:
            return self.show(services.renew_invitation(invitation=invitation, base_url=client.base_url(request)))
        except LinkNotValid:
            messages.error(request, gettext("This invitation was accepted or revoked already."))
            return redirect("accounts:invitations")


class RevokeInvitationView(AdministratorMixin, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invitation = get_object_or_404(Invitation, pk=pk)
        if services.revoke_invitation(invitation=invitation):
            messages.success(request, gettext("The invitation of %(email)s was revoked.") % {"email": invitation.email})
        else:
            messages.error(request, gettext("This invitation is no longer pending."))
        return redirect("accounts:invitations")
