"""Start a lesson the same way everywhere: quiet TensorFlow, fixed seeds, one figure style."""

import os
import platform
import sys
import warnings
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path

# Both must stand in the environment before TensorFlow is loaded.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


@contextmanager
def _silent_stderr():
    """Point the process's standard error at nothing, for C++ lines that no Python setting stops."""
    sys.stderr.flush()
    saved = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nothing)


with _silent_stderr():
    import tensorflow as tf

    # The first look at the devices prints a line about a missing GPU driver: have it here, unseen.
    tf.config.list_physical_devices()

import keras  # noqa: E402  (after TensorFlow, so that its start-up noise is gone)
import matplotlib as mpl  # noqa: E402
import numpy as np  # noqa: E402

from contentgen.checks import check_whole  # noqa: E402

# A text's first token can look at nothing but itself: there, a softmax over one number is right.
warnings.filterwarnings("ignore", message="You are using a softmax over axis -1")

STYLE = {
    "figure.dpi": 100,
    "savefig.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "image.cmap": "gray",
    "image.interpolation": "nearest",
}


def setup(seed: int = 0) -> None:
    """Make everything after this line repeatable: call it once, in a lesson's first cell.

    Seeds Python, NumPy and TensorFlow, switches TensorFlow's op determinism on (the same weights to
    the bit between two runs on one machine), gives each operation one thread and sets the figure style.
    With one thread a sum has one order, whatever the number of cores; two operations still run side by
    side, and small networks train faster that way.

    Args:
        seed: a whole number from 0 to 2**32 - 1.

    Raises:
        ValueError: if `seed` is not such a number.
    """
    check_whole("seed", seed, 0, 2**32 - 1)
    # A RuntimeError says that TensorFlow is at work already: it keeps the threads that it has.
    with suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(1)
    keras.utils.set_random_seed(int(seed))
    tf.config.experimental.enable_op_determinism()
    keras.utils.disable_interactive_logging()
    mpl.rcParams.update(STYLE)


def cache_dir() -> Path:
    """The folder for files that can be made again: trained judges, backups of a running training.

    It is the user's cache folder, or the folder that the environment variable CONTENTGEN_CACHE names.
    """
    import platformdirs

    folder = Path(os.environ.get("CONTENTGEN_CACHE") or platformdirs.user_cache_dir("contentgen"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def shipped(name: str) -> Path:
    """The path of a file that the course ships in `data/`, in a checkout and in an installed wheel alike.

    Args:
        name: path inside `data/`, such as `"pretrained/vae_strokes_decoder.keras"`.

    Raises:
        FileNotFoundError: if the course ships no such file.
    """
    folder = Path(str(files("contentgen"))) / "shipped"
    if not folder.is_dir():  # an editable install reads the checkout's own folder
        folder = Path(__file__).parents[1] / "data"
    path = folder / name
    if not path.is_file():
        files_shipped = [p for ending in ("keras", "csv") for p in folder.rglob(f"*.{ending}")]
        names = ", ".join(sorted(p.relative_to(folder).as_posix() for p in files_shipped))
        raise FileNotFoundError(f"The course ships no file {name!r}; it has {names or 'none yet'}.")
    return path


def machine() -> dict[str, str]:
    """What this lesson runs on, as name → value: versions, cores, memory in GiB, GPU if any."""
    import psutil

    gpus = tf.config.list_physical_devices("GPU")
    return {
        "Python": platform.python_version(),
        "TensorFlow": tf.__version__,
        "Keras": keras.__version__,
        "NumPy": np.__version__,
        "System": f"{platform.system()} {platform.machine()}",
        "Cores": str(os.cpu_count()),
        "Memory": f"{psutil.virtual_memory().total / 2**30:.1f} GiB",
        "Free memory": f"{psutil.virtual_memory().available / 2**30:.1f} GiB",
        "GPU": ", ".join(gpu.name for gpu in gpus) or "none (none is needed)",
    }
