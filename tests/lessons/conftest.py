"""A test that asks for `lesson` gets its lesson's own code, and each wrong form that it must notice.

wrong_forms.yaml says which: test → list of (what is wrong, old text of the lesson, new text). With the new
text the test must fail by an assertion; where it passes, that is reported as a failure.
"""

import pytest
from known import WRONG_FORMS
from lesson_code import Lesson


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
