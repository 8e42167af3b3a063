"""What people say of a webhook."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from transcription.enums import WebhookEvent


class WebhookForm(forms.Form):
    """Where to, and of what. The services check the address."""

    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        help_text=_("Of a program of yours that takes messages by HTTP POST."),
        widget=forms.URLInput(attrs={"placeholder": "https://example.org/hooks/scripta", "autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Tell it when"),
        choices=WebhookEvent.choices,
        initial=[WebhookEvent.TRANSCRIPT_COMPLETED, WebhookEvent.TRANSCRIPT_FAILED],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
