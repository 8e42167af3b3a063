"""The examples of docs/api.md, run as they stand: as scripts, and in a page of a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.server import ROOT, Server
from transcription.speech.audio import ffmpeg_program

BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "docs/api.md").read_text(), re.MULTILINE | re.DOTALL)
SCRIPTS = [(language, code) for language, code in BLOCKS if language in {"bash", "python"}]
IN_PAGES = [code for language, code in BLOCKS if language == "js"]
TALK = ROOT / "tests" / "data" / "jfk.flac"

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    server.manage("create_user", "programs@example.org", given="correct horse battery\n")
    return server.manage("create_api_key", "programs@example.org", "--name", "examples").strip()


def test_there_are_examples_in_each_language() -> None:
    assert [sum(language == each for language, _ in BLOCKS) for each in ("bash", "python", "js")] == [4, 3, 3]


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
def test_script_runs(server: Server, key: str, tmp_path: Path, number: int) -> None:
    language, code = SCRIPTS[number]
    shutil.copy(TALK, tmp_path / "talk.flac")
    program = [sys.executable, "-c", code] if language == "python" else ["bash", "-euo", "pipefail", "-c", code]
    given = {"SCRIPTA_URL": server.url, "SCRIPTA_KEY": key, "FFMPEG": ffmpeg_program()}
    done = subprocess.run(
        program, cwd=tmp_path, env=server.environment | given, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout or "export" in code


@pytest.mark.browser
@pytest.mark.parametrize("number", range(len(IN_PAGES)))
def test_example_runs_in_a_page(server: Server, key: str, page: Page, number: int) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "log" else None)
    page.goto(f"{server.url}/healthz")
    page.set_content('<input type="file">')
    page.locator("input").set_input_files(TALK)
    page.evaluate(f"async (key) => {{ {IN_PAGES[number]} }}", key)
    assert len(said) == 1
    assert said[0]
