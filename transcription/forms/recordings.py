"""What people choose for a recording: how it is transcribed, spoken, named, captioned."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import languages
from accounts.models import User
from transcription import whisper_service
from transcription.enums import Task
from transcription.services.jobs import JobOptions
from transcription.speech.captions import LARGEST_FILE


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


class CaptionFileForm(forms.Form):
    """Captions that were made elsewhere."""

    file = forms.FileField(
        label=_("File"),
        max_length=255,
        allow_empty_file=True,
        help_text=_("SubRip (.srt) or WebVTT (.vtt)."),
        error_messages={"required": _("Choose a file of captions.")},
        widget=forms.FileInput(attrs={"accept": ".srt,.vtt,application/x-subrip,text/vtt"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("This file is too large to be one of captions."))
        return file


class RenameForm(forms.Form):
    title = forms.CharField(max_length=200, label=_("Title"))
