"""What can go wrong between bytes and text.

Every error carries a stable ``code`` (for programs, logs and tests) and a ``message`` that may be shown to a user as it
stands. Technical detail belongs in the log or in ``detail``, never in ``message``. It is
English: whoever shows it translates it.
"""

from transcription.speech.marking import gettext_noop


class SpeechError(Exception):
    """Base of all errors of the speech core."""

    code = "speech_error"
    message = gettext_noop("The recording could not be transcribed.")

    def __init__(self, message: str | None = None, *, detail: str = "") -> None:
        self.message = message or type(self).message
        self.detail = detail
        super().__init__(f"{self.code}: {self.message}" + (f" ({detail})" if detail else ""))


class MediaError(SpeechError):
    """The file is the problem: trying again with the same file will not help."""

    code = "media_unreadable"
    message = gettext_noop("This file is not audio or video that can be read, or it is damaged.")


class EmptyMedia(MediaError):
    code = "media_empty"
    message = gettext_noop("This file is empty. It may not have been saved completely.")


class NoAudioTrack(MediaError):
    code = "media_no_audio"
    message = gettext_noop("This file has no sound track.")


class MediaTooLong(MediaError):
    code = "media_too_long"
    message = gettext_noop("This recording is longer than this server allows.")


class UnknownEncoding(MediaError):
    code = "encoding_unknown"
    message = gettext_noop("Sound cannot be sent in this encoding, or not at this sample rate.")


class DecoderFailed(SpeechError):
    """FFmpeg is missing, ran out of time or memory: the machine may be the problem."""

    code = "decoder_failed"
    message = gettext_noop("The sound could not be decoded.")


class ModelError(SpeechError):
    code = "model_error"
    message = gettext_noop("The speech model could not be used.")


class ModelUnavailable(ModelError):
    code = "model_unavailable"
    message = gettext_noop("The speech model is not on this machine and could not be fetched.")


class ModelCorrupt(ModelError):
    code = "model_corrupt"
    message = gettext_noop("The files of the speech model are damaged.")


class UnknownModel(ModelError):
    code = "model_unknown"
    message = gettext_noop("There is no speech model of this name.")


class UnsupportedLanguage(SpeechError):
    code = "language_unsupported"
    message = gettext_noop("The chosen model does not support this language.")


class UnknownFormat(SpeechError):
    code = "format_unknown"
    message = gettext_noop("Transcripts cannot be saved in this format.")


class UnknownOption(SpeechError):
    code = "option_unknown"
    message = "This format has no such choice."


class MissingFont(SpeechError):
    """What cannot be drawn must not become empty boxes."""

    code = "font_missing"
    message = "This text has characters for which this server has no font."


class CaptionFileError(SpeechError):
    """A file of captions that cannot be taken. The message says where, and what to do."""

    code = "captions_unreadable"
    message = "This is not a file of SubRip or WebVTT captions."


class Cancelled(SpeechError):
    """Raised out of a running transcription when its caller asked for it to stop."""

    code = "cancelled"
    message = gettext_noop("The transcription was cancelled.")
