"""Pictures in a notebook's prose: a link for its author, inside the notebook for its reader.

Colab shows neither linked files nor attachments in prose, only what the text itself holds. So a stored cell
ends in each picture as a data URI, and names it as Markdown's reference: `![alt text][figures/x.png]`. The
author writes and sees `![alt text](figures/x.png)`.
"""

import re
from base64 import b64encode
from pathlib import Path

LINK = re.compile(r"!\[([^\]]*)\]\((figures/[\w-]+\.png)\)")
REFERENCE = re.compile(r"!\[([^\]]*)\]\[(figures/[\w-]+\.png)\]")
DATA = re.compile(r"\n+\[figures/[\w-]+\.png\]: data:\S*")


def linked(text: str) -> str:
    """Markdown with its pictures as links to their files."""
    return REFERENCE.sub(r"![\1](\2)", DATA.sub("", text))


def embedded(text: str, folder: Path) -> str:
    """Markdown that holds its pictures; their files are looked up from `folder`.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    text = linked(text)
    names = dict.fromkeys(name for _, name in LINK.findall(text))
    if not names:
        return text
    files = {name: b64encode((folder / name).read_bytes()).decode() for name in names}
    data = [f"[{name}]: data:image/png;base64,{file}" for name, file in files.items()]
    return "\n\n".join([LINK.sub(r"![\1][\2]", text).rstrip("\n"), *data])
