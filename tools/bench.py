"""Measure the course on this machine and print one table.

    python tools/bench.py                # everything, medians of three runs
    python tools/bench.py --runs 1       # quicker
    python tools/bench.py --only cache   # lessons, strokes or cache

`lessons`: wall time, CPU time, peak memory and claims of each lesson, run by papermill into build/bench.
`strokes`: pictures drawn per second. `cache`: tokens that lesson 11's shipped network writes per second after
256 others, with the cache and without. How methods compare is for a study (notebooks/studies.yaml).
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import course  # tools/course.py
import results  # tools/results.py
from lesson_code import Lesson

from contentgen import runtime
from contentgen.claims import bounds_of, rounded
from contentgen.data import news, strokes

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parts = {"lessons": lessons, "strokes": strokes_speed, "cache": cache_speed}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="report medians of so many runs")
    parser.add_argument("--only", choices=parts, help="measure this alone")
    options = parser.parse_args()
    print(" · ".join(f"{name} {value}" for name, value in runtime.machine().items()), "\n")
    print("| what | measured |\n|---|---|")
    for name, part in parts.items():
        if options.only in (None, name):
            for what, measured in part(options.runs):
                print(f"| {what} | {measured} |", flush=True)
    return 0


def lessons(runs: int):
    """Rows of each lesson's time, memory and claims."""
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    for notebook in course.lessons():
        target = folder / notebook.name
        command = [sys.executable, "-m", "papermill", "--cwd", notebook.parent, "--no-progress-bar"]
        measured = [run_command([*command, notebook, target]) for _ in range(runs)]
        wall, cpu, memory = (median(values) for values in zip(*measured, strict=True))
        yield notebook.stem, f"{wall:.0f} s wall, {cpu:.0f} s CPU, {memory / 2**30:.2f} GiB at most"
    for path in sorted(folder.glob("*.ipynb")):
        for fact in results.facts(path):
            value = f"{rounded(fact['value'])} {fact['unit']}"
            yield f"{path.stem}: {fact['name']}", f"{value} ({bounds_of(fact) or 'no bound'})"


def run_command(command) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and the largest process's bytes, its kernel included."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not hasattr(os, "wait4"):  # Windows
        status, cpu, memory = process.wait(), float("nan"), float("nan")
    else:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu = usage.ru_utime + usage.ru_stime
        memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if status:
        raise SystemExit(f"{command[-2]} failed; see {command[-1]}.")
    return time.perf_counter() - start, cpu, memory


def strokes_speed(runs: int):
    """One row: pictures drawn per second."""

    def seconds():
        start = time.perf_counter()
        strokes.draw(10_000, seed=0)
        return time.perf_counter() - start

    yield "strokes", f"{10_000 / median(seconds() for _ in range(runs)):,.0f} pictures a second"


def cache_speed(runs: int):
    """Rows of lesson 11: one text, and 16 side by side."""
    lesson = Lesson("11_text_transformer")
    runtime.setup(0)
    lesson.run("box")
    text = "".join(report.text for report in news.draw(9, seed=1))
    codes = lesson["to_tokens"](text, lesson["shipped_tokens"])
    lesson.update(network=lesson["shipped"], test=codes)
    measured = []
    for _ in range(runs):
        lesson.run("cache")
        measured.append((lesson["speed"], lesson["slow"]))
    for batch in measured[0][0]:
        speed, slow = (median(found[batch] for found in kind) for kind in zip(*measured, strict=True))
        both = f"{speed:,.0f} with the cache, {slow:,.0f} without: {speed / slow:.1f} times as many"
        yield f"texts side by side: {batch}; tokens a second, after 256", both


if __name__ == "__main__":
    sys.exit(main())
