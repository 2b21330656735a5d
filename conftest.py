"""What holds for every test and every notebook: no network, no file of the user's own."""

import atexit
import os
import runpy
import shutil
import tempfile
from pathlib import Path

from course import is_course  # tools/course.py
from hypothesis import HealthCheck, Phase, settings

# Notebook kernels and other programs inherit these; this very process loads the block by hand.
BLOCKED = Path(__file__).parent / "tests" / "blocked"
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(BLOCKED), os.environ.get("PYTHONPATH")]))
runpy.run_path(str(BLOCKED / "sitecustomize.py"))

# Two workers on two cores: the threads of NumPy's and scikit-learn's sums would wait for each other.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# A test must not depend on the user's trained judges, downloaded pictures and IPython settings. Workers side
# by side get these folders from the process that started them: what one has trained, the other finds.
if "PYTEST_XDIST_WORKER" not in os.environ:
    HOME = Path(tempfile.mkdtemp(prefix="contentgen-tests-"))
    atexit.register(shutil.rmtree, HOME, ignore_errors=True)
    for name in ("CONTENTGEN_CACHE", "KERAS_HOME", "IPYTHONDIR"):
        os.environ[name] = str(HOME / name.lower())


def pytest_ignore_collect(collection_path):
    """A reader's own notebooks, such as JupyterLab's copies, are no tests."""
    if collection_path.suffix == ".ipynb" and not is_course(collection_path):
        return True


# The same examples in each run: a test is green twice, and a wrong form is noticed each time. Most failures
# are those that tests/lessons wants, so they are not made small.
settings.register_profile(
    "course",
    deadline=None,
    derandomize=True,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # `lesson`: one for all examples of a test
)
settings.load_profile("course")

# On a fresh machine Matplotlib's first import says on standard error that it collects the fonts,
# and a notebook's standard error must stay empty: let that happen here.
import matplotlib.font_manager  # noqa: E402, F401
