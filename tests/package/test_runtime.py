"""One call makes a lesson repeatable and quiet; the course's own files are found."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import matplotlib as mpl
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from nbclient import NotebookClient
from tensorflow.python.framework import config

from contentgen import runtime

ROOT = Path(__file__).resolve().parents[2]


def some_numbers():
    """A few numbers from each source that a lesson may draw from."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dropout(0.5)])
    return [
        [random.random()],
        np.random.rand(2),  # noqa: NPY002 (this is the generator that setup must seed)
        tf.random.normal([2]),
        keras.random.normal((2,)),
        model.get_weights()[0],
        model(np.ones((4, 3), "float32"), training=True),
    ]


def test_one_seed_gives_the_same_numbers_and_another_seed_others():
    runtime.setup(3)
    first = some_numbers()
    runtime.setup(3)
    for a, b in zip(first, some_numbers(), strict=True):
        np.testing.assert_array_equal(a, b)
    runtime.setup(4)
    for a, b in zip(first, some_numbers(), strict=True):
        assert not np.array_equal(a, b)


def test_setup_makes_tensorflow_deterministic_and_sets_the_style():
    config.disable_op_determinism()
    mpl.rcParams["axes.spines.top"] = True
    runtime.setup(np.int64(2**32 - 1))
    assert config.is_op_determinism_enabled()
    assert mpl.rcParams["axes.spines.top"] is False


@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, "1", None, True, np.float32(1)])
def test_a_bad_seed_says_what_came_and_what_was_expected(seed):
    with pytest.raises(ValueError, match="expected a whole number from 0 to 4294967295") as raised:
        runtime.setup(seed)
    assert repr(seed) in str(raised.value)


def test_nothing_on_standard_error():
    code = """
import contentgen.training, contentgen.metrics, contentgen.plots
from contentgen import runtime
runtime.setup(0)
print("done")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("done\n", "", 0)


ELSEWHERE = """
import json, os, sys
from contentgen import runtime
runtime.setup(0)
import keras, matplotlib as mpl, numpy as np
seen = []
steps = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(2, 3)])
model.compile("sgd", "mse")
x, y = np.zeros((64, 28, 28, 1)), np.zeros((64, 26, 26, 2))
history = model.fit(x, y, batch_size=16, epochs=3, callbacks=[steps], verbose=0)
print(json.dumps([keras.backend.backend(), os.environ["KERAS_BACKEND"], model.dtype_policy.name,
    keras.config.floatx(), model.output_shape, keras.config.epsilon(), len(history.epoch), len(seen),
    mpl.rcParams["text.usetex"]]))
"""
HERE = ["tensorflow", "tensorflow", "float32", "float32", [None, 26, 26, 2], 1e-7, 3, 12, False]


@pytest.mark.parametrize(
    ("variables", "keras_json"),
    [
        ({"KERAS_BACKEND": "jax", "KERAS_MAX_EPOCHS": "1", "KERAS_MAX_STEPS_PER_EPOCH": "1"}, None),
        (
            {},
            '{"backend": "jax", "floatx": "float16", "image_data_format": "channels_first", "epsilon": 0.1}',
        ),
        ({}, "torn {"),
    ],
)
def test_what_another_course_has_set_is_set_back(tmp_path, variables, keras_json):
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\n")
    if keras_json:
        (tmp_path / "keras.json").write_text(keras_json)
    done = in_new_process(ELSEWHERE, KERAS_HOME=str(tmp_path), MATPLOTLIBRC=str(tmp_path), **variables)
    assert (json.loads(done.stdout), done.stderr) == (HERE, "")


def test_half_numbers_that_were_chosen_in_this_kernel_are_set_back():
    keras.config.set_dtype_policy("mixed_float16")
    runtime.setup(0)
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("keras_json", ['{"floatx": "bfloat16"}', '{"epsilon": 1}', "[1]"])
def test_settings_that_keras_itself_refuses_are_told_with_their_file(tmp_path, keras_json):
    (tmp_path / "keras.json").write_text(keras_json)
    done = in_new_process(ONE_SENTENCE, KERAS_HOME=str(tmp_path))
    assert done.stdout.startswith(f"Keras cannot read its settings in {tmp_path / 'keras.json'} (")
    assert done.stdout.endswith("); delete that file, restart the kernel and run this cell again.\n")


ONE_SENTENCE = """
from contentgen.checks import NotAllowed
try:
    from contentgen import runtime
except NotAllowed as problem:
    print(problem)
"""


def in_new_process(code, **variables):
    env = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )


def test_a_processor_without_avx_is_told_before_tensorflow_dies():
    """A pretended one: what NumPy found is changed before the course looks at it."""
    pretend = (
        """
import platform, sys
from numpy._core._multiarray_umath import __cpu_features__
__cpu_features__["AVX"] = False
platform.machine, platform.processor = lambda: {machine!r}, lambda: "Pretended 486"
"""
        + ONE_SENTENCE
    )
    for machine in ("x86_64", "AMD64"):
        done = in_new_process(pretend.format(machine=machine) + "print('tensorflow' in sys.modules)")
        sentence, loaded = done.stdout.splitlines()
        assert sentence.startswith("TensorFlow needs a processor with AVX, and this one (Pretended 486) has")
        assert loaded == "False"
    assert in_new_process(pretend.format(machine="arm64")).stdout == ""  # it has other features


def test_keras_that_runs_on_another_backend_already_is_told():
    pretend = "import keras\nkeras.backend.backend = lambda: 'jax'\n" + ONE_SENTENCE
    done = in_new_process(pretend)
    assert done.stdout.startswith(
        "Keras was started with jax before the course could choose TensorFlow; restart"
    )


def test_a_gpus_memory_is_taken_as_it_is_needed(monkeypatch):
    grown = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: ["one", "two"])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", lambda gpu, on: grown.append((gpu, on)))
    runtime.setup(0)
    assert grown == [("one", True), ("two", True)]

    def refuse(gpu, on):
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", refuse)
    runtime.setup(0)


GPU_CELLS = [
    """import tensorflow as tf
from contentgen import runtime
tf.config.list_physical_devices = lambda kind=None: ["a GPU"]
tf.config.experimental.set_memory_growth = lambda gpu, on: None
runtime.setup(0)
from tensorflow.python.framework.config import is_op_determinism_enabled
print(is_op_determinism_enabled())""",
    "raise tf.errors.UnimplementedError(None, None, 'Determinism is not yet supported for X.')",
    "print(is_op_determinism_enabled())",
    "raise tf.errors.InvalidArgumentError(None, None, 'Something else.')",
]


def test_an_operation_without_a_deterministic_version_switches_determinism_off_and_says_so():
    """As TensorFlow says it on a GPU; here the GPU is pretended."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in GPU_CELLS])
    client = NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(ROOT)}})
    client.execute()
    before, sentence, after, other = (cell.outputs[-1] for cell in notebook.cells)
    assert (before.text, after.text) == ("True\n", "False\n")
    (line,) = sentence.traceback
    assert line.startswith(
        "NotAllowed: An operation has no deterministic version on this GPU, so determinism"
    )
    assert other.ename == "InvalidArgumentError" and len(other.traceback) > 1


def test_determinism_can_be_left_off():
    runtime.setup(0)
    runtime.setup(0, deterministic=False)
    assert not config.is_op_determinism_enabled()
    runtime.setup(0)
    assert config.is_op_determinism_enabled()


CORES = """
import os, sys
os.sched_setaffinity(0, set(list(os.sched_getaffinity(0))[: int(sys.argv[1])]))
from contentgen import runtime
runtime.setup(0)
import tensorflow as tf
x, kernel = tf.random.normal([100, 28, 28, 1]), tf.random.normal([5, 5, 1, 16])
with tf.GradientTape() as tape:
    tape.watch(kernel)
    y = tf.reduce_mean(tf.nn.conv2d(x, kernel, 2, "SAME") ** 2)
slopes = tape.gradient(y, kernel)
print(tf.config.threading.get_intra_op_parallelism_threads(), hash(slopes.numpy().tobytes()))
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores can be hidden on Linux only")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two cores")
def test_one_core_gives_the_same_numbers_as_two():
    printed = [
        subprocess.run(
            [sys.executable, "-c", CORES, cores],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for cores in "12"
    ]
    assert printed[0] == printed[1] and printed[0].startswith("1 ")


def test_setup_does_not_mind_that_tensorflow_is_at_work(monkeypatch):
    def refuse(threads):
        raise RuntimeError("Intra op parallelism cannot be modified after initialization.")

    monkeypatch.setattr(tf.config.threading, "set_intra_op_parallelism_threads", refuse)
    runtime.setup(0)


def test_each_module_loads_tensorflow_by_way_of_runtime_or_not_at_all():
    """Whichever is imported first: sorting a module's imports must not bring the noise back."""
    code = """
import importlib, pkgutil, sys, traceback

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "keras"):
            raise RuntimeError(name)

sys.meta_path.insert(0, Refuse())
import contentgen
for module in pkgutil.iter_modules(contentgen.__path__, "contentgen."):
    try:
        importlib.import_module(module.name)
        print(module.name, "none")
    except RuntimeError as error:
        files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        print(module.name, any(name.endswith("runtime.py") for name in files))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    found = dict(line.split() for line in done.stdout.splitlines())
    assert "False" not in found.values(), found
    assert found["contentgen.metrics"] == found["contentgen.training"] == "True"


def test_the_cache_folder_is_where_the_environment_says_or_the_users_own(tmp_path, monkeypatch):
    wanted = tmp_path / "not there yet" / "cache"
    monkeypatch.setenv("CONTENTGEN_CACHE", str(wanted))
    assert runtime.cache_dir() == wanted and wanted.is_dir()
    monkeypatch.setenv("CONTENTGEN_CACHE", "")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: str(tmp_path / name))
    assert runtime.cache_dir() == tmp_path / "contentgen"


def test_what_a_lesson_saves_goes_where_it_is_told_or_into_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CONTENTGEN_CACHE", str(tmp_path / "cache"))
    for save_to, wanted in {
        str(tmp_path / "a" / "b"): tmp_path / "a" / "b",
        "": tmp_path / "cache" / "06_x",
    }.items():
        assert runtime.output_dir(save_to, "06_x") == wanted and wanted.is_dir()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Stands for the package's folder, in a checkout that ships one network."""
    (tmp_path / "contentgen").mkdir()
    (tmp_path / "data" / "pretrained").mkdir(parents=True)
    (tmp_path / "data" / "pretrained" / "small.keras").write_bytes(b"a network")
    monkeypatch.setattr(runtime, "__file__", str(tmp_path / "contentgen" / "runtime.py"))
    monkeypatch.setattr(runtime, "files", lambda name: tmp_path / name)
    return tmp_path / "contentgen"


def test_a_shipped_file_is_found_in_a_checkout_and_in_an_installed_package(package):
    """That a wheel really holds the files, and finds them, is in test_project.py."""
    assert runtime.shipped("pretrained/small.keras").read_bytes() == b"a network"
    shutil.move(package.parent / "data", package / "shipped")
    assert runtime.shipped("pretrained/small.keras").is_relative_to(package)


def test_a_file_that_is_not_shipped_is_told_with_those_that_are(package):
    with pytest.raises(FileNotFoundError, match=r"'big.keras'; it has pretrained/small.keras"):
        runtime.shipped("big.keras")
    (package.parent / "data" / "pretrained" / "small.keras").unlink()
    with pytest.raises(FileNotFoundError, match="it has none yet"):
        runtime.shipped("big.keras")


def test_machine_tells_versions_and_sizes():
    facts = runtime.machine()
    versions = ["Python", "TensorFlow", "Keras", "NumPy"]
    assert list(facts) == [*versions, "System", "Cores", "Memory", "Free memory", "GPU"]
    assert all(isinstance(value, str) and value for value in facts.values())
    assert facts["TensorFlow"] == tf.__version__ and facts["Python"].startswith("3.")
    assert int(facts["Cores"]) >= 1 and facts["Memory"].endswith(" GiB")
    assert 0 < float(facts["Free memory"].split()[0]) <= float(facts["Memory"].split()[0])
