from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TranscriptionConfig(AppConfig):
    name = "transcription"
    verbose_name = _("Transcription")

    def ready(self) -> None:
        from transcription import checks  # noqa: F401, PLC0415  (registers them, once the settings are there)
