"""Helpers of the content-generation course: all that would distract from a lesson.

Networks, losses, sampling rules and train steps stand in the lessons themselves.
"""

__version__ = "0.1.0"
