"""Bring docs/results.md, docs/glossary.md and the README's numbers in line with the stored notebooks.

    python tools/results.py

docs/results.md gets every claim and measured number. docs/glossary.md every term.
README.md gets the results of notebooks/headlines.yaml between its two `headlines` marks, and the minutes and
seconds that each lesson states for itself.
"""

import json
import re
import sys
from pathlib import Path

import glossary  # tools/glossary.py
import yaml
from course import lessons

from contentgen.claims import bounds_of, rounded
from contentgen.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
START, END = "<!-- headlines -->", "<!-- /headlines -->"


def facts(path: Path) -> list[dict]:
    """A stored notebook's claims and measured numbers, in order, as `contentgen.claims` describes them.

    Raises:
        ValueError: if the file is not a notebook.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path} is not a notebook; mend or remove it.") from None
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [fact for output in outputs for fact in output.get("metadata", {}).get("claims", [])]


def title_cell(path: Path) -> str:
    return "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])


def all_results(root: Path) -> str:
    """The text of docs/results.md."""
    parts = [
        "# Results\n\nEvery number that the stored notebooks state about themselves. A bound was made for "
        "the lesson's own settings and data, and is tested with them; with others the notebook shows ✗ "
        "where it does not hold, and goes on. The last column is what was measured when the stored "
        "notebooks were made. Lines without a bound promise nothing: they are there for comparison. "
        "`make results` writes this file.\n"
    ]
    for path in lessons(root):
        if found := facts(path):
            heading = title_cell(path).split("\n")[0].lstrip("# ")
            parts.append(f"## [{heading}](../notebooks/{path.name})\n")
            parts.append("| what | bound | measured |\n|---|---|---|")
            for fact in found:
                name = fact["name"].replace("|", "\\|")  # as in log p(x|z): it would end the cell
                value = f"{rounded(fact['value'])} {fact['unit']}".rstrip()
                parts.append(f"| {name} | {bounds_of(fact)} | {value} |")
            parts.append("")
    return "\n".join(parts)


def headlines(root: Path) -> str:
    """The results of notebooks/headlines.yaml as a Markdown list, each with a link to its lesson."""
    stored, lines = {path.name[:2]: path for path in lessons(root)}, []
    for entry in yaml.safe_load((root / "notebooks" / "headlines.yaml").read_text(encoding="utf-8")):
        path = stored[entry["lesson"]]
        values = {fact["name"]: rounded(fact["value"], 3) for fact in facts(path)}
        if missing := [name for name in entry["numbers"] if name not in values]:
            raise ValueError(f"{path.name} states no {missing}; mend notebooks/headlines.yaml.")
        sentence = entry["say"].format(*(values[name] for name in entry["numbers"]))
        lines.append(f"- {sentence} ([{entry['lesson']}](notebooks/{path.name}))")
    return "\n".join(lines)


def with_times(text: str, root: Path) -> str:
    """The README's text with each lesson's own reading minutes and run seconds in its table's row.

    Raises:
        ValueError: if a lesson's first cell does not state them.
    """
    for path in lessons(root):
        title = title_cell(path)
        read = re.search(r"reading time:\W*(\d+) min", title, re.IGNORECASE)
        run = re.search(r"run time:\W*(?:about )?(\d+) s", title, re.IGNORECASE)
        if not (read and run):
            raise ValueError(f"{path.name} needs its reading time and run time in its first cell.")
        row = rf"(\| \[[^]]*\]\(notebooks/{re.escape(path.name)}\) \|[^|\n]*\|) [^|\n]* \| [^|\n]* \|"
        text = re.sub(row, rf"\1 {read[1]} | {run[1]} |", text)
    return text


def with_headlines(text: str, root: Path) -> str:
    """The README's text with the headline results between their marks.

    Raises:
        ValueError: if the marks are not there, once each.
    """
    parts = re.split(f"{START}|{END}", text)
    if len(parts) != 3 or text.index(END) < text.index(START):
        raise ValueError(f"README.md needs one line {START} and one line {END} around its results.")
    return f"{parts[0]}{START}\n{headlines(root)}\n{END}{parts[2]}"


def texts(root: Path = ROOT) -> dict[Path, str]:
    """What each file should hold."""
    readme, docs = root / "README.md", root / "docs"
    text = with_headlines(with_times(readme.read_text(encoding="utf-8"), root), root)
    terms = glossary.text(lessons(root))
    return {docs / "results.md": all_results(root), docs / "glossary.md": terms, readme: text}


def main(root: Path = ROOT) -> int:
    try:
        wanted = texts(root)  # all of them are made before the first is written
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    for path, text in wanted.items():
        write_whole(path, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
