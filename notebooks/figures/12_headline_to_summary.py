"""Take 12_headline_to_summary.png from the lesson's stored outputs: the picture of cell `look`.

Run it with `make figure N=12` after the lesson has been run.
"""

import base64
from pathlib import Path

import nbformat

here = Path(__file__)
notebook = nbformat.read(here.parent.parent / here.with_suffix(".ipynb").name, as_version=4)
(cell,) = (cell for cell in notebook.cells if cell.id == "look")
(png,) = (o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {}))
here.with_suffix(".png").write_bytes(base64.b64decode(png))
