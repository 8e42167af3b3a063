"""What the library shows, and the marks on it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.languages import of_recordings
from accounts.models import User
from transcription.enums import RowState, TagColor
from transcription.models import Tag, Transcript
from transcription.querysets import SORTS, RecordingQuerySet


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
        names = dict(of_recordings())
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
                    rows = rows.tagged((tag.pk for tag in value), of=self.user)
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
