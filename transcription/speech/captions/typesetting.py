"""Captions as they are drawn into a picture: each run of a script in a font that has its characters."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from transcription.speech.captions import fonts
from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.fonts import Font
from transcription.speech.captions.write_ass import ass_script, escape_ass

_OF_HEIGHT, _OF_WIDTH = 0.06, 0.042
"""The size of letters, as a share of the picture: what is read well on a television, but never wider than 42 fit."""


@dataclass
class Typesetter:
    """For captions in one language. libass does not look for a font itself among those that it is given, so each
    change of font is said in the script."""

    language: str
    _used: set[Font] = field(default_factory=set, init=False)

    def script(self, document: TranscriptDocument, *, size: tuple[int, int], labels: bool) -> tuple[str, list[Path]]:
        """An ASS script for a picture of this width and height, and the fonts that it names. Raises ``MissingFont``."""
        letters = round(min(_OF_HEIGHT * size[1], _OF_WIDTH * size[0]))
        script = ass_script(
            document.cues(labels=labels),
            title=document.title,
            labels=labels,
            font=fonts.BASE,
            size=letters,
            picture=size,
            mark=partial(self._marked, size=letters),
        )
        return script, sorted({fonts.fonts()[0].path, *(font.path for font in self._used)})

    def _marked(self, caption: str, *, size: int) -> str:
        """Letters of all scripts have the same size: that of a font is said as the height of its lines.

        A font lasts until another one is said, over the end of a line too.
        """
        marked, shown = "", fonts.BASE
        for font, text in fonts.runs(caption):
            self._used.add(font)
            family = fonts.family_of(font, self.language)
            if family != shown:
                height = round(size * font.height / fonts.fonts()[0].height)
                marked += f"{{\\fn{family}\\fs{height}}}"
                shown = family
            marked += escape_ass(text)
        return marked
