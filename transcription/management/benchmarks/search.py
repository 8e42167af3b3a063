"""Search: how long it takes among a million segments, asked through the API of a running server; or how good it is."""

from __future__ import annotations

import random
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import requests
from django.test import Client

from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.live_figures import percentile
from transcription.management.benchmarks.scratch import owner, run_in_scratch_folder
from transcription.management.benchmarks.search_quality import judge
from transcription.management.benchmarks.spoken_words import COMMON, Spoken, speak
from transcription.models import Recording
from transcription.services import marks, search_words

HELP = "Search among very many segments: rare words, common words, phrases, misspelt words."
MOST_SECONDS = 0.150
"""95th percentile of the whole mix."""
TIMES = 40
"""Searches of each kind."""
KINDS = {
    "rare": "one word that was said 1 to 20 times",
    "middling": "one word that was said in 0.05 to 2 % of the segments",
    "common": "one of the 20 commonest words",
    "two common": "two of the 20 commonest words",
    "common and rare": "a common and a rare word",
    "phrase": "three words in a row that were said",
    "common phrase": "two of the 8 commonest words in a row",
    "tagged": "a middling word, in recordings with two tags",
    "tagged common": "one of the 20 commonest words, in recordings with two tags",
    "name": "the first name of one of 400 speakers, which is a word that was said, too",
    "name in all": "the name of who speaks a third of all segments",
    "speaker": "all that one of 400 speakers said, without a word",
    "speaker in all": "all that was said by who speaks a third of all segments",
    "misspelt": "a middling word with two letters changed places",
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--segments", type=int, default=1_000_000, help="in the library (default 1,000,000)")
    parser.add_argument(
        "--longform", type=Path, metavar="FOLDER", help="instead: what comes first in the texts of its manifest.jsonl"
    )


def run(*, say: Any, longform: Path | None, **options: Any) -> int:
    """Exit status 1 when the 95th percentile of the mix is above 150 ms, or a passage that was not meant is first."""
    if longform is not None:
        folder = longform.resolve()
        return run_in_scratch_folder(lambda: _judge(say, folder))
    return run_in_scratch_folder(lambda: _measure(say, **options))


def _judge(say: Any, folder: Path) -> int:
    with Installation("--workers", "0", environment={"SCRIPTA_LIVE": "0"}):
        return judge(folder, say=say)


def _measure(say: Any, *, segments: int, **_: Any) -> int:
    with Installation("--workers", "0", environment={"SCRIPTA_API_USER_RATE": "0", "SCRIPTA_LIVE": "0"}) as scripta:
        began = time.monotonic()
        spoken = speak(owner(), segments=segments)
        say(f"{segments} segments, made in {time.monotonic() - began:.0f} s; {TIMES} searches of each kind, in turn")
        began = time.monotonic()
        while search_words.gather_words():
            pass
        say(f"words gathered in {time.monotonic() - began:.0f} s")
        asked = _searches(spoken, segments)
        times, found = _ask(scripta, asked, tags=_tags())
    say(f"{'kind':18}{'p50 ms':>8}{'p95 ms':>8}{'worst':>8}{'found':>7}  what is asked for")
    for kind, words in KINDS.items():
        seconds = times[kind]
        shown = "".join(f"{1000 * value:8.0f}" for value in (*_percentiles(seconds), max(seconds)))
        say(f"{kind:18}{shown}{sum(found[kind]) // TIMES:7}  {words}")
    every = [value for seconds in times.values() for value in seconds]
    say(f"{'all':18}" + "".join(f"{1000 * value:8.0f}" for value in (*_percentiles(every), max(every))))
    return int(_percentiles(every)[1] > MOST_SECONDS)


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    return percentile(seconds, 50), percentile(seconds, 95)


def _searches(spoken: Spoken, segments: int) -> list[tuple[str, str]]:
    """Kind and text, all kinds mixed. Everything is drawn by the same seed each time."""
    draw = random.Random(4)
    rare = [word for word, count in zip(spoken.words, spoken.counts, strict=True) if 1 <= count <= 20] or spoken.words[
        -9:
    ]
    middling = [
        word
        for word, count in zip(spoken.words, spoken.counts, strict=True)
        if 0.0005 * segments <= count <= 0.02 * segments and word not in COMMON
    ]
    makers = {
        "rare": lambda: draw.choice(rare),
        "middling": lambda: draw.choice(middling),
        "common": lambda: draw.choice(COMMON[:20]),
        "two common": lambda: " ".join(draw.sample(COMMON[:20], 2)),
        "common and rare": lambda: f"{draw.choice(COMMON[:20])} {draw.choice(rare)}",
        "phrase": lambda: f'"{draw.choice(spoken.phrases)}"',
        "common phrase": lambda: '"{} {}"'.format(*draw.sample(COMMON[:8], 2)),
        "tagged": lambda: draw.choice(middling),
        "tagged common": lambda: draw.choice(COMMON[:20]),
        "name": lambda: draw.choice(spoken.names[1:]).split()[0],
        "name in all": lambda: spoken.names[0],
        "speaker": lambda: draw.choice(spoken.names[1:]),
        "speaker in all": lambda: spoken.names[0],
        "misspelt": lambda: _misspelt(draw, middling),
    }
    asked = [(kind, make()) for kind, make in makers.items() for _ in range(TIMES)]
    draw.shuffle(asked)
    return asked


def _misspelt(draw: random.Random, words: list[str]) -> str:
    long = [word for word in words if len(word) > 5]
    word = draw.choice(long or words)
    place = draw.randrange(1, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _tags() -> list[int]:
    """Two of the owner's tags: one on every second of the own recordings, one on every fifth."""
    rows = list(Recording.objects.owned_by(owner()).order_by("created_at"))
    made = [marks.create_tag(owner=owner(), name=f"every {step}") for step in (2, 5)]
    for tag, step in zip(made, (2, 5), strict=True):
        marks.add_tag(tag=tag, recordings=rows[::step])
    return [tag.pk for tag in made]


def _ask(
    scripta: Installation, asked: list[tuple[str, str]], *, tags: list[int]
) -> tuple[dict[str, list[float]], dict[str, list[int]]]:
    """Seconds and passages of each search. Two before them open the connections."""
    client = Client()
    client.force_login(owner())
    session = requests.Session()
    session.cookies.update({"sessionid": client.cookies["sessionid"].value})
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    found: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for number, (kind, text) in enumerate([*asked[:2], *asked]):
        began = time.perf_counter()
        params: dict[str, Any] = {"speaker" if kind.startswith("speaker") else "q": text}
        params["tag"] = tags if kind.startswith("tagged") else []
        answer = session.get(f"{scripta.url}/api/v1/search/", params=params, timeout=60)
        seconds = time.perf_counter() - began
        answer.raise_for_status()
        if number >= 2:
            times[kind].append(seconds)
            found[kind].append(answer.json()["total"])
    return times, found
