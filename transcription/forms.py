"""Forms of the pages. The rules for what may be chosen are the services'."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from transcription import whisper_service
from transcription.enums import GrantRole, LinkKind, LinkRole, Task, WebhookEvent
from transcription.services.jobs import JobOptions
from transcription.services.links import LinkChoices


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


class PersonForm(forms.Form):
    """With whom a recording is shared."""

    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("Exactly as the person signs in."),
    )
    role = forms.ChoiceField(label=_("May"), choices=GrantRole.choices)


class GroupForm(forms.Form):
    group = forms.ModelChoiceField(label=_("Group"), queryset=Group.objects.none(), empty_label=None)
    role = forms.ChoiceField(label=_("May"), choices=GrantRole.choices)

    def __init__(self, *args: Any, groups: QuerySet[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]


class LinkForm(forms.Form):
    """A link to a transcript. The services check the password."""

    LIFETIMES = (
        ("1", _("In a day")), ("7", _("In a week")), ("30", _("In 30 days")), ("90", _("In 90 days")), ("", _("Never")),
    )  # fmt: skip

    label = forms.CharField(
        label=_("For whom"),
        max_length=100,
        required=False,
        help_text=_("Only you see this."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Whoever has it"), choices=LinkRole.choices)
    days = forms.ChoiceField(label=_("It expires"), choices=LIFETIMES, required=False, initial="30")
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        required=False,
        strip=False,
        help_text=_("Optional, at least 6 characters. Tell it in another way than the link."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def choices(self) -> LinkChoices:
        """Call when valid."""
        chosen = self.cleaned_data
        expires_at = timezone.now() + timedelta(days=int(chosen["days"])) if chosen["days"] else None
        return LinkChoices(
            kind=LinkKind.TRANSCRIPT,
            role=chosen["role"],
            label=chosen["label"],
            expires_at=expires_at,
            password=chosen["password"],
        )
