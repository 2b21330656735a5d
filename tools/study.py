"""Run a lesson over many settings and seeds, and keep one table.

    python tools/study.py 06                      # the studies of lesson 06
    python tools/study.py 06 --only latent_axes   # one of them

notebooks/studies.yaml says what to run. Each run is a row of data/studies/NAME.csv, written as soon as the
run has ended: what is there is skipped, so a study goes on where it was stopped. Delete a row, or the
file, to run it again. The card beside it, NAME.md, is written anew each time.
"""

import argparse
import csv
import itertools
import math
import re
import sys
import time
from importlib.metadata import packages_distributions, version
from pathlib import Path

import nbformat
import papermill
import yaml
from course import two_digits
from nbclient.exceptions import CellControlSignal
from portable import write_checksums
from results import facts

from contentgen import __version__
from contentgen.files import whole_file, write_whole
from contentgen.studies import as_text, spread

ROOT = Path(__file__).resolve().parent.parent
ABOUT = ["seconds", "contentgen", "python", "tensorflow", "keras", "numpy"]


class StudyError(Exception):
    """What went wrong, as one sentence for the author."""


def read_studies(lesson: str) -> dict[str, dict]:
    """Name → study, of one lesson's part of studies.yaml; each with its notebook's path."""
    path = ROOT / "notebooks" / "studies.yaml"
    described = yaml.safe_load(path.read_text(encoding="utf-8"))
    start = f"{two_digits(lesson)}_"
    found = {name: study for name, study in described.items() if study["lesson"].startswith(start)}
    if not found:
        raise StudyError(f"There is no study of lesson {lesson!r}; known are {', '.join(described)}.")
    for name, study in found.items():
        study["notebook"] = ROOT / "notebooks" / f"{study['lesson']}.ipynb"
        parameters = papermill.inspect_notebook(str(study["notebook"]))
        if unknown := {*study["fixed"], *varied(study)} - parameters.keys():
            raise StudyError(
                f"{name} sets {sorted(unknown)}, which {study['lesson']} does not have; "
                f"its parameters are {', '.join(parameters)}."
            )
        if bare := {*varied(study)} - {*study["fixed"]} if isinstance(study["vary"], list) else ():
            raise StudyError(f"{name} changes {sorted(bare)} one by one; give them a value in `fixed` too.")
    return found


def varied(study: dict) -> list[str]:
    """The parameters that vary, in the order in which they first come."""
    return list(dict.fromkeys(name for change in changes(study) for name in change))


def changes(study: dict) -> list[dict]:
    """What each setting changes: every combination of a mapping's values, or a list's entries one by one."""
    vary = study["vary"]
    if isinstance(vary, list):
        return vary
    return [dict(zip(vary, values, strict=True)) for values in itertools.product(*vary.values())]


def settings(study: dict) -> list[dict]:
    """Each change of the fixed parameters, for each seed."""
    seeds = [{"seed": seed} for seed in study["seeds"]]
    return [{**study["fixed"], **change, **seed} for change in changes(study) for seed in seeds]


def read_rows(path: Path) -> list[dict]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_rows(path: Path, rows: list[dict]) -> None:
    with whole_file(path) as fresh, fresh.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: as_text(value) for key, value in row.items()} for row in rows)


def versions() -> dict[str, str]:
    names = packages_distributions()  # `tensorflow` may come as tensorflow-cpu
    found = {module: version(names[module][0]) for module in ("tensorflow", "keras", "numpy")}
    return {"contentgen": __version__, "python": sys.version.split()[0], **found}


def run_one(name: str, study: dict, setting: dict) -> dict:
    """One run of the lesson: its settings, what it measured, seconds and versions."""
    label = " ".join(f"{key}={value}" for key, value in setting.items())
    file = re.sub(r"[^\w=. -]", "_", label)
    target = ROOT / "build" / "studies" / name / f"{file}.ipynb"
    # The cells that show the study are left out: its table need not be there yet.
    notebook = nbformat.read(study["notebook"], as_version=4)
    notebook.cells = [c for c in notebook.cells if "study" not in c.metadata.get("tags", [])]
    if last := study.get("until"):
        names = [cell.get("id") for cell in notebook.cells]
        if last not in names:
            raise StudyError(f"{name} runs until the cell {last!r}, which {study['lesson']} does not have.")
        del notebook.cells[names.index(last) + 1 :]
    left_out = study.get("without", [])
    if missing := {*left_out} - {cell.get("id") for cell in notebook.cells}:
        raise StudyError(f"{name} leaves out {sorted(missing)}, which {study['lesson']} does not have.")
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") not in left_out]
    with whole_file(target) as fresh:
        nbformat.write(notebook, fresh)
    start = time.perf_counter()
    papermill.execute_notebook(
        str(target), str(target), setting, cwd=str(study["notebook"].parent), progress_bar=False
    )
    seconds = time.perf_counter() - start
    measured = {fact["name"]: fact["value"] for fact in facts(target)}
    if missing := [kept for kept in study["keep"] if kept not in measured]:
        raise StudyError(f"{study['lesson']} states no {missing}; it states {list(measured)}.")
    kept = {key: measured[key] for key in study["keep"]}
    print(f"{name}: {label}: {kept}, {seconds:.0f} s", flush=True)
    return {**setting, **kept, "seconds": f"{seconds:.0f}", **versions()}


def run(name: str, study: dict) -> int:
    """Run what is not there yet; returns how many runs failed."""
    path, failed = ROOT / "data" / "studies" / f"{name}.csv", 0
    rows = read_rows(path)
    keys = list(settings(study)[0])
    columns = [*keys, *study["keep"], *ABOUT]
    if rows and list(rows[0]) != columns:
        raise StudyError(
            f"{path} has the columns {', '.join(rows[0])}, and the study now has "
            f"{', '.join(columns)}; move the old table away."
        )
    done = {tuple(row[key] for key in keys) for row in rows}
    for setting in settings(study):
        if tuple(as_text(setting[key]) for key in keys) in done:
            continue
        try:
            rows.append(run_one(name, study, setting))
        except (papermill.PapermillExecutionError, CellControlSignal, RuntimeError) as error:
            # A kernel that died is a RuntimeError, without a name of its own.
            reason = f"{error.ename}: {error.evalue}" if hasattr(error, "ename") else error
            print(f"{name}: {setting} failed: {reason}", file=sys.stderr)
            failed += 1
        else:
            write_rows(path, rows)
            write_checksums(ROOT / "data")
            write_whole(path.with_suffix(".md"), card_text(name, study, rows))
    return failed


def number(kept: str | float | None) -> float:
    """What a row holds, as it was kept or as its table has it: empty was not finite."""
    return math.nan if kept in ("", None) else float(kept)


def card_text(name: str, study: dict, rows: list[dict]) -> str:
    """What the table holds and how it was made, with the mean and the range over the seeds."""
    fixed = ", ".join(f"`{key}` = {value}" for key, value in study["fixed"].items())
    but_for = f"{fixed} and what varies" if fixed else "what varies"
    groups = {}
    for row in rows:
        groups.setdefault(tuple(as_text(row[key]) for key in varied(study)), []).append(row)
    head = [*varied(study), *study["keep"], "seconds", "runs"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for values, group in groups.items():
        cells = list(values)
        for key in (*study["keep"], "seconds"):
            cells.append(spread([number(row[key]) for row in group]))
        lines.append(f"| {' | '.join([*cells, str(len(group))])} |")
    about = {", ".join(f"{key} {row[key]}" for key in ABOUT[1:]) for row in rows}
    lesson = study["lesson"]
    end = f"its cell `{study['until']}`" if "until" in study else "end"
    if "without" in study:
        end += " (without what trains for show)"
    return "\n".join(
        [
            f"# {name}\n\n**What.** {study['question'].strip()} A study: the lesson `{lesson}`, run from "
            f"beginning to {end} {len(rows)} times. The table is `{name}.csv`, one row a run.\n",
            f"**Made by.** `make study N={lesson[:2]}`, from `notebooks/studies.yaml`: the lesson's stored "
            f"parameters, but for {but_for}. Versions: {'; '.join(sorted(about))}.\n",
            "**Columns.** The settings; the seed; what the lesson measured; the seconds of the run "
            "on two cores; the versions. An empty field was not a finite number.\n",
            "**Results.** Mean over the seeds, with the lowest and the highest in brackets:\n",
            *lines,
            "\n**Limits.** A few seeds cannot tell settings apart that differ by less than the range in "
            "brackets, and nothing follows for other data or a longer training.\n",
            "**Licence.** CC BY 4.0, as all data that the course makes.\n",
        ]
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lesson", help="the lesson's number, such as 06")
    parser.add_argument("--only", help="one study, by its name")
    options = parser.parse_args(arguments)
    try:
        found = read_studies(options.lesson)
        if options.only and options.only not in found:
            raise StudyError(f"There is no study {options.only!r}; known are {', '.join(found)}.")
        chosen = {options.only: found[options.only]} if options.only else found
        failed = sum(run(name, study) for name, study in chosen.items())
    except StudyError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
