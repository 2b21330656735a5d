"""A test that asks for `lesson` gets its lesson's own code, and each wrong form that it must notice.

wrong_forms.yaml says which: test → list of (what is wrong, old text of the lesson, new text). With the new
text an assertion of the test itself must fail. Where the test passes, or the lesson stops by itself, that is
reported as a failure.
"""

import shutil

import numpy as np
import pytest
from lesson_code import Lesson
from references import WRONG_FORMS, failed_in_a_test


class Noticed(AssertionError):
    """A test's own assertion failed."""


def pytest_generate_tests(metafunc):
    if "lesson" in metafunc.fixturenames:
        name = metafunc.module.__name__.removeprefix("test_")
        must_fail = pytest.mark.xfail(raises=Noticed, strict=True)
        wrong = [
            pytest.param((name, old, new), marks=must_fail, id=what.replace(" ", "-"))
            for what, old, new in WRONG_FORMS.get(metafunc.function.__name__, [])
        ]
        right = pytest.param((name,), id="as-it-stands")
        metafunc.parametrize("lesson", [right, *wrong], indirect=True)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    try:
        return (yield)
    except AssertionError as error:
        if failed_in_a_test(error):
            raise Noticed(*error.args) from error
        raise


@pytest.fixture
def lesson(request):
    return Lesson(*request.param)


@pytest.fixture
def goes_on_after_a_kill(monkeypatch, tmp_path, capsys):
    """A check of a lesson's training: `train()` gives its network and its history of ten epochs.

    What a kill at the 23rd batch would leave on disk is set aside while a first training runs to its end. A
    second one finds it, goes on from there, and must end, to the bit, as the first.
    """
    monkeypatch.setenv("CONTENTGEN_CACHE", str(tmp_path))
    backup, left = tmp_path / "backup", tmp_path / "left by the kill"

    def check(lesson, train):
        keras, seen = lesson["keras"], []

        def kill(batch, logs):
            seen.append(batch)
            if len(seen) == 23:
                shutil.copytree(backup, left)

        def run():
            keras.utils.set_random_seed(1)
            network, history = train()
            return network.get_weights(), history

        with monkeypatch.context() as patch:
            bar = keras.callbacks.LambdaCallback(on_train_batch_begin=kill)
            patch.setattr(lesson["training"], "progress_bar", lambda: bar)
            whole_weights, whole_history = run()
        assert len(seen) > 23 and len(list(left.glob("*.npz"))) == 1 and not list(backup.iterdir())
        shutil.copytree(left, backup, dirs_exist_ok=True)
        capsys.readouterr()
        weights, history = run()
        assert "Going on after epoch 4, where an earlier run of the same code" in capsys.readouterr().out
        assert history == whole_history and len(history) == 10 and history[-1] < history[0]
        for found, wanted in zip(weights, whole_weights, strict=True):
            np.testing.assert_array_equal(found, wanted)

    return check
