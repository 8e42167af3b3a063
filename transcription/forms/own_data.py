"""What is kept of a person, for how long, and under which terms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


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
