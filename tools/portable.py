"""Make networks that a newer Keras saved readable for the oldest Keras that the course supports.

    python tools/portable.py data/pretrained/*.keras

Keras 3.15 writes settings that Keras 3.13, which Colab ships, does not know. Where they hold nothing
they are left out; the weights stay as they are. Then data/checksums.txt is written anew.
"""

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from contentgen.files import whole_file, write_whole

DATA = Path(__file__).resolve().parent.parent / "data"
UNKNOWN = {"input_axes", "output_axes", "quantization_config"}


def without_unknown(part):
    """A part of a network's configuration without the settings that hold nothing there."""
    if isinstance(part, dict):
        kept = {k: v for k, v in part.items() if not (k in UNKNOWN and v is None)}
        return {k: without_unknown(v) for k, v in kept.items()}
    return [without_unknown(entry) for entry in part] if isinstance(part, list) else part


def make_portable(path: Path) -> None:
    """Rewrite one .keras file, whole or not at all."""
    with whole_file(path) as fresh, zipfile.ZipFile(path) as old, zipfile.ZipFile(fresh, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "config.json":
                content = json.dumps(without_unknown(json.loads(content))).encode()
            new.writestr(entry, content)


def write_checksums(data: Path = DATA) -> None:
    """SHA-256 of what data/ ships beside its cards, in the form that `sha256sum --check` reads."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(data).as_posix()}\n"
        for path in sorted(p for kind in ("keras", "json", "csv") for p in data.rglob(f"*.{kind}"))
    ]
    write_whole(data / "checksums.txt", "".join(lines))


def main(networks: Iterable[Path | str]) -> None:
    for network in networks:
        make_portable(Path(network))
    write_checksums()


if __name__ == "__main__":
    main(sys.argv[1:])
