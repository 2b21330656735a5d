"""Every lesson as a learner meets it: the course's own JupyterLab in a real browser.

    make test-browser                    # every lesson
    make test-browser ARGS="-k 06"       # one

Pictures of each lesson, top to bottom, go to build/screens/NN/, in the light and in the dark theme. The
lessons are run in a copy of the course, so that the stored ones stay as they are.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import course
import nbformat
import pytest
from copied import ROOT, copy_course
from playwright.sync_api import Error, Page, expect, sync_playwright

LESSONS = course.lessons()
AXE = Path(find_spec("axe_playwright_python").origin).parent / "axe.min.js"
RUN = 600_000  # milliseconds that a lesson may take on a slow machine
BROKEN = '[data-mime-type="application/vnd.jupyter.stderr"], [data-mime-type="application/vnd.jupyter.error"]'

# What an output shows: its pictures and its text.
SHOWN = """output => [...output.querySelectorAll("img")].map(image => image.src).join()
    + [...output.querySelectorAll("pre")].map(text => text.textContent).join()"""

# Waits until pictures can be painted; JupyterLab's editor has some without a source.
DECODED = "images => Promise.all(images.filter(image => image.src).map(image => image.decode()))"

# Whether each code cell has its number: JupyterLab shows [*] while one waits or runs.
NUMBERS = """() => [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].map(p => p.textContent)"""


@pytest.fixture(scope="session")
def chromium():
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    options = {"executable_path": path} if path else {"channel": "chrome"}
    root = ["--no-sandbox"] if sys.platform == "linux" and os.geteuid() == 0 else []
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-quic"]
    with sync_playwright() as play:
        try:
            browser = play.chromium.launch(**options, args=[*root, *quiet, "--disable-gpu"])
        except Error as problem:
            pytest.exit(
                "No browser starts. Install Chromium (on Debian: apt-get install chromium) or Google Chrome. "
                f"{path or 'Chrome'} said: {str(problem).splitlines()[0]}",
                returncode=1,
            )
        yield browser
        browser.close()


# What tornado writes where a page is closed at the very moment in which the server sends it something.
PAGE_GONE = r"(?s)Task exception was never retrieved\nfuture: [^\n]*WebSocketClosedError\(\)>\n"
PAGE_GONE += r".*?\ntornado\.websocket\.WebSocketClosedError\n"


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The address and the token of a JupyterLab that `make lab` started in a copy of the course."""
    course = copy_course(tmp_path_factory.mktemp("lab") / "course")
    (course / ".venv").mkdir()
    (course / ".venv" / "ready").touch()  # as if set-up were done
    runtime = course.parent / "runtime"
    command = ["make", "lab", f"PYTHON={shlex.quote(sys.executable)}", "ARGS=--no-browser --port=0"]
    environment = os.environ | {"JUPYTER_RUNTIME_DIR": str(runtime)}
    log = course.parent / "log"
    with log.open("w") as file:
        running = subprocess.Popen(
            command, cwd=course, env=environment, stdout=file, stderr=file, start_new_session=True
        )
    try:
        until = time.monotonic() + 180
        while not (found := [file for file in runtime.glob("jpserver-*.json") if file.stat().st_size]):
            assert running.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        yield json.loads(found[0].read_text())
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(30)
    shown = re.sub(PAGE_GONE, "", log.read_text())
    assert not re.search(r"^\[[WE] |WARNING|Traceback", shown, re.M), shown


def new_page(context, server, path, complaints) -> Page:
    """A page of this JupyterLab that hears its kernel; `complaints` gets its console's errors and
    warnings, and its requests to others."""
    page, heard = context.new_page(), []
    page.on("console", lambda m: m.type in ("error", "warning") and complaints.append(f"{m.type}: {m.text}"))
    page.on("pageerror", lambda problem: complaints.append(f"page error: {problem}"))
    page.on("request", lambda r: at_home(r.url) or complaints.append(f"a request left: {r.url}"))
    page.on("websocket", lambda line: line.on("framereceived", lambda _: heard.append(line.url)))
    page.goto(f"{server['url']}{path}?token={server['token']}")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=60_000)
    # If a page leaves while its line to the kernel opens, the server complains: jupyter_server's issue 1265.
    until = time.monotonic() + 60
    while not any("/channels" in url for url in heard):
        assert time.monotonic() < until, "JupyterLab does not hear its kernel"
        page.wait_for_timeout(100)
    return page


def at_home(url):
    return urlsplit(url).scheme in ("data", "blob") or urlsplit(url).hostname == "127.0.0.1"


class Opened:
    """A lesson in the browser."""

    def __init__(self, context, server, path):
        self.context, self.server, self.path = context, server, path
        self.cells = nbformat.read(path, as_version=4).cells
        self.code = [cell for cell in self.cells if cell.cell_type == "code"]
        self.screens = ROOT / "build" / "screens" / path.name[:2]
        self.complaints = []
        self.open("JupyterLab Light")

    def open(self, theme):
        """Open it; wait for the last code cell, since JupyterLab draws cell by cell."""
        name = "lab/api/settings/@jupyterlab/apputils-extension:themes"
        self.ask("put", name, data=json.dumps({"raw": json.dumps({"theme": theme})}))
        self.page = new_page(
            self.context, self.server, f"doc/tree/notebooks/{self.path.name}", self.complaints
        )
        self.page.wait_for_function(f"({NUMBERS})().length >= {len(self.code)}")
        self.page.wait_for_timeout(2000)  # milliseconds, for mathematics, charts and controls

    def ask(self, verb, name, **arguments):
        """Ask the server itself."""
        url = f"{self.server['url']}{name}?token={self.server['token']}"
        answer = getattr(self.context.request, verb)(url, **arguments)
        assert answer.ok, answer.text()
        return answer

    def cell(self, name):
        (place,) = (place for place, cell in enumerate(self.cells) if cell.id == name)
        return self.page.locator(".jp-Notebook .jp-Cell").nth(place)

    def run_all(self):
        for label in ("Run", "Run All Cells"):
            item = self.page.locator(".lm-MenuBar-itemLabel, .lm-Menu-item:visible")
            item.filter(has_text=re.compile(f"^{label}$")).click()
        self.page.wait_for_function(f"({NUMBERS})().some(number => number.includes('*'))")
        self.page.wait_for_function(f"({NUMBERS})().every(number => !number.includes('*'))", timeout=RUN)
        self.page.wait_for_timeout(1000)  # milliseconds, for the last pictures

    def keep_screens(self, name):
        """Pictures from top to bottom."""
        self.screens.mkdir(parents=True, exist_ok=True)
        for old in self.screens.glob(f"{name}_*.png"):
            old.unlink()
        panel, number, below = self.page.locator(".jp-WindowedPanel-outer"), 0, True
        while below and number < 99:
            scroll = "(panel, n) => { panel.scrollTop = n * (panel.clientHeight - 60) }"
            panel.evaluate(scroll, number)
            panel.locator("img:visible").evaluate_all(DECODED)
            self.page.wait_for_timeout(200)
            panel.screenshot(path=self.screens / f"{name}_{number:02d}.png")
            below = panel.evaluate("p => p.scrollHeight - p.scrollTop - p.clientHeight > 2")
            number += 1

    def serious(self):
        """What axe-core finds in prose and outputs: (impact, rule, element, how to mend it).

        Left out is what the course cannot change: sliders and ▶ have no name in ipywidgets, JupyterLab
        underlines no link, and drops the alt text that each figure has. A rule of ours sees to that text; it
        stands under the figure, too.
        """
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        # Without this axe-core takes what stands in JupyterLab's scrolled panel for invisible.
        style = self.page.add_style_tag(content="* { overflow: visible !important }")
        found = self.page.evaluate("""() => axe.run(
            {
                include: [[".jp-RenderedHTMLCommon"], [".jp-OutputArea-output"]],
                exclude: [[".noUi-handle"], [".widget-play"], [".jp-RenderedImage img"]],
            },
            {rules: {"link-in-text-block": {enabled: false}}},
        )""")
        style.evaluate("style => style.remove()")
        return [
            (rule["impact"], rule["id"], node["html"][:200], node["failureSummary"])
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def lesson(request, chromium, server):
    context = chromium.new_context(viewport={"width": 1366, "height": 1900})
    opened = Opened(context, server, request.param)
    yield opened
    for session in opened.ask("get", "api/sessions").json():
        opened.ask("delete", f"api/sessions/{session['id']}")
    context.close()


def test_jupyterlab_opens_on_lesson_00_with_the_table_of_contents(chromium, server):
    complaints = []
    page = new_page(chromium.new_context(), server, "", complaints)
    assert urlsplit(page.url).path == "/lab/tree/notebooks/00_start_here.ipynb"
    expect(page.locator(".jp-TableOfContents")).to_contain_text("Find your way")
    expect(page.locator(".jp-Dialog, .jp-toast, .Toastify__toast")).to_have_count(0)
    assert not complaints
    page.context.close()


# The tests of a lesson follow each other on one page, as a learner goes through it.


def test_every_cell_runs_and_shows_no_error(lesson):
    numbers = [f"[{number}]:" for number in range(1, len(lesson.code) + 1)]
    assert lesson.page.evaluate(NUMBERS) == numbers
    lesson.run_all()
    assert lesson.page.evaluate(NUMBERS) == numbers
    assert lesson.page.locator(BROKEN).all_text_contents() == []


def shows_mathematics_charts_and_pictures(lesson):
    page = lesson.page
    prose = [cell.source for cell in lesson.cells if cell.cell_type == "markdown"]
    plain = [re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.S) for text in prose]
    outputs = [output for cell in lesson.code for output in cell.outputs]
    drawn = page.locator(".jp-MarkdownCell .jp-RenderedMarkdown")
    for locator, count in (
        (drawn.filter(has=page.locator("mjx-container")), sum("$" in text for text in plain)),
        (drawn.locator(".jp-RenderedMermaid img"), sum(text.count("```mermaid") for text in prose)),
        (drawn.locator("img:not(.jp-RenderedMermaid img)"), sum(text.count("![") for text in plain)),
        (page.locator(".jp-RenderedImage img"), sum("image/png" in o.get("data", {}) for o in outputs)),
    ):
        expect(locator).to_have_count(count, timeout=60_000)
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    assert not [text for text in drawn.all_inner_texts() if re.search(r"\$\$|\\[a-z]+\{", text)]
    # This fails where a picture cannot be shown.
    page.locator(".jp-RenderedMarkdown img, .jp-OutputArea img").evaluate_all(DECODED)


def test_mathematics_charts_and_pictures_are_drawn(lesson):
    shows_mathematics_charts_and_pictures(lesson)
    lesson.keep_screens("light")


def test_nothing_serious_stands_in_a_blind_readers_way(lesson):
    assert lesson.serious() == []


def test_every_control_moves_by_keyboard_and_its_picture_changes(lesson):
    page, still = lesson.page, []
    outputs = page.locator(".jp-OutputArea-child:has(.jupyter-widgets)").all()
    assert len(outputs) == sum(len(re.findall(r"\.explore(_\w+)?\(", cell.source)) for cell in lesson.code)

    def changes(output, act):
        """Whether what is shown changes within ten seconds, and not into the sentence of an error."""
        before = output.evaluate(SHOWN)
        act()
        until = time.monotonic() + 10
        while output.evaluate(SHOWN) == before:
            if time.monotonic() > until:
                return False
            page.wait_for_timeout(50)
        return output.get_by_role("alert").count() == 0

    for output in outputs:
        expect(output.locator(".widget-html")).to_be_visible()
        sliders, boxes = output.get_by_role("slider").all(), output.locator("input[type=text]").all()
        choices = output.locator(".widget-toggle-buttons").all()
        plays = output.locator(".widget-play button:first-child").all()
        controls = output.locator(
            ".widget-inline-hbox:not(.widget-html), .widget-toggle-buttons, .widget-play"
        )
        assert controls.count() == len([*sliders, *boxes, *choices, *plays]) > 0
        for slider in sliders:
            at, end = (slider.get_attribute(f"aria-value{name}") for name in ("now", "max"))
            key = "ArrowLeft" if at == end else "ArrowRight"
            if not changes(output, lambda s=slider, k=key: s.press(k)):
                still.append(f"the slider at {at}")
        for box in boxes:
            box.fill(box.input_value()[:-1] or "Storm Hugo")
            if not changes(output, lambda b=box: b.press("Enter")):
                still.append(f"the box with {box.input_value()}")
        for button in [button for choice in choices for button in choice.locator("button").all()]:
            active = "mod-active" in button.get_attribute("class")
            if not active and not changes(output, lambda b=button: b.press("Enter")):
                still.append(f"the choice {button.inner_text()}")
        for play in plays:
            moves = [changes(output, lambda p=play: p.press("Enter"))]
            moves += [changes(output, lambda: None) for _ in range(2)]
            play.press("Enter")
            if not all(moves):
                still.append("the animation")
    assert not still


def test_an_exercise_is_solved_by_typing_and_kept(lesson):
    solutions = nbformat.read(ROOT / "notebooks" / "solutions" / lesson.path.name, as_version=4).cells
    solved = next(cell for cell in solutions if re.fullmatch(r"exercise-\d+-1", cell.id))
    cell = lesson.cell(solved.id)
    cell.locator(".cm-content").click()
    lesson.page.keyboard.press("ControlOrMeta+a")
    lesson.page.keyboard.type(solved.source)
    lesson.page.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-OutputArea-output")).to_contain_text("✓", timeout=30_000)
    with lesson.page.expect_response(lambda r: r.request.method == "PUT" and "/api/contents/" in r.url):
        lesson.page.keyboard.press("ControlOrMeta+s")
    lesson.page.close()
    lesson.open("JupyterLab Dark")
    cell = lesson.cell(solved.id)
    cell.scroll_into_view_if_needed()
    lines = cell.locator(".cm-line")
    expect(lines).to_have_text(solved.source.split("\n"))
    assert lines.all_text_contents() == solved.source.split("\n")  # the blanks, too
    expect(cell.locator(".jp-OutputArea-output")).to_contain_text("✓")


def test_all_is_drawn_in_the_dark_too(lesson):
    shows_mathematics_charts_and_pictures(lesson)
    lesson.keep_screens("dark")


def test_the_console_is_clean_and_no_request_left(lesson):
    assert lesson.complaints == []
