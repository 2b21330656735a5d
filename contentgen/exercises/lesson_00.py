"""Exercise of lesson 00, start_here."""

from contentgen.exercises import exercise, expect


@exercise("0.1", "Look at the shape of z: one row for each picture.", "Each row holds 16 numbers.")
def numbers_needed(answer):
    expect(answer == 400, f"{answer} random numbers are not what 25 pictures need.")
