"""Live captions as a listener sees them: recordings spoken at real pace into a server of our own, beside a peer."""

from __future__ import annotations

import asyncio
import statistics
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from accounts.services import keys
from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.live_client import LiveClient, Refused, require_websockets
from transcription.management.benchmarks.live_figures import Figures, figures, look, median
from transcription.management.benchmarks.live_requirements import OURS, PEER, Results, Trial, Whole, tell
from transcription.management.benchmarks.live_streams import (
    Speaker,
    Stream,
    Talk,
    WhisperLiveKit,
    read_stream,
    speak,
    speak_together,
)
from transcription.management.benchmarks.readers import Reader, peer, pipeline
from transcription.management.benchmarks.scratch import owner, run_in_scratch_folder
from transcription.speech.engines.base import EngineOptions
from transcription.speech.metrics import word_errors

HELP = "Speak recordings into a server at real pace, and measure what a listener sees."
WARM_UP_SECONDS = 4.0
LATECOMER_SECONDS = 10.0
"""One more speaker than there is room for comes so long after the others have begun."""
QUIET, MOST_WAIT = 0.1, 120.0
"""Processor seconds a second below which a server is taken to be done; seconds that one may take for it."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("streams", type=Path, nargs="+", help="recordings, each with a JSON of its text and words")
    parser.add_argument("--speakers", type=int, nargs="+", default=[1, 4, 6], help="at once (default: 1, 4, then 6)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of everything (default 3); medians count")
    parser.add_argument("--engine", default=settings.ENGINE)
    parser.add_argument("--model", default=settings.MODEL)
    parser.add_argument("--peer-url", help="of a running WhisperLiveKit, as ws://HOST:PORT; it is measured in turn")
    parser.add_argument("--peer-pid", type=int, help="its process, to count its processor time")
    parser.add_argument("--peer-speakers", type=int, nargs="+", default=[1], help="at once, for the peer (default 1)")


def run(*, say: Any, **options: Any) -> int:
    """Exit status 1 when a requirement is missed."""
    require_websockets()
    return run_in_scratch_folder(lambda: _measure(say, **options))


def _measure(say: Any, *, streams: list[Path], speakers: list[int], rounds: int, **options: Any) -> int:
    recordings = [read_stream(path) for path in streams]
    whole = _whole_files(recordings, **options)
    room = max(speakers)
    environment = {
        "SCRIPTA_ENGINE": options["engine"],
        "SCRIPTA_MODEL": options["model"],
        "SCRIPTA_LIVE_MODEL": options["model"],
        "SCRIPTA_LIVE_SPEAKERS": str(room),
    }
    results: dict[Trial, Results] = {}
    refusals: list[str] = []
    with Installation(environment=environment) as scripta:
        stage = Stage(scripta, options["peer_url"], options["peer_pid"])
        asyncio.run(stage.warm_up(recordings[0]))
        for number in range(rounds):
            for trial, recording in _trials(recordings, speakers, options):
                result = results.setdefault(trial, Results())
                asyncio.run(stage.perform(trial, recording, result, refusals, room=room))
                say(f"round {number + 1}, {_line(trial, result.rounds[-1], result.cpu[-1])}")
    _table(say, results, whole)
    return tell(say, results, whole, refusals)


def _trials(recordings: list[Stream], speakers: list[int], options: dict[str, Any]) -> list[tuple[Trial, Stream]]:
    """Ours and the peer's in turn, for each recording."""
    servers = [(OURS, speakers), *([(PEER, options["peer_speakers"])] if options["peer_url"] else [])]
    return [
        (Trial(server, recording.path.stem, count), recording)
        for recording in recordings
        for server, counts in servers
        for count in counts
    ]


class Stage:
    """The servers that are measured, and who speaks into them."""

    def __init__(self, scripta: Installation, peer_url: str | None, peer_pid: int | None) -> None:
        self.scripta, self.peer_url = scripta, peer_url
        self.key = keys.create_key(user=owner(), name="Measuring")[1]
        self.processes = {OURS: [scripta.process_named("supervisor"), scripta.process_named("keeper")]}
        self.processes[PEER] = [psutil.Process(peer_pid)] if peer_pid else []

    def speaker(self, server: str) -> Speaker:
        if server == PEER:
            assert self.peer_url is not None
            return WhisperLiveKit(self.peer_url)
        return LiveClient(self.scripta.url, self.key, language="en", title="Measuring")

    async def warm_up(self, recording: Stream) -> None:
        """Loading the model belongs to nobody's time."""
        pcm = recording.pcm[: int(WARM_UP_SECONDS * 32_000)]
        for server in (OURS, *([PEER] if self.peer_url else [])):
            await speak(self.speaker(server), pcm, drain=120)

    async def perform(
        self, trial: Trial, recording: Stream, result: Results, refusals: list[str], *, room: int
    ) -> None:
        await self._until_quiet()
        before, full = self.cpu_seconds(trial.server), trial.server == OURS and trial.speakers == room
        latecomer = asyncio.create_task(self._one_too_many(refusals)) if full else None
        speakers = [self.speaker(trial.server) for _ in range(trial.speakers)]
        talks = await speak_together(speakers, recording.pcm)
        if latecomer is not None:
            await latecomer
        used = self.cpu_seconds(trial.server) - before
        result.cpu.append(used / (recording.seconds * trial.speakers))
        seen = [look(talk.screens, ended=talk.ended, text=recording.text, spoken=recording.spoken) for talk in talks]
        result.rounds.append(median([figures(one) for one in seen]))
        result.errors = sum((one.errors for one in seen), result.errors)
        result.problems += [problem for talk in talks for problem in _problems(talk)]

    async def _until_quiet(self) -> None:
        """A server that fell behind works on when its turn is over: that is not to be the next one's burden."""
        for _ in range(int(MOST_WAIT)):
            before = sum(map(self.cpu_seconds, self.processes))
            await asyncio.sleep(1)
            if sum(map(self.cpu_seconds, self.processes)) - before < QUIET:
                return

    async def _one_too_many(self, refusals: list[str]) -> None:
        await asyncio.sleep(LATECOMER_SECONDS)
        client = LiveClient(self.scripta.url, self.key, language="en", title="One too many")
        try:
            await client.open()
        except Refused as refused:
            refusals.append(f"{refused.close} {refused.code}")
        else:
            refusals.append("taken")
            await client.vanish()

    def cpu_seconds(self, server: str) -> float:
        return sum(total_cpu_seconds(process) for process in self.processes[server])


def total_cpu_seconds(process: psutil.Process) -> float:
    """Of a process, its children, and those of them that have ended and were waited for."""
    try:
        times = process.cpu_times()
        own = times.user + times.system + times.children_user + times.children_system
        return float(own) + sum(total_cpu_seconds(child) for child in process.children())
    except psutil.NoSuchProcess:
        return 0.0  # it is in its parent's sum now, or will be at the next look


def _problems(talk: Talk) -> list[str]:
    told = [f"the server said: {error['code']}" for error in talk.heard.errors]
    late = [] if talk.finished else ["not finished in time"]
    again = [] if talk.heard.connections <= 1 else [f"{talk.heard.connections} connections"]
    return [*talk.heard.problems, *told, *late, *again]


def _whole_files(recordings: Sequence[Stream], *, engine: str, model: str, **_: Any) -> Whole:
    """How well the same weights read a recording that lies before them as a whole."""
    if engine == "scripted":
        return {}
    options = EngineOptions(model=model, models_dir=settings.MODELS)
    readers: dict[str, Reader] = {
        "faster-whisper, whole file, beam 5": peer("faster-whisper", options, beam_size=5),
        "scripta, whole file, beam 5": pipeline(options, beam_size=5),
    }
    return {
        name: {each.path.stem: word_errors(each.text, read(each.path, "en").text) for each in recordings}
        for name, read in readers.items()
    }


def _table(say: Any, results: dict[Trial, Results], whole: Whole) -> None:
    say("")
    say("| | stream | speakers | shown p50 / p95 s | settled p50 / p95 s | WER | flicker | tail s | CPU s a second |")
    say("|---|---|---|---|---|---|---|---|---|")
    for trial, result in results.items():
        say(f"| {trial.server} {_row(trial, result.figures, statistics.median(result.cpu))}")
    for name, errors in whole.items():
        for stream, count in errors.items():
            say(f"| {name} | {stream} | | | | {count.rate:.1%} | | | |")


def _row(trial: Trial, one: Figures, cpu: float) -> str:
    return (
        f"| {trial.stream} | {trial.speakers} | {one.shown_p50:.2f} / {one.shown_p95:.2f} "
        f"| {one.settled_p50:.2f} / {one.settled_p95:.2f} | {one.wer:.1%} | {one.flicker:.2f} | {one.tail:.2f} "
        f"| {cpu:.2f} |"
    )


def _line(trial: Trial, one: Figures, cpu: float) -> str:
    return (
        f"{trial.server} {trial.stream} × {trial.speakers}: shown {one.shown_p50:.2f} / {one.shown_p95:.2f}, "
        f"settled {one.settled_p50:.2f} / {one.settled_p95:.2f}, WER {one.wer:.1%}, flicker {one.flicker:.2f}, "
        f"tail {one.tail:.2f}, CPU {cpu:.2f}"
    )
