"""Forms of the pages. The rules for what may be chosen are the services'."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from transcription import whisper_service
from transcription.enums import Task, WebhookEvent
from transcription.services.jobs import JobOptions
from transcription.services.search import LONGEST_QUERY, Wanted


class WebhookForm(forms.Form):
    """Where to, and of what. The services check the address."""

    url = forms.CharField(
        label="Address",
        max_length=2000,
        help_text="Of a program of yours that takes messages by HTTP POST.",
        widget=forms.URLInput(attrs={"placeholder": "https://example.org/hooks/scripta", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        label="Tell it when",
        choices=WebhookEvent.choices,
        initial=[WebhookEvent.TRANSCRIPT_COMPLETED, WebhookEvent.TRANSCRIPT_FAILED],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )


class JobOptionsForm(forms.Form):
    """How a recording is to be transcribed; begins with what the user's profile says."""

    language = forms.ChoiceField(required=False, label="Language spoken")
    task = forms.ChoiceField(required=False, label="Result", choices=Task.choices)
    model = forms.ChoiceField(required=False, label="Model")
    vocabulary = forms.CharField(
        required=False,
        max_length=2000,
        label="Names and terms",
        help_text="One a line. Words that would otherwise be misspelt.",
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Scripta\nDr Ångström"}),
    )
    notify_by_mail = forms.BooleanField(required=False, label="Mail me when it is ready")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.defaults = JobOptions.for_user(user)
        models = whisper_service.offered_models()
        self.choices("language").choices = [("", "Detect it"), *settings.RECORDING_LANGUAGES]
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

    language = forms.ChoiceField(required=False, label="Language spoken")
    title = forms.CharField(
        required=False, max_length=200, label="Title", widget=forms.TextInput({"autocomplete": "off"})
    )
    vocabulary = forms.CharField(
        required=False,
        max_length=2000,
        label="Names and terms",
        help_text="One a line. Words that would otherwise be misspelt.",
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Scripta\nDr Ångström"}),
    )
    keep_audio = forms.BooleanField(required=False, initial=True, label="Keep the sound beside the text")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = [("", "Detect it"), *settings.RECORDING_LANGUAGES]
        language.initial = user.default_language


class RenameForm(forms.Form):
    title = forms.CharField(max_length=200, label="Title")


class SearchForm(forms.Form):
    """What is searched for, and in which recordings. A field for tags belongs here, too."""

    LENGTHS = {"short": (None, 600), "middling": (600, 3600), "long": (3600, None)}
    q = forms.CharField(
        max_length=LONGEST_QUERY,
        label=_("Search for"),
        widget=forms.TextInput({"type": "search", "autocomplete": "off", "enterkeyhint": "search"}),
        error_messages={"max_length": _("Search for at most %(limit_value)d characters.")},
    )
    language = forms.ChoiceField(required=False, label=_("Language"))
    length = forms.ChoiceField(
        required=False,
        label=_("Length"),
        choices=[
            ("", _("Any length")),
            ("short", _("Under 10 minutes")),
            ("middling", _("10 to 60 minutes")),
            ("long", _("Over an hour")),
        ],
    )
    speaker = forms.ChoiceField(required=False, label=_("Speaker"))
    recording = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, languages: list[str], speakers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speaker = self.fields["speaker"]
        assert isinstance(speaker, forms.ChoiceField)
        speaker.choices = [("", _("Anybody")), *((name, name) for name in speakers)]
        names = dict(settings.RECORDING_LANGUAGES)
        chosen = self.data.get("language", "")
        codes = dict.fromkeys([*languages, *([chosen] if chosen in names else [])])
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        offered = sorted(((code, names.get(code, code)) for code in codes), key=lambda each: each[1])
        language.choices = [("", _("Any language")), *offered]
        for name, label in (("from", _("From")), ("to", _("To"))):  # "from" is no name in Python
            self.fields[name] = forms.DateField(required=False, label=label, widget=forms.DateInput({"type": "date"}))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("from"), values.get("to")
        if first and last and first > last:
            self.add_error("to", _("This day is before the first."))
        return values

    @property
    def is_narrowed(self) -> bool:
        """Something beside the words was chosen. Call when valid."""
        return any(self.cleaned_data[name] for name in ("language", "length", "speaker", "recording", "from", "to"))

    def wanted(self, *, is_typed: bool = False) -> Wanted:
        """Call when valid. Days are those of the server's time zone, the last one included."""
        values = self.cleaned_data
        shortest, longest = self.LENGTHS.get(values["length"], (None, None))
        return Wanted(
            text=values["q"],
            language=values["language"],
            speaker=values["speaker"],
            recording_id=values["recording"],
            since=_midnight(values["from"]),
            until=_midnight(values["to"], days=1),
            shortest=shortest,
            longest=longest,
            is_typed=is_typed,
        )


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    if day is None:
        return None
    try:
        return timezone.make_aware(datetime.combine(day + timedelta(days=days), time()))
    except OverflowError:  # the last day of all
        return None
