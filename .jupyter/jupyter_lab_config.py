# JupyterLab as `make lab` starts it: on this computer only, with Jupyter's own random token.
import json
import os
import sys
from pathlib import Path

from jupyterlab_server.workspaces_handler import WorkspacesManager

c = get_config()  # noqa: F821 (Jupyter provides it)
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.root_dir = str(Path(__file__).resolve().parents[1])
c.LabApp.default_url = "/lab/tree/notebooks/00_start_here.ipynb"
c.ServerApp.allow_root = True  # in a container everybody is root
c.Application.log_level = "ERROR"  # the address is printed at every level
c.KernelManager.transport_encryption = "auto"  # otherwise each kernel warns in the terminal that it has none

# Without a screen Python would start a text browser in this very terminal.
if sys.platform.startswith("linux") and not (os.getenv("DISPLAY") or os.getenv("WAYLAND_DISPLAY")):
    c.ServerApp.open_browser = False

# At the first start the table of contents is open. Later JupyterLab keeps what the learner chose.
kept = Path(__file__).parent / "lab" / "workspaces"
if not kept.exists():
    kept.mkdir(parents=True)
    left = {"collapsed": False, "current": "@jupyterlab/toc:plugin", "widgets": ["@jupyterlab/toc:plugin"]}
    page = {"data": {"layout-restorer:data": {"left": left}}, "metadata": {"id": "default"}}
    WorkspacesManager(kept).save("default", json.dumps(page))
