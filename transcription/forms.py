"""Forms of the pages. The rules for what may be chosen are the services'."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from transcription import whisper_service
from transcription.enums import GrantRole, LinkKind, LinkRole, RowState, TagColor, Task, WebhookEvent
from transcription.models import Tag, Transcript
from transcription.querysets import SORTS, RecordingQuerySet
from transcription.services.jobs import JobOptions
from transcription.services.links import LinkChoices
from transcription.services.search import LONGEST_QUERY, Wanted
from transcription.speech.captions import LARGEST_FILE


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
    title = forms.CharField(max_length=200, label="Title")


class LibraryFilterForm(forms.Form):
    """What the library shows and in which order. Its values are an address that can be kept.

    A value that is not valid is said beside its field, and narrows nothing.
    """

    SORTED = (
        ("newest", _("Newest first")),
        ("oldest", _("Oldest first")),
        ("title", _("By title")),
        ("longest", _("Longest first")),
        ("shortest", _("Shortest first")),
    )
    q = forms.CharField(required=False, max_length=200, label=_("Title contains"))
    tag = forms.ModelMultipleChoiceField(
        Tag.objects.none(), required=False, label=_("With all of these tags"), widget=forms.CheckboxSelectMultiple
    )
    favourite = forms.BooleanField(required=False, label=_("Favourites only"))
    state = forms.ChoiceField(required=False, label=_("State"))
    language = forms.ChoiceField(required=False, label=_("Language"))
    since = forms.DateField(required=False, label=_("Made on or after"), widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(required=False, label=_("Made on or before"), widget=forms.DateInput({"type": "date"}))
    at_least = forms.FloatField(required=False, min_value=0, max_value=10**6, label=_("At least, in minutes"))
    at_most = forms.FloatField(required=False, min_value=0, max_value=10**6, label=_("At most, in minutes"))
    sort = forms.ChoiceField(required=False, label=_("Order"), choices=SORTED)

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.user = user
        self._choices("state", [("", _("Any state")), *RowState.choices])
        spoken = Transcript.objects.visible_to(user).in_library().exclude(language="").order_by()
        names = dict(settings.RECORDING_LANGUAGES)
        codes = spoken.values_list("language", flat=True).distinct()
        languages = sorted(((code, names.get(code, code)) for code in codes), key=lambda each: str(each[1]))
        self._choices("language", [("", _("Any language")), *languages])
        tags = self.fields["tag"]
        assert isinstance(tags, forms.ModelMultipleChoiceField)
        tags.queryset = Tag.objects.visible_to(user).by_name()

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def chosen(self) -> dict[str, Any]:
        """What narrows the list: the valid values that were given."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value and name != "sort"} | {
            name: self.cleaned_data[name] for name in ("at_least", "at_most") if self.cleaned_data.get(name) == 0
        }

    def narrow(self, rows: RecordingQuerySet) -> RecordingQuerySet:
        """The rows that were asked for, in the order that was asked for."""
        conditions = {
            "q": "title__icontains",
            "since": "created_at__date__gte",
            "until": "created_at__date__lte",
            "at_least": "duration__gte",
            "at_most": "duration__lte",
        }
        for name, value in self.chosen.items():
            match name:
                case "tag":
                    rows = rows.tagged(tag.pk for tag in value)
                case "favourite":
                    rows = rows.favourites_of(self.user)
                case "state":
                    rows = rows.in_row_state(value)
                case "language":
                    rows = rows.spoken_in(value)
                case "at_least" | "at_most":
                    rows = rows.filter(**{conditions[name]: value * 60})
                case _:
                    rows = rows.filter(**{conditions[name]: value})
        return rows.sorted_by(self.cleaned_data.get("sort") or next(iter(SORTS)))


class TagForm(forms.Form):
    name = forms.CharField(max_length=40, label=_("Name"), widget=forms.TextInput({"autocomplete": "off"}))
    color = forms.ChoiceField(required=False, label=_("Colour"), choices=TagColor.choices)


class RetentionForm(forms.Form):
    """Days; empty is never. The service checks them."""

    sound_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=36_500,
        label=_("Delete the sound after"),
        help_text=_("Days after the recording was made. The text stays. Empty: never."),
    )
    all_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=36_500,
        label=_("Delete everything after"),
        help_text=_("Days after the recording was made. For good, not to the trash. Empty: never."),
    )


class PasswordForm(forms.Form):
    """Asks for the password once more, before something that cannot be undone."""

    password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This is not your password."), code="wrong_password")
        return password


class VocabularyForm(forms.Form):
    terms = forms.CharField(
        required=False,
        max_length=50_000,
        label=_("Names and terms, one a line"),
        widget=forms.Textarea({"rows": 12, "spellcheck": "false", "placeholder": "Scripta\nDr Ångström"}),
    )


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
        if not speakers:  # there is nothing to choose from
            speaker.widget = forms.HiddenInput()
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
