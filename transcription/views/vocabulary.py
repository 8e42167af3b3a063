"""Names and terms: those of a person, those of the person's groups, and where a transcript has them."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Group
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from transcription.errors import ScriptaError
from transcription.forms.own_data import VocabularyForm
from transcription.models import Vocabulary
from transcription.services import transcripts, vocabulary
from transcription.speech.engines.prompts import PROMPT_TOKENS
from transcription.views.library import seen_recording
from transcription.views.requests import Request


def groups_of(request: Request) -> list[Group]:
    """Whose terms the person may read: administrators see all groups, others their own."""
    groups = Group.objects.all() if request.user.is_superuser else request.user.groups.all()
    return list(groups.order_by("name"))


@login_required
@require_http_methods(["GET", "POST"])
def terms(request: Request) -> HttpResponse:
    """The person's own, in a form, and below them those of groups."""
    own = vocabulary.terms_of(user=request.user)
    form = VocabularyForm(request.POST or None, initial={"terms": "\n".join(own)})
    if request.method == "POST" and form.is_valid():
        try:
            vocabulary.save_terms(user=request.user, text=form.cleaned_data["terms"])
        except ScriptaError as error:
            form.add_error("terms", error.message)
        else:
            messages.success(request, gettext("Your names and terms were saved."))
            return redirect("vocabulary")
    return _page(request, form, {})


@login_required
@require_POST
def group_terms(request: Request, pk: int) -> HttpResponse:
    """Members read them, administrators write them."""
    if not request.user.is_superuser:
        raise Http404
    group = get_object_or_404(Group, pk=pk)
    form = VocabularyForm(request.POST, auto_id=f"group{pk}_%s")
    if form.is_valid():
        try:
            vocabulary.save_terms(group=group, text=form.cleaned_data["terms"])
        except ScriptaError as error:
            form.add_error("terms", error.message)
        else:
            messages.success(request, gettext("The terms of “%(group)s” were saved.") % {"group": group.name})
            return redirect("vocabulary")
    own = VocabularyForm(initial={"terms": "\n".join(vocabulary.terms_of(user=request.user))})
    return _page(request, own, {pk: form})


def _page(request: Request, form: VocabularyForm, bound: dict[int, VocabularyForm]) -> HttpResponse:
    """``bound`` are forms of groups, by their number, that were sent and not taken: what was typed stays."""
    groups = groups_of(request)
    texts = dict(Vocabulary.objects.filter(group__in=groups).values_list("group", "terms"))
    forms = {group.pk: bound.get(group.pk) or _group_form(request, group, texts.get(group.pk, "")) for group in groups}
    context = {
        "form": form,
        "groups": [{"group": group, "form": forms[group.pk]} for group in groups],
        "fit": vocabulary.fitting(vocabulary.all_terms(request.user), model=settings.MODEL),
        "most_tokens": PROMPT_TOKENS,
    }
    return render(request, "transcription/vocabulary.html", context, status=400 if form.errors or bound else 200)


def _group_form(request: Request, group: Group, text: str) -> VocabularyForm:
    form = VocabularyForm(initial={"terms": text}, auto_id=f"group{group.pk}_%s")
    form.fields["terms"].disabled = not request.user.is_superuser
    return form


@login_required
@require_safe
def found(request: Request, pk: UUID) -> HttpResponse:
    """Of the terms that the shown version was made with: how often each occurs, and where."""
    recording = seen_recording(request, pk)
    transcript = transcripts.newest_transcript(recording=recording)
    rows = vocabulary.found_terms(transcript, user=request.user) if transcript else []
    return render(request, "transcription/found_terms.html", {"recording": recording, "rows": rows})
