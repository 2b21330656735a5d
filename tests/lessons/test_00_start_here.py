"""Lesson 00, start_here: wrong answers to its exercise."""

# Answers that a learner might well give; each must be refused.
WRONG = {"0.1": [25, 16, 41, "400"]}
