"""Open JupyterLab on lesson 00, with the course's own settings (.jupyter/).

    python tools/lab.py
    python tools/lab.py --no-browser --port=8899

What follows the file's name goes to JupyterLab.
"""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    os.environ["JUPYTER_CONFIG_DIR"] = str(Path(__file__).resolve().parent.parent / ".jupyter")
    try:
        from jupyterlab.labapp import main  # it reads the folder as soon as it is imported
    except ImportError:
        sys.exit(
            "This Python has no JupyterLab: set up the course as README.md says, and use its own Python."
        )
    print("JupyterLab prints its address below; Control-C, twice, stops it.", flush=True)
    sys.exit(main())
