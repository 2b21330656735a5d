"""State what a lesson reached, check it, and keep the measured value for tools to collect.

`python -m contentgen.claims notebooks/` prints one table of all claims in the stored notebooks;
`--write README.md` puts it between the file's `<!-- claims -->` and `<!-- /claims -->` lines.
"""

import argparse
import json
import math
import os
import sys
from pathlib import Path

from IPython.display import display

START, END = "<!-- claims -->", "<!-- /claims -->"


def claim(
    name: str,
    value: float,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "",
) -> None:
    """Check that `value` keeps its bound, and print one line that is the same on every machine.

    The line holds the bound, not the value. The measured value stands in the output's metadata, as
    `{"claim": {"name", "value", "at_least" or "at_most", "unit"}}`.

    Args:
        name: what was measured, such as `"held-out ELBO"`.
        value: the measured number, in `unit`.
        at_least, at_most: the bound; exactly one of the two.
        unit: such as `"nats"` or `"%"`; empty for a pure number.

    Raises:
        AssertionError: if the value breaks the bound or is not a finite number.
        ValueError: if not exactly one bound is given, or it is not a finite number.
    """
    if (at_least is None) == (at_most is None):
        raise ValueError(f"The claim {name!r} needs exactly one of at_least and at_most.")
    value = float(value)
    sign, bound = ("≥", at_least) if at_most is None else ("≤", at_most)
    bound = float(bound)
    if not math.isfinite(bound):
        raise ValueError(f"The claim {name!r} has the bound {bound}, expected a finite number.")
    kept = value >= bound if at_most is None else value <= bound
    stated = f"{name} {sign} {_number(bound)} {unit}".rstrip()
    if not (kept and math.isfinite(value)):
        raise AssertionError(f"✗ {stated} does not hold: measured {value:.6g} {unit}".rstrip())
    key = "at_least" if at_most is None else "at_most"
    facts = {"name": name, "value": float(f"{value:.6g}"), key: bound, "unit": unit}
    display({"text/plain": f"✓ {stated}"}, raw=True, metadata={"claim": facts})


def _number(value: float) -> str:
    return f"{value:.10g}".replace("-", "−")


def collect(folder: Path | str) -> list[dict]:
    """All claims stored in a folder's notebooks, in order: claim's facts and `"lesson"`, its file's stem.

    Raises:
        ValueError: if a file is not a notebook.
    """
    found = []
    for path in sorted(Path(folder).glob("*.ipynb")):
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"{path} is not a notebook; mend or remove it.") from None
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        facts = [
            output["metadata"]["claim"]
            for output in outputs
            if "claim" in output.get("metadata", {})
        ]
        found += [{"lesson": path.stem, **fact} for fact in facts]
    return found


def table(claims: list[dict]) -> str:
    """The claims as a Markdown table: lesson, what was measured, its bound, the value reached."""
    rows = ["| lesson | claim | bound | measured |", "|---|---|---|---|"]
    for fact in claims:
        sign = "≥" if "at_least" in fact else "≤"
        bound = fact.get("at_least", fact.get("at_most"))
        measured = f"{fact['value']:.4g}".replace("-", "−")
        unit = f" {fact['unit']}" if fact["unit"] else ""
        name = fact["name"].replace("|", "\\|")  # as in log p(x|z): it would end the cell
        rows.append(
            f"| {fact['lesson']} | {name} | {sign} {_number(bound)}{unit} | {measured}{unit} |"
        )
    return "\n".join(rows)


def write_table(text: str, file: Path) -> None:
    """Put `text` between the file's claims marks; the file is written whole or not at all."""
    old = file.read_bytes().decode("utf-8")  # bytes: the rest of the file keeps its line ends
    if old.count(START) != 1 or old.count(END) != 1 or old.index(END) < old.index(START):
        raise ValueError(
            f"{file} needs one line {START} and one line {END} for the table to stand between."
        )
    before, rest = old.split(START)
    after = rest.split(END)[1]
    temporary = file.with_name(file.name + ".new")
    temporary.write_bytes(f"{before}{START}\n{text}\n{END}{after}".encode())
    os.replace(temporary, file)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m contentgen.claims", description=__doc__.split("\n")[0]
    )
    parser.add_argument("folder", type=Path, help="folder with executed notebooks")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the table into this file instead"
    )
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        print(
            f"There is no folder {options.folder}; give the folder with the notebooks.",
            file=sys.stderr,
        )
        return 2
    try:
        text = table(collect(options.folder))
        if options.write:
            write_table(text, options.write)
        else:
            print(text)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
