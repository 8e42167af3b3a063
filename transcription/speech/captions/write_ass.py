"""Advanced SubStation Alpha (v4+), the captions of editors and of libass, which burns them into pictures."""

from __future__ import annotations

from collections.abc import Callable

from transcription.speech.captions.characters import clean
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.options import WriteOptions
from transcription.speech.captions.rules import Cue
from transcription.speech.captions.scripts import is_right_to_left

PICTURE = (1920, 1080)
"""Width and height of the picture that sizes and margins are said for; players scale them to theirs."""
_STYLE = (
    "Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
    "StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, "
    "Encoding"
)
_COLOURS = "&H00FFFFFF,&H00FFFFFF,&H00101010,&H80000000"
_RIGHT_TO_LEFT_MARK = "\u200f"
"""Before a line that a Latin name or word begins, and that would be laid out from the left."""
_WORD_JOINER = "\u2060"
_ESCAPES = str.maketrans({"\\": f"\\{_WORD_JOINER}", "{": "\\{", "}": "\\}"})
"""As FFmpeg writes them: ASS has no escape for a backslash, but a joiner after it keeps it from being a command."""


def write_ass(document: TranscriptDocument, options: WriteOptions) -> str:
    """Times in hundredths of a second; the speaker is the event's ``Name``, and stands before the text as in SubRip."""
    cues = document.cues(labels=options.speakers)
    return ass_script(cues, title=document.title, labels=options.speakers, font="Arial", size=64)


def escape_ass(text: str) -> str:
    """Text that says nothing but itself."""
    return text.translate(_ESCAPES)


def ass_script(
    cues: list[Cue],
    *,
    title: str,
    labels: bool,
    font: str,
    size: int,
    picture: tuple[int, int] = PICTURE,
    mark: Callable[[str], str] = escape_ass,
) -> str:
    """A script for a ``picture`` of this width and height. ``mark`` escapes a caption, and may add commands to it."""
    head = (
        "[Script Info]\n"
        f"Title: {clean(title).strip()}\n"
        f"ScriptType: v4.00+\nPlayResX: {picture[0]}\nPlayResY: {picture[1]}\n"
        "WrapStyle: 0\nScaledBorderAndShadow: yes\n\n"
        f"[V4+ Styles]\nFormat: {_STYLE}\nStyle: Default,{font},{size},{_COLOURS},{_place(picture, size)}\n\n"
        "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    )
    return head + "".join(f"{_event(cue, labels=labels, mark=mark)}\n" for cue in cues)


def _place(picture: tuple[int, int], size: int) -> str:
    """With a dark rim, at the bottom and in the middle; encoding -1 lets each line find its own direction."""
    rim, side, bottom = max(1, round(size / 20)), round(picture[0] / 24), round(picture[1] / 18)
    return f"0,0,0,0,100,100,0,0,1,{rim},{rim // 3},2,{side},{side},{bottom},-1"


def _event(cue: Cue, *, labels: bool, mark: Callable[[str], str]) -> str:
    start = round(cue.start * 100)
    end = max(round(cue.end * 100), start + 1)
    name = cue.speaker.replace(",", " ").strip() if labels else ""
    direction = _RIGHT_TO_LEFT_MARK if is_right_to_left("", cue.language) else ""
    lines = "\n".join(direction + line for line in cue.written(labels=labels))
    text = mark(lines).replace("\n", "\\N")
    return f"Dialogue: 0,{_time(start)},{_time(end)},Default,{name},0,0,0,,{text}"


def _time(hundredths: int) -> str:
    return f"{hundredths // 360_000}:{hundredths // 6000 % 60:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"
