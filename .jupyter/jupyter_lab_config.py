# JupyterLab as `make lab` starts it: on this computer only, with Jupyter's own random token.
import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821 (Jupyter provides it)
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.root_dir = str(Path(__file__).resolve().parents[1])
c.LabApp.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.ServerApp.allow_root = True  # in a container everybody is root
c.Application.log_level = "WARN"  # the address is printed at every level

# Without a screen Python would start a text browser in this very terminal.
if sys.platform.startswith("linux") and not (os.getenv("DISPLAY") or os.getenv("WAYLAND_DISPLAY")):
    c.ServerApp.open_browser = False
