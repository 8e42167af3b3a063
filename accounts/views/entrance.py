"""Ways in and out: signing in and out, and making an account by sign-up, first-run link or invitation.

The secret of a link leaves the address at the first click: the session keeps its hash, and the form lives at an address
without it. So it stays out of histories, bookmarks and Referer headers. (A page under ``Referrer-Policy: no-referrer``
could not hold the form itself: browsers then send ``Origin: null``, which the CSRF check refuses.)
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts import services
from accounts.errors import AccountExists, LinkNotValid, TooManyAttempts
from accounts.forms import AccountForm, InvitedAccountForm, SignInForm
from accounts.models import User
from accounts.services.tokens import digest
from accounts.views.throttled import (
    FAILED_SIGN_INS,
    SIGN_UPS,
    WRONG_LINKS,
    ThrottledMixin,
    client_key,
    too_many_attempts,
)

BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInView(LoginView):
    form_class = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: str, **kwargs: Any) -> HttpResponse:
        try:
            services.refuse_if_exhausted(limit=FAILED_SIGN_INS, key=client_key(request))
        except TooManyAttempts as error:
            return too_many_attempts(request, until=error.until)
        return super().post(request, *args, **kwargs)

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Where ``next`` says, unless that is this page: then whoever is signed in would go round for ever."""
        url: str = super().get_redirect_url()
        return "" if url.partition("?")[0] == self.request.path else url

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """One client trying a few passwords on each of many accounts is not seen by a count per account."""
        try:
            services.count_attempt(limit=FAILED_SIGN_INS, key=client_key(self.request))
        except TooManyAttempts as error:
            return too_many_attempts(self.request, until=error.until)
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        unclaimed = not services.administrators().exists()
        return super().get_context_data(open_signup=settings.OPEN_SIGNUP, unclaimed=unclaimed, **kwargs)


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class NewAccountView(FormView):
    """A form that makes an account, signs the new person in and leads to the library."""

    form_class: type[ModelForm] = AccountForm

    def create(self, data: dict[str, Any]) -> User:
        raise NotImplementedError

    def form_valid(self, form: ModelForm) -> HttpResponse:
        data = {"name": form.cleaned_data["name"], "password": form.cleaned_data["password1"]}
        try:
            user = self.create(data | {"email": form.cleaned_data.get("email")})
        except AccountExists as error:
            form.add_error(None, error.message)
            return self.form_invalid(form)
        except LinkNotValid:
            return link_not_valid(self.request)
        login(self.request, user, backend=BACKEND)
        return redirect(settings.LOGIN_REDIRECT_URL)


class SignUpView(ThrottledMixin, NewAccountView):
    template_name = "accounts/sign_up.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.OPEN_SIGNUP:
            raise Http404("Sign-up is closed.")
        return super().dispatch(request, *args, **kwargs)

    def limits(self, request: HttpRequest) -> list[tuple[services.Limit, str]]:
        return [(SIGN_UPS, client_key(request))]

    def create(self, data: dict[str, Any]) -> User:
        return services.create_user(**data)


class LinkView(View):
    """Takes the secret out of the address: remembers its hash in the session and goes on to the form."""

    purpose = ""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        token_hash = digest(token)
        if FIND[self.purpose](token_hash=token_hash) is None:
            try:
                services.count_attempt(limit=WRONG_LINKS, key=client_key(request))
            except TooManyAttempts as error:
                return too_many_attempts(request, until=error.until)
            return link_not_valid(request)
        request.session[self.purpose] = token_hash
        response = redirect(f"accounts:{self.purpose}")
        response["Referrer-Policy"] = "no-referrer"
        return response


class LinkedAccountView(NewAccountView):
    """The form behind a link, for whoever came through LinkView."""

    purpose = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.token_hash = request.session.get(self.purpose, "")
        self.found = FIND[self.purpose](token_hash=self.token_hash)
        if self.found is None:
            return link_not_valid(request)
        return super().dispatch(request, *args, **kwargs)


class FirstRunView(LinkedAccountView):
    purpose = "first-run"
    template_name = "accounts/first_run.html"

    def create(self, data: dict[str, Any]) -> User:
        return services.create_first_administrator(token_hash=self.token_hash, **data)


class InvitationView(LinkedAccountView):
    purpose = "invitation"
    template_name = "accounts/invitation.html"
    form_class = InvitedAccountForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": User(email=self.found.email)}

    def create(self, data: dict[str, Any]) -> User:
        return services.accept_invitation(token_hash=self.token_hash, name=data["name"], password=data["password"])


FIND: dict[str, Any] = {"first-run": services.find_first_run, "invitation": services.find_invitation}


def link_not_valid(request: HttpRequest) -> HttpResponse:
    """One answer for unknown, used, revoked and expired links."""
    unclaimed = not services.administrators().exists()
    return render(request, "accounts/link_not_valid.html", {"unclaimed": unclaimed}, status=404)
