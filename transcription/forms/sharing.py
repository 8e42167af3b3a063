"""Whom a recording is shared with, and how."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from transcription.enums import GrantRole, LinkKind, LinkRole
from transcription.services.links import LinkChoices


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
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]  # it is a choice of models


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
