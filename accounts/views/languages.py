"""The language of the pages, for everybody; people who are signed in also find it in their profile."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import services
from accounts.languages import is_offered


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    back = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return keep_language(request, back=back if here else "/")


def keep_language(request: HttpRequest, *, back: str) -> HttpResponse:
    """In a cookie of this device, and for whoever is signed in with the account. Then ``back`` to the page."""
    language = request.POST.get("language", "")
    if not is_offered(language):
        return HttpResponseBadRequest()
    if request.user.is_authenticated:
        services.change_settings(user=request.user, language=language)
    response = redirect(back)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
