from django.apps import AppConfig


class TranscriptionConfig(AppConfig):
    name = "transcription"

    def ready(self) -> None:
        from transcription import checks  # noqa: F401, PLC0415  (registers them, once the settings are there)
