"""A test that asks for `lesson` gets its lesson's own code, and each wrong form that it must notice.

wrong_forms.yaml says which: test → list of (what is wrong, old text of the lesson, new text). With the new
text the test must fail by an assertion; where it passes, that is reported as a failure.
"""

import numpy as np
import pytest
from lesson_code import Lesson
from references import WRONG_FORMS


def pytest_generate_tests(metafunc):
    if "lesson" in metafunc.fixturenames:
        name = metafunc.module.__name__.removeprefix("test_")
        must_fail = pytest.mark.xfail(raises=AssertionError, strict=True)
        wrong = [
            pytest.param((name, old, new), marks=must_fail, id=what.replace(" ", "-"))
            for what, old, new in WRONG_FORMS.get(metafunc.function.__name__, [])
        ]
        right = pytest.param((name,), id="as-it-stands")
        metafunc.parametrize("lesson", [right, *wrong], indirect=True, scope="module")


@pytest.fixture(scope="module")
def lesson(request):
    return Lesson(*request.param)


class Killed(Exception):
    pass


@pytest.fixture
def goes_on_after_a_kill(monkeypatch, tmp_path):
    """A check of a lesson's training: `train()` gives its network and its history of ten epochs.

    It is killed at its 23rd batch, goes on, and must end, to the bit, as one that was never stopped.
    """
    monkeypatch.setenv("CONTENTGEN_CACHE", str(tmp_path))

    def check(lesson, train):
        keras, real_bar, seen = lesson["keras"], lesson["training"].progress_bar, []

        def stop(batch, logs):
            seen.append(batch)
            if len(seen) == 23:
                raise Killed

        def run(bar):
            monkeypatch.setattr(lesson["training"], "progress_bar", bar)
            keras.utils.set_random_seed(1)
            network, history = train()
            return network.get_weights(), history

        with pytest.raises(Killed):
            run(lambda: keras.callbacks.LambdaCallback(on_train_batch_begin=stop))
        assert len(list((tmp_path / "backup").iterdir())) == 1
        weights, history = run(real_bar)
        whole_weights, whole_history = run(real_bar)
        assert history == whole_history and len(history) == 10 and history[-1] < history[0]
        for found, wanted in zip(weights, whole_weights, strict=True):
            np.testing.assert_array_equal(found, wanted)

    return check
