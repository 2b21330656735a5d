"""Exercise of lesson 00, start_here."""

from contentgen.exercises import Exercise, expect


def _numbers_needed(answer):
    expect(answer == 400, f"{answer} random numbers are not what 25 pictures need.")


EXERCISES = {
    "0.1": Exercise(
        _numbers_needed,
        ("Look at the shape of z: one row for each picture.", "Each row holds 16 numbers."),
    ),
}
