"""Whether the right passage comes first: searches as people make them, over texts of a folder of recordings.

The folder's ``manifest.jsonl`` has a line for each recording: ``id``, ``language``, ``text``, and perhaps ``segments``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from transcription.enums import RecordingState
from transcription.management.benchmarks.scratch import owner
from transcription.models import Recording, Transcript, TranscriptSegment
from transcription.services import search_words
from transcription.services.search import Page, Wanted, find_passages

SECONDS = 4.0
WORDS = 9
"""Fewest of a passage, where the manifest has no segments: it ends with the line or sentence."""
_BREAK = re.compile(r"(?<=[.,;:!?»])\s+(?=[«\"'A-ZÀ-Ý-])")
SEARCHES = (
    ("election day tuesday", "tuesday is election day"),
    ("go to the polls and vote", "go to the polls and vote"),
    ("competition political party", "competition between our political parties"),
    ("greatest strength democracy", "representative democracy"),
    ("all men created equal", "created equal"),
    ("voting booth", "voting booths"),
    ("rich or poor", "rich or poor"),
    ("families debt of gratitude", "debt of gratitude"),
    ("afghanistan iraq", "afghanistan and iraq"),
    ("tyranny oppression", "tyranny and oppression"),
    ("wisdom of our citizenry", "wisdom of our citizenry"),
    ('"will of the people"', "will of the people"),
    ("chinese wood block", "wood blocks engraved"),
    ("invention movable metal letters", "invention of movable metal letters"),
    ("forty-two line bible", "forty-two line"),
    ("picture books", "picture-books consist"),
    ("calligraphy perfect", "calligraphy to perfection"),
    ("first books black letter", "first books were printed in black letter"),
    ("lower case invented middle ages", "invented in the early middle ages"),
    ("missal psalter", "missals, psalters"),
    ("peter schoeffer", "peter schoeffer"),
    ("strasburg paris", "strasburg, basle, paris"),
    ("monastery near rome", "monastery of subiaco"),
    ("birth of roman character", "birth of roman character"),
    ("Gutenburg Bible", "aforesaid gutenberg bible"),
    ("Sweinheim Pannarts", "sweynheim and pannartz"),
    ("news and garland", "news and a garland"),
    ("squire as good as a knight", "as good as a knight"),
    ("richard ghosts", "ghosts to reproach"),
    ("squire of dames mistresses", "squire of dames"),
    ("pandemic next year", "pandemic"),
    ("revenue 64 billion", "64 billion"),
    ("profit recurring operation", "recurring operations"),
    ("forty winters", "forty winters"),
    ("beauty's rose", "rose might never die"),
    ("mother's glass april", "lovely april"),
    ("wrinkles golden time", "wrinkles this thy golden time"),
    ("Grimmelshausen", "grimmelshausen"),
    ("wunderlicher Vagant", "seltsamen vaganten"),
    ("Lachen Wahrheit", "mit lachen die wahrheit"),
    ("oiseau des bois", "gai comme un oiseau des bois"),
    ("cygne évadé cage", "évadé de sa cage"),
    ("vieux Paris", "le vieux paris n'est plus"),
    ("soleil rajeuni", "soleils rajeunis"),
    ("Eldorado vieux garçons", "eldorado banal"),
    ("femme morte libre", "ma femme est morte"),
    ("soleil de glace", "soleil de glace"),
    ("complot noir", "complots des noirs filous"),
    ("royaux escaliers", "royaux escaliers"),
    ("Theroigne", "théroigne"),
)
"""What somebody types, inflected, without accents or misspelt as people do, and words of the passage that was meant."""


def judge(folder: Path, *, say: Any) -> int:
    """Say which passages come first; exit status 1 when one of them is another than the one that was meant."""
    passages = _speak(folder)
    while search_words.gather_words():
        pass
    wrong = 0
    for text, meant in SEARCHES:
        found = find_passages(user=owner(), wanted=Wanted(text), page=Page(1))
        first = found.passages[0].text if found.passages else "nothing"
        if meant not in first.lower():
            wrong += 1
            say(f"{text}: {first}")
    say(f"{len(SEARCHES) - wrong} of {len(SEARCHES)} searches have the right one of {passages} passages first")
    return int(wrong > 0)


def _speak(folder: Path) -> int:
    """The texts as recordings; returns the number of passages."""
    lines = (folder / "manifest.jsonl").read_text().splitlines()
    return sum(_add(json.loads(line)) for line in lines if line.strip())


def _add(said: dict[str, Any]) -> int:
    passages = [each["text"] for each in said["segments"]] if "segments" in said else _passages(said["text"])
    recording = Recording.objects.create(
        owner=owner(), title=said["id"], state=RecordingState.READY, duration=len(passages) * SECONDS, size=1
    )
    transcript = Transcript.objects.create(
        recording=recording, version=1, engine="manifest", model="none", language=said["language"], is_complete=True
    )
    TranscriptSegment.objects.bulk_create(
        TranscriptSegment(
            transcript=transcript,
            index=number,
            rank=number,
            start=number * SECONDS,
            end=(number + 1) * SECONDS,
            text=text,
            language=said["language"],
        )
        for number, text in enumerate(passages)
    )
    return len(passages)


def _passages(text: str) -> list[str]:
    """Lines and sentences, short ones together with the next."""
    passages, open_line = [], ""
    for line in _BREAK.split(text):
        open_line = f"{open_line} {line}".strip()
        if len(open_line.split()) >= WORDS:
            passages.append(open_line)
            open_line = ""
    return [*passages, open_line] if open_line else passages
