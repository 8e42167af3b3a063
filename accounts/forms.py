from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import (
    AuthenticationForm,
    BaseUserCreationForm,
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
)
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import languages, mail
from accounts.models import ApiKey, Invitation, Scope, User


class SignInForm(AuthenticationForm):
    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _("This e-mail address and password do not belong together. Passwords are case-sensitive.")
    }
    username = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class _ToldAtThePassword:
    """What is wrong with a password is told where it is chosen: Django tells it where it is repeated."""

    def validate_password_for_user(self, user: User, password_field_name: str = "password2") -> None:
        super().validate_password_for_user(user, password_field_name.replace("2", "1"))  # type: ignore[misc]  # its forms have it


class _PasswordTwiceForm(_ToldAtThePassword, BaseUserCreationForm):
    """Checks a password against the validators; the services create the account."""

    def save(self, commit: bool = True) -> User:
        raise NotImplementedError("Accounts are created by accounts.services.")


class AccountForm(_PasswordTwiceForm):
    """A new account: who, with which password."""

    class Meta:
        model = User
        fields = ["email", "name"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "username"}),
        }

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(gettext("Somebody already uses this e-mail address."), code="account_exists")
        return email


class InvitedAccountForm(_PasswordTwiceForm):
    """A new account whose e-mail address the invitation fixes (``instance.email``)."""

    class Meta:
        model = User
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})}


class ForgottenPasswordForm(PasswordResetForm):
    """Django's, but the mail leaves from another thread: the answer takes as long for an unknown address."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        mail.send_later(to=to_email, template="reset", context=context, language=context["user"].language)


class NewPasswordForm(_ToldAtThePassword, SetPasswordForm):
    """For whoever came by the link of a mail."""


class ChangePasswordForm(_ToldAtThePassword, PasswordChangeForm):
    """For whoever knows the one before."""


class InvitationForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ["email", "as_administrator"]
        labels = {"as_administrator": _("May administer Scripta (people, invitations, jobs)")}
        widgets = {"email": forms.EmailInput(attrs={"autocomplete": "off"})}


class ProfileForm(forms.ModelForm):
    language = forms.ChoiceField(label=_("Language of the pages"), required=False)
    default_language = forms.ChoiceField(
        label=_("Language of new recordings"),
        required=False,
        help_text=_("Used for new recordings unless you choose another one."),
    )

    class Meta:
        model = User
        fields = ["name", "language", "default_language", "theme", "notify_by_mail", "notify_of_comments"]
        labels = {
            "notify_by_mail": _("Mail me when a transcript is ready"),
            "notify_of_comments": _("Mail me about new comments on my recordings, and where I take part or am named"),
        }
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spoken = [("", gettext("Detect the language")), *languages.of_recordings()]
        self.fields["default_language"].choices = spoken  # type: ignore[attr-defined]  # it is a choice
        written = [("", gettext("As the browser asks")), *settings.LANGUAGES]
        self.fields["language"].choices = written  # type: ignore[attr-defined]  # so is this


class KeyForm(forms.ModelForm):
    """A new API key. Only administrators may give it the scope ``admin``."""

    LIFETIMES = (("30", _("In 30 days")), ("90", _("In 90 days")), ("365", _("In a year")), ("", _("Never")))

    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ, Scope.WRITE, Scope.LIVE],
        error_messages={"required": _("Choose at least one.")},
    )
    days = forms.ChoiceField(label=_("It expires"), choices=LIFETIMES, required=False, initial="90")

    class Meta:
        model = ApiKey
        fields = ["name", "keeps_recordings"]
        labels = {"keeps_recordings": _("Keep in the library what programs send to /v1/audio/")}
        help_texts = {
            "name": _("What it is for, such as “Captions in the lecture hall”."),
            "keeps_recordings": _("Otherwise it is deleted as soon as the answer is out."),
        }
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"prefix": "key"}))  # the page has another form with a name
        offered = [choice for choice in Scope.choices if choice[0] != Scope.ADMIN or user.is_superuser]
        self.fields["scopes"].choices = offered  # type: ignore[attr-defined]

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None

    def save(self, commit: bool = True) -> ApiKey:
        raise NotImplementedError("Keys are created by accounts.services.")
