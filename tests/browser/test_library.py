"""The library in a real browser against the whole product: uploads that survive, rows that tell the truth."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Dialog, Page, Request, Route, expect

from tests.browser.network import intercept
from tests.server import Server
from tests.sounds import JFK, convert

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    # The scripted engine reads the model's name as its delay for each window: long enough to see progress.
    pytest.mark.parametrize("server", [{"SCRIPTA_MODEL": "1.5"}], indirect=True),
]
CHUNK = 8 * 2**20


@pytest.fixture(scope="module")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """11 s of speech as 17 MB: three pieces of an upload."""
    return convert(JFK, tmp_path_factory.mktemp("big") / "big.wav", "-ar", "96000", "-ac", "2", "-c:a", "pcm_f64le")


@pytest.fixture
def named(tmp_path: Path):
    """A copy of the speech under a name of the test's own."""

    def copy(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(JFK.read_bytes())
        return path

    return copy


@pytest.fixture
def long_talk(tmp_path: Path):
    """Of three windows: long enough for a slow page to be seen before it is done."""
    return lambda name: convert(JFK, tmp_path / name, "-af", "aloop=loop=5:size=176000")


def row(page: Page, title: str):
    return page.locator("#rows > .row").filter(has=page.get_by_text(title, exact=True))


def state(page: Page, title: str):
    return row(page, title).locator(".state-label")


def choose(page: Page, *files: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload", exact=True).click()
    chooser.value.set_files(files)


def stored(server: Server) -> set[str]:
    """SHA-256 of every file in the storage."""
    files = (path for path in (server.data / "media").rglob("*") if path.is_file())
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_files_are_taken_that_were_chosen_before_the_script_came(new_tab, server, named):
    page = new_tab("/healthz")
    coming: list[Route] = []
    page.route("**/js/library*.js", lambda route: coming.append(route))
    page.goto(server.url, wait_until="commit")
    page.locator("#files").set_input_files(named("early.flac"))
    while not coming:
        page.wait_for_timeout(50)
    coming[0].continue_()
    expect(row(page, "early")).to_be_visible()
    expect(page.locator("#files")).to_have_value("")


def test_file_that_arrived_before_its_row_is_the_servers(tab, named):
    answers: list[tuple[Route, APIResponse]] = []
    rows: list[Route] = []

    def send(route: Route) -> None:
        if route.request.method == "PATCH":
            answers.append((route, route.fetch()))
            for row_asked in rows:
                row_asked.continue_()
        else:
            route.continue_()

    intercept(tab, "**/api/v1/uploads/**", send)
    intercept(tab, "**/uploads/*/row/", lambda route: route.continue_() if answers else rows.append(route))
    choose(tab, named("already there.flac"))
    expect(state(tab, "already there")).to_have_text("Done")
    (asked, answer) = answers[0]
    asked.fulfill(response=answer)
    expect(tab.locator("#pending > .row")).to_have_count(0)
    expect(row(tab, "already there")).to_have_count(1)
    expect(state(tab, "already there")).to_have_text("Done")


def slow_down(page: Page, *, bytes_a_second: int = 4_000_000):
    network = page.context.new_cdp_session(page)

    def conditions(*, offline: bool) -> None:
        throughput = {"downloadThroughput": -1, "uploadThroughput": bytes_a_second, "latency": 0}
        network.send("Network.emulateNetworkConditions", {"offline": offline, **throughput})

    conditions(offline=False)
    return conditions


def test_file_chosen_becomes_a_transcript(tab, long_talk):
    choose(tab, long_talk("chosen talk.flac"))
    talk = row(tab, "chosen talk")
    expect(talk.locator(".state-label")).to_contain_text("Transcribing")
    expect(talk.get_by_role("progressbar")).to_be_visible()
    expect(tab.get_by_role("link", name="“chosen talk” is ready to read.")).to_be_visible()
    expect(talk.locator(".state-label")).to_have_text("Done")
    expect(talk.get_by_text("English")).to_be_visible()
    talk.get_by_role("link", name="chosen talk").click()
    expect(tab.locator(".seg").first).to_contain_text("w1 w2 w3")


def test_files_dropped_on_the_page_are_uploaded(tab, named):
    content = base64.b64encode(JFK.read_bytes()).decode()
    tab.evaluate(
        """content => {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            const brought = new DataTransfer();
            for (const name of ["dropped 1.flac", "dropped 2.flac"]) brought.items.add(new File([bytes], name));
            const drag = (kind) => new DragEvent(kind, { dataTransfer: brought, bubbles: true, cancelable: true });
            document.body.dispatchEvent(drag("dragover"));
            window.veiled = !document.querySelector("#drop-veil").hidden;
            document.body.dispatchEvent(drag("drop"));
        }""",
        content,
    )
    assert tab.evaluate("window.veiled")
    expect(tab.locator("#drop-veil")).to_be_hidden()
    for title in ("dropped 1", "dropped 2"):
        expect(state(tab, title)).to_have_text("Done")


def test_choices_travel_with_the_upload(tab, named, server):
    tab.locator("#options summary").click()
    tab.get_by_label("Language spoken").select_option("de")
    tab.get_by_label("Result", exact=True).select_option("translate")
    tab.get_by_label("Names and terms").fill("Ångström\nScripta")
    tab.get_by_label("Mail me when it is ready").check()
    tab.locator("#options summary").click()
    expect(tab.locator("#options-summary")).to_contain_text("German · Translate to English")
    choose(tab, named("chosen options.flac"))
    expect(row(tab, "chosen options")).to_be_visible()
    code = """
from transcription.models import Job
job = Job.objects.get(recording__title="chosen options")
print([job.language, job.task, job.vocabulary.splitlines(), job.notify_by_mail])
"""
    expect(state(tab, "chosen options")).to_have_text("Done")
    assert server.manage("shell", "-v", "0", "-c", code).strip() == "['de', 'translate', ['Ångström', 'Scripta'], True]"


def test_file_that_cannot_be_read_says_why(tab, tmp_path):
    broken = tmp_path / "broken.mp3"
    broken.write_text("<html>Please sign in</html>")
    choose(tab, broken)
    failed = row(tab, "broken")
    expect(failed.get_by_text("Failed", exact=True)).to_be_visible()
    expect(failed.get_by_text("This file is not audio or video that can be read, or it is damaged.")).to_be_visible()
    expect(failed.get_by_text("Reference J-")).to_be_visible()
    failed.get_by_role("button", name="Retry").click()
    expect(failed.get_by_text("Failed", exact=True)).to_be_visible()


def test_empty_file_leaves_one_row(tab, tmp_path):
    empty = tmp_path / "nothing.mp3"
    empty.touch()
    choose(tab, empty)
    expect(row(tab, "nothing").get_by_text("This file is empty.")).to_be_visible()
    expect(tab.locator("#pending > *")).to_have_count(0)


def test_file_too_large_is_refused_before_it_is_sent(tab, tmp_path):
    sparse = tmp_path / "huge.wav"
    with sparse.open("wb") as file:
        file.truncate(11 * 2**30)
    choose(tab, sparse)
    refused = tab.locator("#pending > .row")
    expect(refused.get_by_text("Not uploaded")).to_be_visible()
    expect(refused.get_by_text("This file has 11.0 GB; this server takes up to 10.0 GB.")).to_be_visible()
    refused.get_by_role("button", name="Take away").click()
    expect(refused).to_have_count(0)


def test_job_cancelled_and_tried_again(tab, long_talk):
    choose(tab, long_talk("second thoughts.flac"))
    talk = row(tab, "second thoughts")
    talk.get_by_role("button", name="Cancel second thoughts").click()
    expect(talk.get_by_text("Cancelled")).to_be_visible()
    talk.get_by_role("button", name="Retry").click()
    expect(talk.locator(".state-label")).to_have_text("Done")


def test_deleted_row_comes_back_with_undo(tab, named):
    choose(tab, named("undone.flac"))
    talk = row(tab, "undone")
    expect(talk.locator(".state-label")).to_have_text("Done")
    talk.get_by_label("More for undone").click()
    talk.get_by_role("button", name="Delete").click()
    expect(tab.get_by_text("“undone” is in the trash.")).to_be_visible()
    expect(talk).to_have_count(0)
    tab.get_by_role("button", name="Undo").click()
    expect(talk).to_be_visible()
    expect(tab.get_by_text("“undone” is back in the library.")).to_be_visible()


def test_trash_restores_and_deletes_for_good(tab, named, new_tab):
    choose(tab, named("bin 1.flac"), named("bin 2.flac"))
    for title in ("bin 1", "bin 2"):
        expect(state(tab, title)).to_have_text("Done")
        row(tab, title).get_by_label(f"More for {title}").click()
        row(tab, title).get_by_role("button", name="Delete").click()
        expect(row(tab, title)).to_have_count(0)
    tab.get_by_label("Account: ada").click()
    tab.get_by_role("link", name="Trash").click()
    tab.get_by_role("button", name="Restore bin 1").click()
    expect(tab.get_by_text("“bin 1” is back in the library.")).to_be_visible()
    tab.locator("summary", has_text="Delete for good: bin 2").click()
    tab.get_by_role("button", name="Delete for good").click()
    expect(tab.get_by_text("“bin 2” was deleted for good.")).to_be_visible()
    tab.get_by_role("link", name="Library", exact=True).click()
    expect(row(tab, "bin 1")).to_be_visible()
    expect(row(tab, "bin 2")).to_have_count(0)


def test_rename_in_the_library(tab, named):
    choose(tab, named("old name.flac"))
    talk = row(tab, "old name")
    expect(talk.locator(".state-label")).to_have_text("Done")
    talk.get_by_label("More for old name").click()
    talk.get_by_role("link", name="Rename").click()
    expect(tab.get_by_role("dialog").get_by_label("Title")).to_have_value("old name")
    tab.get_by_role("dialog").get_by_label("Title").fill("New <b>name</b>")
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_role("dialog")).to_be_hidden()
    expect(row(tab, "New <b>name</b>")).to_be_visible()


def test_upload_paused_and_resumed(tab, big_file, server):
    slow_down(tab)
    choose(tab, big_file)
    big = row(tab, "big")
    big.get_by_role("button", name="Pause the upload of big").click()
    expect(big.get_by_text("Paused at")).to_be_visible()
    big.get_by_role("button", name="Resume the upload of big").click()
    expect(big.locator(".state-label")).to_have_text("Done", timeout=30_000)
    assert hashlib.sha256(big_file.read_bytes()).hexdigest() in stored(server)


def test_upload_goes_on_when_the_connection_comes_back(new_tab, big_file, server):
    before = len(list((server.data / "media").rglob("media")))
    tab = new_tab()
    network = slow_down(tab)
    choose(tab, big_file)
    arriving = tab.locator("#rows > .row[data-here]")
    expect(arriving.get_by_text("of 16.1 MB")).to_be_visible()
    network(offline=True)
    expect(arriving.get_by_text("Connection lost. Goes on by itself.")).to_be_visible(timeout=30_000)
    network(offline=False)
    expect(tab.get_by_role("link", name="“big” is ready to read.")).to_be_visible(timeout=40_000)
    files = list((server.data / "media").rglob("media"))
    assert len(files) == before + 1
    newest = max(files, key=lambda path: path.stat().st_mtime)
    assert newest.read_bytes() == big_file.read_bytes()


def test_upload_goes_on_after_a_closed_tab(new_tab, big_file, server, tmp_path):
    file = tmp_path / "left behind.wav"
    file.write_bytes(big_file.read_bytes())
    first = new_tab()
    slow_down(first)
    with first.expect_response(lambda response: response.request.method == "PATCH" and response.status == 204):
        choose(first, file)
    asked: list[Dialog] = []
    first.on("dialog", lambda dialog: (asked.append(dialog), dialog.accept()))
    first.close(run_before_unload=True)
    first.wait_for_event("close")
    assert [dialog.type for dialog in asked] == ["beforeunload"]

    second = new_tab()
    left = row(second, "left behind")
    expect(left.get_by_text("Not finished: choose the same file again to go on.")).to_be_visible()
    requests: list[Request] = []
    second.on("request", lambda request: requests.append(request))
    with second.expect_file_chooser() as chooser:
        left.get_by_role("button", name="Choose file to go on with left behind").click()
    chooser.value.set_files(file)
    expect(left.locator(".state-label")).to_have_text("Done", timeout=30_000)
    assert [request.method for request in requests if request.method in {"POST", "HEAD"}] == ["HEAD"]
    offsets = [int(request.headers["upload-offset"]) for request in requests if request.method == "PATCH"]
    assert offsets == list(range(offsets[0], 3 * CHUNK, CHUNK))[: len(offsets)]
    assert offsets[0] >= CHUNK
    newest = max((server.data / "media").rglob("media"), key=lambda path: path.stat().st_mtime)
    assert newest.read_bytes() == file.read_bytes()


def test_cancelled_upload_is_gone(tab, big_file, tmp_path):
    file = tmp_path / "given up.wav"
    file.write_bytes(big_file.read_bytes())
    slow_down(tab)
    choose(tab, file)
    row(tab, "given up").get_by_role("button", name="Cancel: given up").click()
    expect(tab.get_by_text("The upload of “given up” was cancelled.")).to_be_visible()
    expect(row(tab, "given up")).to_have_count(0)
    tab.reload()
    expect(row(tab, "given up")).to_have_count(0)
