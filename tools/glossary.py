"""docs/glossary.md: each term that a lesson sets in bold, with the sentence that defines it there."""

import re
from pathlib import Path

import contents  # tools/contents.py

HEAD = """# Glossary

Each term with the sentence that defines it first on the way through the lessons, and a link to its cell. In a
lesson a term stands in **bold** where it is defined. `make results` writes this file.
"""


def text(lessons: list[Path]) -> str:
    """The glossary's text for these notebooks, in a reader's order."""
    entries = {}
    for path in lessons:
        for cell, term, sentence in contents.defined_terms(contents.read(path)):
            # In a list a displayed formula becomes one in the line, where no space may stand before the end.
            definition = re.sub(r"\s*\\tag\{.*?\}|\*\*", "", sentence).replace("$$", "$")
            definition = re.sub(r"\s+", " ", definition)
            link = f"[{path.name[:2]}](../notebooks/{path.name}#cell-id={cell.id})"
            entries.setdefault(term.lower(), f"- **{term[0].upper()}{term[1:]}.** {definition} ({link})")
    return "\n".join([HEAD, *(entries[term] for term in sorted(entries)), ""])
