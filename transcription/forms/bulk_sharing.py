"""With whom many recordings are shared at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from transcription.enums import GrantRole


class ShareManyForm(forms.Form):
    """One person or one group."""

    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("Exactly as the person signs in."),
    )
    group = forms.ModelChoiceField(
        label=_("Or a group"), queryset=Group.objects.none(), required=False, empty_label=_("No group")
    )
    role = forms.ChoiceField(label=_("May"), choices=GrantRole.choices)

    def __init__(self, data: Any = None, *, groups: QuerySet[Group]) -> None:
        super().__init__(data, auto_id="share_many_%s")
        if groups.exists():
            self.fields["group"].queryset = groups  # type: ignore[attr-defined]  # it is a choice of models
        else:
            del self.fields["group"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and bool(values.get("email")) == bool(values.get("group")):
            self.add_error("email", _("Name one person, or choose one group."))
        return values
