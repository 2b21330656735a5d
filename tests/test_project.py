"""What several files say agrees: versions, dependencies, the locks, addresses, commands."""

import ast
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path
from urllib.parse import unquote

import course
import links
import nbformat
import pytest
import set_up
import yaml
from copied import copy_course
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import contentgen

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ["3.11", "3.12", "3.13"]
SYSTEMS = {  # the markers by which a lock chooses
    "Linux": dict(sys_platform="linux", os_name="posix", platform_machine="x86_64"),
    "Linux on ARM": dict(sys_platform="linux", os_name="posix", platform_machine="aarch64"),
    "macOS": dict(sys_platform="darwin", os_name="posix", platform_machine="arm64"),
    "Windows": dict(sys_platform="win32", os_name="nt", platform_machine="AMD64"),
}
LOCKS = {"requirements.lock": ["lab"], "requirements-test.lock": [*PROJECT["optional-dependencies"]]}
needs_make = pytest.mark.skipif(not shutil.which("make") or sys.platform == "win32", reason="needs make")


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def requirements(*groups):
    """The direct requirements of the plain package ("") and of extras, as name -> Requirement."""
    extras = PROJECT["optional-dependencies"]
    lines = [line for group in groups for line in (extras[group] if group else PROJECT["dependencies"])]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def pins(text):
    """The lines `name==version ; marker` of a lock or a list, as Requirements."""
    return [Requirement(line.rstrip("\\ ")) for line in re.findall(r"^\w.*==.*$", text, re.MULTILINE)]


def version(pin):
    return next(iter(pin.specifier)).version


def test_the_supported_pythons_agree_everywhere():
    supported = SpecifierSet(PROJECT["requires-python"])
    minors = [f"3.{minor}" for minor in range(30) if f"3.{minor}.0" in supported]
    assert minors == PYTHONS
    prefix = "Programming Language :: Python :: "
    assert [c.removeprefix(prefix) for c in PROJECT["classifiers"] if c.startswith(prefix)] == PYTHONS
    ci = yaml.safe_load(read(".github/workflows/ci.yml"))
    assert ci["jobs"]["test"]["strategy"]["matrix"]["python"] == PYTHONS
    first, after = set_up.supported()
    assert [f"3.{minor}" for minor in range(first, after)] == PYTHONS


def test_environment_yml_and_the_citation_have_the_versions_of_the_package():
    *conda, pip = yaml.safe_load(read("environment.yml"))["dependencies"]
    assert conda == [f"python {PROJECT['requires-python']}", "pip"]
    assert pip == {"pip": ["--requirement requirements.lock"]}
    assert yaml.safe_load(read("CITATION.cff"))["version"] == contentgen.__version__


def test_colabs_own_versions_satisfy_the_package():
    colab = {canonicalize_name(pin.name): version(pin) for pin in pins(read("tests/colab.txt"))}
    needed = requirements("")
    assert {"tensorflow", "keras", "ipython", "ipywidgets"} <= colab.keys()
    both = [name for name in colab if name in needed]
    clashes = [f"{needed[n]} but Colab has {colab[n]}" for n in both if colab[n] not in needed[n].specifier]
    assert not clashes


def test_what_is_for_work_on_the_course_is_no_plain_dependency():
    assert not requirements("").keys() & {"jupyterlab", "nbval", "papermill", "pytest", "notebook"}
    assert {"jupyterlab", "papermill"} <= requirements("lab").keys()
    assert "nbval" in requirements("test")
    assert "[tool.uv" not in read("pyproject.toml")  # `uv pip` in this folder leaves TensorFlow alone


def locked(lock, python, system):
    """The versions that a lock has for a Python and a system, as name -> list."""
    here = {**default_environment(), **SYSTEMS[system]}
    here |= {"python_version": python, "python_full_version": f"{python}.9"}
    found = {}
    for pin in pins(read(lock)):
        if pin.marker is None or pin.marker.evaluate(here):
            found.setdefault(canonicalize_name(pin.name), []).append(version(pin))
    return found


EVERYWHERE = pytest.mark.parametrize(
    ("python", "system"), [(python, system) for python in PYTHONS for system in SYSTEMS]
)


@EVERYWHERE
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_direct_dependency_in_its_range(lock, python, system):
    found = locked(lock, python, system)
    assert not {name: versions for name, versions in found.items() if len(versions) != 1}
    needed = requirements("", *LOCKS[lock])
    needed.pop("tensorflow")  # the next test is about it
    wrong = [
        wanted for name, wanted in needed.items() if found.get(name, ["none"])[0] not in wanted.specifier
    ]
    assert not wrong, f"run `make lock`: {[str(wanted) for wanted in wrong]}"


@EVERYWHERE
def test_there_is_one_tensorflow_and_the_tests_add_none(python, system):
    named = "tensorflow-cpu" if system == "Linux" else "tensorflow"
    found = locked("requirements.lock", python, system)
    assert found.keys() & {"tensorflow", "tensorflow-cpu"} == {named}
    wanted = requirements("")["tensorflow"].specifier
    assert found[named][0] in wanted
    ranges = [
        Requirement(line) for line in read("tools/cpu.txt").split("\n") if line.startswith("tensorflow")
    ]
    assert [line.specifier for line in ranges] == [wanted, wanted]
    # All else is the same in both.
    found.pop(named)
    tests = locked("requirements-test.lock", python, system)
    assert not tests.keys() & {"tensorflow", "tensorflow-cpu"}
    assert {name: tests.get(name) for name in found} == found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_no_dependency_that_pyproject_dropped(lock):
    named, name = set(), ""
    for line in read(lock).split("\n"):
        if match := re.match(r"([\w.-]+)==", line):
            name = canonicalize_name(match[1])
        elif "contentgen (pyproject.toml)" in line:
            named.add(name)
    needed = requirements("", *LOCKS[lock]).keys()
    assert named - {"tensorflow"} == needed - {"tensorflow"}, "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_a_hash_for_every_pin_and_names_no_index_and_no_folder(lock):
    for block in re.split(r"\n(?=\w)", read(lock))[1:]:
        assert "--hash=sha256:" in block, block.split("\n")[0]
    found = re.findall(r"\w+://\S*|--(?:extra-)?index\S*|--find-links.*|(?<![\w.])/\w+/\S*", read(lock))
    assert not found
    assert not (ROOT / "uv.lock").exists()


def imports(source):
    """The modules that a Python source imports, at any depth of its code, by their first names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def test_what_learners_run_needs_their_lock_alone():
    """Lessons, the package, and the tools of those targets that do not ask for the second lock."""
    targets = re.findall(r"^[a-z-]+: \.venv/ready .*\n\t(.*)", read("Makefile"), re.MULTILINE)
    tools = {name for recipe in targets for name in re.findall(r"tools/(\w+)\.py", recipe)}
    assert {"lab", "restore", "lesson", "study"} <= tools
    sources, left = (
        [path.read_text(encoding="utf-8") for path in (ROOT / "contentgen").rglob("*.py")],
        [*tools],
    )
    for path in [*course.lessons(), *course.solutions()]:
        cells = nbformat.read(path, as_version=4).cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        sources.append(re.sub(r"(?m)^( *)%.*", r"\1pass", code))  # %pip is no Python
    while left:
        sources.append(read(f"tools/{left.pop()}.py"))
        more = {name for name in imports(sources[-1]) if (ROOT / "tools" / f"{name}.py").is_file()}
        left, tools = [*left, *(more - tools)], tools | more
    modules = {name for source in sources for name in imports(source)}
    modules -= sys.stdlib_module_names | tools | {"contentgen"}
    distributions, lock = packages_distributions(), read("requirements.lock")
    known = {canonicalize_name(pin.name) for pin in pins(lock)}
    missing = [m for m in modules if not known & {canonicalize_name(d) for d in distributions.get(m, [])}]
    assert {"numpy", "papermill", "tensorflow"} <= modules and not missing


OURS = (  # badges, with the notebook that they open; install line, clone command, citation
    r"colab\.research\.google\.com/github/(?P<repo>[\w.-]+/[\w.-]+)/blob/main/notebooks/(?P<file>[\w.%-]+)",
    r"mybinder\.org/v2/gh/(?P<repo>[\w.-]+/[\w.-]+)/main\?labpath=notebooks%2F(?P<file>[\w.%-]+)",
    r"(?:git\+|git clone |repository-code: )https://github\.com/(?P<repo>[\w.-]+/[\w.-]+)",
)


def test_every_link_to_the_course_has_the_address_of_pyproject():
    text = "".join(path.read_text(encoding="utf-8") for path in links.course_files(ROOT))
    for form in OURS:
        found = {match["repo"].removesuffix(".git") for match in re.finditer(form, text)}
        assert found == {links.address(ROOT)}


def test_the_readme_has_both_badges_for_each_lesson():
    lessons = {path.name for path in course.lessons()}
    for badge in OURS[:2]:
        assert {unquote(match["file"]) for match in re.finditer(badge, read("README.md"))} == lessons


BADGES = (
    "[![](a.svg)](https://colab.research.google.com/github/someone/course/blob/main/notebooks/01_a.ipynb) "
    "[![](b.svg)](https://mybinder.org/v2/gh/someone/course/main?labpath=notebooks%2F01_a.ipynb)"
)
FOREIGN = "https://github.com/keras-team/keras https://github.com/someone/course-extra /someone/course"


@pytest.fixture
def small_course(tmp_path):
    """A course of one notebook, whose address is someone/course."""
    text = re.sub(r"(?<=github\.com/)[\w-]+/[\w-]+", "someone/course", read("pyproject.toml"))
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    clone = "git clone https://github.com/someone/course.git\nhttps://github.com/someone/course/issues."
    (tmp_path / "README.md").write_text(f"{BADGES}\n{clone}\n{FOREIGN}\n", encoding="utf-8")
    (tmp_path / "CITATION.cff").write_text("repository-code: https://github.com/someone/course\n")
    (tmp_path / "notebooks").mkdir()
    cells = ["%pip install --quiet git+https://github.com/someone/course", BADGES]
    (tmp_path / "notebooks" / "01_a.ipynb").write_text(json.dumps({"cells": cells, "é": FOREIGN}))
    return tmp_path


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_links_moves_every_link_and_nothing_else(small_course):
    before = contents(small_course)
    assert links.main(["new-owner/new.name"], small_course) == 0
    assert links.address(small_course) == "new-owner/new.name"
    for path in before:
        text = path.read_text(encoding="utf-8")
        assert "someone/course" not in text.replace(FOREIGN, "")
        assert "new-owner/new.name" in text and (FOREIGN in text) == (path.suffix in (".md", ".ipynb"))
    assert links.main(["someone/course"], small_course) == 0  # and back: nothing else had changed
    assert contents(small_course) == before


@pytest.mark.parametrize("bad", ["", "name", "a/b/c", "https://github.com/a/b", "a b/c", "a/b.git", "-a/b"])
def test_links_refuses_what_is_no_address(small_course, bad, capsys):
    before = contents(small_course)
    assert links.main([bad], small_course) == 2
    assert capsys.readouterr().err.count("expected owner/name") == 1
    assert contents(small_course) == before


def test_links_changes_nothing_when_one_notebook_is_damaged(small_course, capsys):
    (small_course / "notebooks" / "00_b.ipynb").write_bytes(b"\xff")
    before = contents(small_course)
    assert links.main(["a/b"], small_course) == 1
    assert "00_b.ipynb cannot be read" in capsys.readouterr().err
    assert contents(small_course) == before


FINE = (sys.version_info, 64, "Linux", "x86_64", True, "/usr", set_up.supported())


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (0, (3, 10, 2), "This is Python 3.10, and the course needs Python 3.11 to 3.13"),
        (0, (3, 14, 0), "PYTHON3=python3.12"),
        (1, 32, "install a 64-bit Python"),
        (2, ("Darwin", "x86_64"), "this Mac's Intel processor"),
        (2, ("Windows", "ARM64"), "Colab"),
        (4, False, f"apt install python3.{sys.version_info[1]}-venv"),
        (5, set_up.VENV, "type `deactivate`"),
    ],
)
def test_set_up_says_in_one_sentence_why_a_python_will_not_do(place, value, sentence):
    facts = list(FINE)
    if place == 2:
        facts[2:4] = value
    else:
        facts[place] = value
    assert sentence in set_up.problem(*facts)


def test_on_windows_another_python_is_named_as_windows_does():
    assert "py -3.12" in set_up.problem((3, 14, 0), 64, "Windows", "AMD64", True, "C:", (11, 14))


def test_set_up_takes_this_python():
    assert set_up.problem(*FINE) == ""


def test_set_up_takes_its_facts_from_the_python_that_runs_it():
    code = "import sys; sys.path.insert(0, 'tools'); import set_up; print(set_up.this_problem())"
    base = Path(sys.base_prefix) / ("python.exe" if sys.platform == "win32" else "bin/python3")
    done = subprocess.run([base, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


@pytest.mark.parametrize(
    ("arguments", "is_there", "steps"),
    [
        ([], True, ["venv --clear", "requirements.lock", "--editable ."]),  # again, and from nothing
        (["--tests"], True, ["requirements-test.lock"]),
        (["--tests"], False, ["venv --clear", "requirements.lock", "--editable .", "requirements-test.lock"]),
    ],
)
def test_set_up_goes_through_its_steps(arguments, is_there, steps, tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(set_up, "run", lambda *command: done.append(" ".join(map(str, command))))
    monkeypatch.setattr(set_up, "this_problem", lambda: "")
    monkeypatch.setattr(set_up, "PYTHON", tmp_path / ("" if is_there else "none"))
    set_up.main(arguments)
    assert len(done) == len(steps)
    assert all(step in command for step, command in zip(steps, done, strict=True))


def test_set_up_stops_at_a_step_that_fails(monkeypatch):
    with pytest.raises(SystemExit, match="Set-up did not finish"):
        set_up.run(sys.executable, "-c", "raise SystemExit(1)")


def test_set_up_refuses_what_it_does_not_know():
    command = [sys.executable, ROOT / "tools" / "set_up.py", "--test"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr == "--test was typed, expected nothing or --tests.\n"


def test_a_python_without_jupyterlab_is_told_so_in_one_sentence():
    command = [sys.executable, "-S", "-E", ROOT / "tools" / "lab.py"]  # -S: without installed packages
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and re.fullmatch(r"This Python has no JupyterLab: .*\n", done.stderr)


@needs_make
def test_make_lists_each_of_its_targets():
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([\w-]+)", listed, re.MULTILINE)) == targets


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/write_a_lesson.md", ".ci/run"])
def test_every_make_command_that_is_told_exists(name):
    told = set(re.findall(r"(?:^|`|\n)make ([a-z-]+)", read(name)))
    assert told
    assert told <= set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))


def test_the_workflow_types_the_commands_of_the_readme():
    """Those for Windows and for conda, which this test cannot run everywhere itself."""
    jobs = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]
    runs = {name: [step.get("run", "") for step in job["steps"]] for name, job in jobs.items()}
    blocks = re.findall(r"```(\w+)\n(.*?)```", read("README.md"), re.DOTALL)
    windows = "".join(text for kind, text in blocks if kind == "powershell").replace("py -3.12", "python")
    (conda,) = (text for kind, text in blocks if text.startswith("conda"))
    assert len(windows.split("\n")) > 2 and len(conda.split("\n")) > 4
    for told, job in ((windows, "test"), (conda, "conda")):
        typed = "\n".join(runs[job]).split("\n")
        for line in told.rstrip().split("\n"):
            assert line in typed or f"{line} --version" in typed  # of JupyterLab only its version


def test_the_readme_stays_short():
    text = re.sub(r"(?m)^\|.*", "", read("README.md"))  # without the table of lessons
    assert len(text.split()) <= 900
    assert len(yaml.safe_load(read("notebooks/headlines.yaml"))) <= 7


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/write_a_lesson.md"])
def test_every_file_that_a_page_links_to_exists(name):
    found = re.findall(r"\]\(([^):#]+)\)", re.sub(r"`[^`]*`", "", read(name)))
    assert found
    assert not [link for link in found if not (ROOT / name).parent.joinpath(link).exists()]


COMMANDS = {
    "lab": "tools/lab.py",
    "test": "-m pytest -n 2",
    "restore": "tools/restore.py 06",
    "lesson": "tools/lesson.py 06 -p",
    "full": "tools/lesson.py --full 06",
    "course": "tools/lesson.py --all",
}


@pytest.mark.parametrize(("target", "plain"), COMMANDS.items(), ids=COMMANDS)
def test_each_target_of_a_learner_has_a_command_without_make(target, plain):
    """In the README and in lesson 00; the files that they name are there."""
    for text in (read("README.md"), read("notebooks/00_start_here.ipynb")):
        assert f"make {target}" in text and plain in text
    for name in re.findall(r"tools/\w+\.py", plain):
        assert (ROOT / name).is_file()


def test_a_readers_own_notebooks_are_no_tests(tmp_path):
    copy_course(tmp_path)
    lesson = tmp_path / "notebooks" / "00_start_here.ipynb"
    for name in ("00_start_here-Copy1.ipynb", "mine_00_start_here.ipynb", "Untitled.ipynb", "my own.ipynb"):
        shutil.copy(lesson, lesson.with_name(name))
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "notebooks"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = set(re.findall(r"^notebooks/(?:solutions/)?([^:]+\.ipynb)", done.stdout, re.M))
    assert done.returncode == 0 and found == {path.name for path in [*course.lessons(), *course.solutions()]}
    # Nor do they break a rule, or a lesson's run.
    command = [sys.executable, "tools/rules.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture
def made(tmp_path):
    """Make notebooks 01, 02, ... of some code cells in an empty folder, and run a target there."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / ".venv").mkdir()
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    for name in ("requirements.lock", "requirements-test.lock", ".venv/ready", ".venv/tests-ready"):
        (tmp_path / name).touch()  # as if set-up were done

    def make(notebooks, *arguments):
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        for number, sources in enumerate(notebooks, 1):
            cells = [nbformat.v4.new_code_cell(source) for source in sources]
            cells[0].metadata.tags = ["parameters"]
            notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
            nbformat.write(notebook, tmp_path / "notebooks" / f"0{number}_lesson.ipynb")
        command = ["make", *arguments, f"PYTHON={shlex.quote(sys.executable)}"]
        # Without what `make test ARGS=…` hands on to every make below it.
        plain = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
        done = subprocess.run(command, cwd=tmp_path, env=plain, capture_output=True, text=True, check=False)
        build = sorted((tmp_path / "build").glob("*.ipynb"))
        cells = {path.name[:2]: nbformat.read(path, as_version=4).cells for path in build}
        return done, {name: str([c.get("outputs") for c in found]) for name, found in cells.items()}

    return make


@needs_make
def test_make_run_without_a_number_says_how(made):
    done, _ = made([["1"]], "run")
    assert done.returncode != 0 and "There is no notebook ''; say it as in 06" in done.stderr


@needs_make
def test_make_course_goes_on_after_a_lesson_that_fails_and_keeps_it(made, tmp_path):
    (tmp_path / "notebooks" / "02_lesson-Copy1.ipynb").write_text("as JupyterLab makes it, here torn")
    lessons = [["print('one')"], ["print('begun')", "1 / 0"], ["print('three')"]]
    done, outputs = made(lessons, "course")
    assert done.returncode != 0
    assert re.search(r"Failed.*: 02_lesson$", done.stderr, re.M), done.stderr
    assert "begun" in outputs["02"] and "three" in outputs["03"]


@needs_make
def test_make_full_takes_the_lessons_own_part_of_full_yaml(made, tmp_path):
    full = "01_lesson: {steps: 77, dataset: strokes, rate: 0.5}\n02_lesson: {steps: 5}\n"
    (tmp_path / "notebooks" / "full.yaml").write_text(full)
    code = ["steps, dataset, rate = 1, '', 0", "print(steps, dataset, rate)"]
    (tmp_path / "data" / "pretrained").mkdir(parents=True)
    network = tmp_path / "data" / "pretrained" / "one.keras"
    settings = {"layers": [{"config": {"seed": None, "input_axes": None, "units": 3}}]}
    with zipfile.ZipFile(network, "w") as file:
        file.writestr("config.json", json.dumps(settings))
        file.writestr("model.weights.h5", b"weights")
    done, outputs = made([code, code], "full", "N=01")
    assert done.returncode == 0, done.stderr
    assert "77 strokes 0.5" in outputs["01"] and "02" not in outputs
    # The networks are left in a form that an older Keras reads, with their checksums.
    with zipfile.ZipFile(network) as file:
        kept = {"layers": [{"config": {"seed": None, "units": 3}}]}
        assert json.loads(file.read("config.json")) == kept
        assert file.read("model.weights.h5") == b"weights"
    stated = (tmp_path / "data" / "checksums.txt").read_text()
    digest = hashlib.sha256(network.read_bytes()).hexdigest()
    assert stated == f"{digest}  pretrained/one.keras\n"


def test_the_wheel_carries_the_shipped_data(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {p.relative_to(ROOT / "data") for p in (ROOT / "data").rglob("*") if p.is_file()}
    assert data and {f"contentgen/shipped/{path.as_posix()}" for path in data} <= names
    code = {p.relative_to(ROOT).as_posix() for p in (ROOT / "contentgen").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == code
    # And the package finds them where there is no checkout.
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    code = f"from contentgen.runtime import shipped; print(shipped({min(data).as_posix()!r}))"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, 'installed'); {code}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == (tmp_path / "installed/contentgen/shipped" / min(data))


def test_code_and_notebooks_are_formatted():
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"run `make format`:\n{done.stdout[-3000:]}"


def test_jupyterlab_asks_nothing_and_listens_to_this_computer_only():
    settings = json.loads(read(".jupyter/labconfig/default_setting_overrides.json"))
    news = settings["@jupyterlab/apputils-extension:notification"]
    assert news == {"checkForUpdates": False, "fetchNews": "false"}
    config = read(".jupyter/jupyter_lab_config.py")
    assert 'c.ServerApp.ip = "127.0.0.1"' in config
    assert not re.search(r"token|password", re.sub(r"#.*", "", config))
