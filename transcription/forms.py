"""Forms of the pages. The rules for what may be chosen are the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import languages
from accounts.models import User
from transcription import whisper_service
from transcription.enums import Task, WebhookEvent
from transcription.services.jobs import JobOptions


class WebhookForm(forms.Form):
    """Where to, and of what. The services check the address."""

    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        help_text=_("Of a program of yours that takes messages by HTTP POST."),
        widget=forms.URLInput(attrs={"placeholder": "https://example.org/hooks/scripta", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Tell it when"),
        choices=WebhookEvent.choices,
        initial=[WebhookEvent.TRANSCRIPT_COMPLETED, WebhookEvent.TRANSCRIPT_FAILED],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )


class JobOptionsForm(forms.Form):
    """How a recording is to be transcribed; begins with what the user's profile says."""

    language = forms.ChoiceField(required=False, label=_("Language spoken"))
    task = forms.ChoiceField(required=False, label=_("Result"), choices=Task.choices)
    model = forms.ChoiceField(required=False, label=_("Model"))
    vocabulary = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Names and terms"),
        help_text=_("One a line. Words that would otherwise be misspelt."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "placeholder": "Scripta\nDr Ångström"}),
    )
    notify_by_mail = forms.BooleanField(required=False, label=_("Mail me when it is ready"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.defaults = JobOptions.for_user(user)
        models = whisper_service.offered_models()
        self.choices("language").choices = [("", gettext("Detect it")), *languages.of_recordings()]
        self.choices("model").choices = [(name, whisper_service.model_title(name)) for name in models]
        for name in ("language", "task", "model", "notify_by_mail"):
            self.fields[name].initial = getattr(self.defaults, name)

    def choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def options(self) -> JobOptions:
        """Call when valid. Raises BadRequest as the service does; an empty model or task is the usual one."""
        chosen = {name: value for name, value in self.cleaned_data.items() if value or name not in {"model", "task"}}
        return JobOptions.from_dict(chosen, defaults=self.defaults)


class LiveForm(forms.Form):
    """How a live recording is to be made; its values are what ``POST /api/v1/live/`` takes."""

    language = forms.ChoiceField(required=False, label=_("Language spoken"))
    title = forms.CharField(
        required=False, max_length=200, label=_("Title"), widget=forms.TextInput({"autocomplete": "off", "dir": "auto"})
    )
    vocabulary = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Names and terms"),
        help_text=_("One a line. Words that would otherwise be misspelt."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "placeholder": "Scripta\nDr Ångström"}),
    )
    keep_audio = forms.BooleanField(required=False, initial=True, label=_("Keep the sound beside the text"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = [("", gettext("Detect it")), *languages.of_recordings()]
        language.initial = user.default_language


class RenameForm(forms.Form):
    title = forms.CharField(max_length=200, label=_("Title"))
