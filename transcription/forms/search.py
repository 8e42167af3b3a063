"""What is searched for, and in which recordings."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.languages import of_recordings
from transcription.models import Tag
from transcription.services.search import LONGEST_QUERY, Wanted


class SearchForm(forms.Form):
    """What is searched for, and in which recordings."""

    LENGTHS = {"short": (None, 600), "middling": (600, 3600), "long": (3600, None)}
    q = forms.CharField(
        required=False,
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
    tag = forms.ModelMultipleChoiceField(
        Tag.objects.none(), required=False, label=_("With all of these tags"), widget=forms.CheckboxSelectMultiple
    )
    recording = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, languages: list[str], speakers: list[str], tags: QuerySet[Tag], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tag"].queryset = tags  # type: ignore[attr-defined]  # it is a choice of models
        speaker = self.fields["speaker"]
        assert isinstance(speaker, forms.ChoiceField)
        speaker.choices = [("", _("Anybody")), *((name, name) for name in speakers)]
        if not speakers:  # there is nothing to choose from
            speaker.widget = forms.HiddenInput()
        names = dict(of_recordings())
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
        if values.get("q") == values.get("speaker") == "":
            self.add_error("q", forms.Field.default_error_messages["required"])
        first, last = values.get("from"), values.get("to")
        if first and last and first > last:
            self.add_error("to", _("This day is before the first."))
        return values

    @property
    def is_narrowed(self) -> bool:
        """Something beside the words was chosen. Call when valid."""
        names = ("language", "length", "speaker", "tag", "recording", "from", "to")
        return any(self.cleaned_data[name] for name in names)

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
            tags=tuple(tag.pk for tag in values["tag"]),
            is_typed=is_typed,
        )


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    if day is None:
        return None
    try:
        return timezone.make_aware(datetime.combine(day + timedelta(days=days), time()))
    except OverflowError:  # the last day of all
        return None
