"""Which notebooks are the course's, found by their number; and what each tool that starts kernels needs."""

import re
from collections.abc import Iterable
from pathlib import Path

from jupyter_client import KernelManager

ROOT = Path(__file__).resolve().parent.parent
# A reader's own beside them have other names: 06_vae_images-Copy1, mine_06_vae_images, Untitled.
NAME = re.compile(r"(\d\d)_[a-z0-9_]+\.ipynb")

# Kernels warn of a connection without encryption, which a client has to ask for.
if hasattr(KernelManager, "transport_encryption"):
    KernelManager.transport_encryption.default_value = "auto"


class NotFound(Exception):
    """What was asked for and what there is, as one sentence."""


def is_course(path: Path) -> bool:
    """Whether a notebook has a name as the course's have."""
    return NAME.fullmatch(path.name) is not None


def lessons(root: Path = ROOT) -> list[Path]:
    """The lessons in their order."""
    return sorted(filter(is_course, (root / "notebooks").glob("*.ipynb")))


def solutions(root: Path = ROOT) -> list[Path]:
    """The worked answers in the order of their lessons."""
    return sorted(filter(is_course, (root / "notebooks" / "solutions").glob("*.ipynb")))


def two_digits(number: str) -> str:
    """`06` for `6`; all else as it is."""
    return f"0{number}" if re.fullmatch("[0-9]", number) else number


def numbered(number: str, notebooks: Iterable[Path]) -> list[Path]:
    """Those of the course's notebooks that a number names: 06 or 6, solutions/06."""
    folder, _, wanted = number.rpartition("/")
    if not re.fullmatch("[0-9]{1,2}", wanted):
        return []
    start, place = f"{two_digits(wanted)}_", folder or "notebooks"
    return [p for p in notebooks if is_course(p) and p.name.startswith(start) and p.parent.name == place]


def find(number: str, root: Path = ROOT) -> Path:
    """The notebook of a number: 06 or 6 is a lesson, solutions/06 its worked answers.

    Raises:
        NotFound: if there is none, or more than one.
    """
    found = numbered(number, [*lessons(root), *solutions(root)])
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise NotFound(f"{number} is the number of {names}; rename yours, as in mine_{found[-1].name}.")
    numbers = ", ".join(path.name[:2] for path in lessons(root))
    raise NotFound(f"There is no notebook {number!r}; say it as in 06 or solutions/06. Lessons: {numbers}.")
