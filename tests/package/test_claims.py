"""A claim shows bound and value, and says when it is false; only its value may change in a new run."""

import json
import math
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from contentgen import claims
from contentgen.claims import claim, measured

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shown(monkeypatch):
    """What `claim` displays, as (line, metadata)."""
    outputs = []
    monkeypatch.setattr(
        claims,
        "display",
        lambda data, raw, metadata: outputs.append((data["text/plain"], metadata["claims"][0])),
    )
    return outputs


@pytest.mark.parametrize(
    ("value", "bound", "line"),
    [
        (-100.25, dict(at_least=-120, unit="nats"), "✓ test ≥ −120 nats · measured −100.2"),
        (0.5, dict(at_most=0.75), "✓ test ≤ 0.75 · measured 0.5"),
        (97, dict(at_least=95.0, unit="%"), "✓ test ≥ 95 % · measured 97"),
        (26_977.3, dict(at_least=10_000), "✓ test ≥ 10,000 · measured 26,980"),
        (3, dict(at_most=3), "✓ test ≤ 3 · measured 3"),
        (1.2341e-9, dict(at_most=1e-6), "✓ test ≤ 1e−06 · measured 1.234e−09"),
        (0.0, dict(at_least=-0.001), "✓ test ≥ −0.001 · measured 0"),
    ],
)
def test_the_line_states_the_bound_and_the_value(shown, value, bound, line):
    claim("test", value, **bound)
    assert shown[0][0] == line


@pytest.mark.parametrize(
    ("value", "unit", "line", "kept"),
    [
        (-301.234, "nats", "• loss · measured −301.2 nats", -301.234),
        (np.float32(0.25), "", "• loss · measured 0.25", 0.25),
        (math.inf, "nats", "• loss · measured ∞ nats", None),
        (-math.inf, "", "• loss · measured −∞", None),
        (math.nan, "", "• loss · measured NaN", None),
    ],
)
def test_a_number_without_a_bound_is_shown_in_the_same_form(shown, value, unit, line, kept):
    measured("loss", value, unit)
    assert shown == [(line, {"name": "loss", "value": kept, "unit": unit})]


def test_the_metadata_keep_small_values(shown):
    claim("error", 1.23456789e-9, at_most=1e-6)
    assert shown[0][1]["value"] == pytest.approx(1.23456789e-9, rel=1e-5)


@pytest.mark.parametrize(
    ("value", "bound"),
    [
        (-130.5, dict(at_least=-120)),
        (130.5, dict(at_most=120)),
        (math.nan, dict(at_least=0)),
        (math.nan, dict(at_most=0)),
        (math.inf, dict(at_least=0)),
        (-math.inf, dict(at_most=0)),
    ],
)
def test_a_false_claim_says_so_and_the_lesson_goes_on(shown, value, bound):
    claim("test", value, **bound, unit="nats")
    ((line, fact),) = shown
    assert line.startswith("✗ test ") and f"· measured {claims.rounded(value)} (the bound was made " in line
    assert fact["value"] == (value if math.isfinite(value) else None) and bound.items() <= fact.items()


def test_a_claim_with_two_bounds_shows_and_keeps_both(shown):
    claim("share", 0.31, at_least=0.2, at_most=0.6, unit="%")
    facts = {"name": "share", "value": 0.31, "at_least": 0.2, "at_most": 0.6, "unit": "%"}
    assert shown == [("✓ share ≥ 0.2 and ≤ 0.6 % · measured 0.31", facts)]
    for value in (0.19, 0.61, math.nan):
        claim("share", value, at_least=0.2, at_most=0.6)
        assert shown.pop()[0].startswith("✗ share ≥ 0.2 and ≤ 0.6 · measured ")


TABLE = {"R1": {"near": 99.321, "modes": 3}, "none": {"near": math.nan, "modes": 1.2345e-5}}


def test_a_table_shows_each_number_and_keeps_it_under_its_own_name(monkeypatch):
    seen = []
    monkeypatch.setattr(claims, "display", lambda data, raw, metadata: seen.append((data, metadata)))
    claims.measured_table(TABLE, {"near": "%"})
    claims.measured_table({"a": 1.5, "loss": -2}, {"loss": "nats"})
    claims.measured_table({"a": 1.5}, "%")
    lines = [data["text/plain"].splitlines() for data, _ in seen]
    assert lines == [
        [
            "measured ╷   near (%)       modes",
            "R1       │      99.32           3",
            "none     │        NaN   1.234e−05",
        ],
        ["measured    ╷", "a           │        1.5", "loss (nats) │         −2"],
        ["measured ╷", "a (%)    │        1.5"],
    ]
    facts = [(fact["name"], fact["value"], fact["unit"]) for _, meta in seen for fact in meta["claims"]]
    assert facts == [
        ("R1: near", 99.321, "%"),
        ("R1: modes", 3.0, ""),
        ("none: near", None, "%"),
        ("none: modes", 1.2345e-5, ""),
        ("a", 1.5, ""),
        ("loss", -2.0, "nats"),
        ("a", 1.5, "%"),
    ]


@pytest.mark.parametrize(
    "bound", [dict(at_most=math.inf), dict(at_least=math.nan), dict(at_least=1, at_most=0)]
)
def test_a_claims_bounds_can_be_kept_and_broken(bound):
    with pytest.raises(ValueError, match="expected finite numbers, the lower first"):
        claim("test", 0.5, **bound)


def test_without_a_bound_a_claim_is_a_measured_number(shown):
    claim("ELBO", -130.5, at_least=None, unit="nats")
    measured("ELBO", -130.5, "nats")
    assert shown[0] == shown[1]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A notebook that really ran; each of its cells has a claim, a measured number and a table."""
    head = "from contentgen.claims import claim, measured, measured_table\nvalue = -100.5\n"
    state = "claim('ELBO', value, at_least=-120, unit='nats')\nmeasured('start', 3.14159, unit='s')\n"
    table = "measured_table({'R1': {'near': 99.3, 'modes': 3}}, {'near': '%'})"
    cells = [nbformat.v4.new_code_cell(head + state + table) for _ in range(9)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    path = tmp_path_factory.mktemp("notebooks") / "06_vae.ipynb"
    nbformat.write(notebook, path)
    return path


def test_the_outputs_metadata_keep_the_value(stored):
    outputs = json.loads(stored.read_text(encoding="utf-8"))["cells"][0]["outputs"]
    assert [fact for output in outputs for fact in output["metadata"]["claims"]] == [
        {"name": "ELBO", "value": -100.5, "at_least": -120, "unit": "nats"},
        {"name": "start", "value": 3.14159, "unit": "s"},
        {"name": "R1: near", "value": 99.3, "unit": "%"},
        {"name": "R1: modes", "value": 3, "unit": ""},
    ]
    assert outputs[0]["data"] == {"text/plain": ["✓ ELBO ≥ −120 nats · measured −100.5"]}


def test_the_comparison_of_notebooks_leaves_out_measured_values_alone(stored, tmp_path):
    notebook = nbformat.read(stored, as_version=4)
    changes = [
        {"−100.5": "−99.25", "3.142": "2.5e−05", "99.3": "NaN"},  # values: no difference
        {"−120 nats": "−125 nats"},  # a bound
        {"ELBO": "loss"},  # a claim's name
        {" s": " m"},  # a unit
        {"start": "end"},  # a measured number's name
        {"R1": "R2"},  # a row's name
        {"near": "nigh"},  # a column's name
        {"(%)": "(m)"},  # its unit
        {},
    ]
    for cell, change in zip(notebook.cells, changes, strict=True):
        for output in cell.outputs:
            for old, new in change.items():
                output.data["text/plain"] = output.data["text/plain"].replace(old, new)
    notebook.cells[-1].source = notebook.cells[-1].source.replace("-100.5", "-130")  # ✓ becomes ✗
    nbformat.write(notebook, tmp_path / "06_vae.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}"]
    command += ["-c", ROOT / "pyproject.toml", tmp_path / "06_vae.ipynb"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    failed = [f"Cell {i}" for i in range(9) if f"::Cell {i} - " in done.stdout]
    assert failed == [f"Cell {i}" for i in range(1, 9)], done.stdout
    assert "8 failed, 1 passed" in done.stdout


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1071.4, 4, "1071"),
        (1071.4, 3, "1,070"),
        (12_345.6, 4, "12,350"),
        (-0.01234, 3, "−0.0123"),
        (None, 3, "NaN"),
    ],
)
def test_a_measured_number_never_comes_with_an_exponent_where_thousands_can_be_marked(value, digits, text):
    assert claims.rounded(value, digits) == text
