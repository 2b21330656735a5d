"""Start a lesson the same way everywhere: quiet TensorFlow, fixed seeds, one figure style."""

import os
import platform
import sys
import traceback
import warnings
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path

from contentgen.checks import NotAllowed, check_whole

# isort: split
from numpy._core._multiarray_umath import __cpu_features__ as PROCESSOR  # what NumPy found, on each system

# Both must stand in the environment before TensorFlow and Keras are loaded.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever another course has set

if platform.machine().lower() in ("x86_64", "amd64") and not PROCESSOR.get("AVX", True):
    # TensorFlow would end the process, and say why on the standard error that is silenced below.
    raise NotAllowed(
        f"TensorFlow needs a processor with AVX, and this one ({platform.processor() or 'x86_64'}) has none; "
        "take another computer, or open the lesson on Colab by the badge at its top."
    )


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


try:
    with _silent_stderr():
        import keras  # it may load TensorFlow, or TensorFlow it
        import tensorflow as tf
        from tensorflow.python.framework.config import disable_op_determinism  # it has no public name

        # The first look at the devices prints a line about a missing GPU driver: have it here, unseen.
        tf.config.list_physical_devices()
except Exception as problem:
    file = Path(traceback.extract_tb(problem.__traceback__)[-1].filename)
    if file.parts[-3:] != ("src", "backend", "config.py"):
        raise
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    raise NotAllowed(
        f"Keras cannot read its settings in {home / 'keras.json'} ({problem}); delete that file, "
        "restart the kernel and run this cell again."
    ) from problem

import matplotlib as mpl  # noqa: E402
import numpy as np  # noqa: E402
from IPython import get_ipython  # noqa: E402

if keras.backend.backend() != "tensorflow":
    raise NotAllowed(
        f"Keras was started with {keras.backend.backend()} before the course could choose TensorFlow; "
        "restart the kernel and run the lesson from its first cell."
    )

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


def setup(seed: int = 0, deterministic: bool = True) -> None:
    """Make everything after this line repeatable: call it once, in a lesson's first cell.

    Seeds Python, NumPy and TensorFlow, switches TensorFlow's op determinism on (the same weights to
    the bit between two runs on one machine), gives each operation one thread and sets the figure style.
    With one thread a sum has one order, whatever the number of cores; two operations still run side by
    side, and small networks train faster that way.

    What files or variables of another course set in Keras and Matplotlib (another number format, channels
    first, a limit of epochs, a style) is set back. On a GPU, memory is taken as it is needed.

    Args:
        seed: a whole number from 0 to 2**32 - 1.
        deterministic: False for an operation that has no deterministic version on a GPU; in a notebook,
            such a one switches determinism off by itself, and says so.

    Raises:
        ValueError: if `seed` is not such a number.
    """
    check_whole("seed", seed, 0, 2**32 - 1)
    # A RuntimeError says that TensorFlow is at work already: it keeps what it has.
    with suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(1)
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        with suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)
    keras.utils.set_random_seed(int(seed))
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    else:
        disable_op_determinism()
    if gpus and (shell := get_ipython()):
        shell.set_custom_exc((tf.errors.OpError,), _without_determinism)
    keras.utils.disable_interactive_logging()
    mpl.rcdefaults()
    mpl.rcParams.update(STYLE)


def _without_determinism(shell, kind, problem, trace, tb_offset=None):
    """How IPython shows an error of TensorFlow: one sentence where an operation is not deterministic."""
    if "determinis" in str(problem).lower():
        disable_op_determinism()
        operation = problem.op.type if problem.op else "An operation"
        sentence = NotAllowed(
            f"{operation} has no deterministic version on this GPU, so determinism is off from here on: run "
            "this cell again. Numbers may differ a little from run to run. To have it off from the start, "
            "write runtime.setup(seed, deterministic=False) in the first cell."
        )
        shell.showtraceback((NotAllowed, sentence, trace))
    else:
        shell.showtraceback((kind, problem, trace), tb_offset=tb_offset)


def cache_dir() -> Path:
    """The folder for files that can be made again: trained judges, backups of a running training.

    It is the user's cache folder, or the folder that the environment variable CONTENTGEN_CACHE names.
    """
    import platformdirs

    folder = Path(os.environ.get("CONTENTGEN_CACHE") or platformdirs.user_cache_dir("contentgen"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def output_dir(save_to: str, lesson: str) -> Path:
    """The folder for what a lesson saves: `save_to`, or in the cache one of the lesson's own; it is made.

    Args:
        save_to: a path, or `""`.
        lesson: the notebook's name without its ending, such as `"06_vae_images"`.
    """
    folder = Path(save_to) if save_to else cache_dir() / lesson
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
