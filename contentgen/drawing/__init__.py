"""Drawing code that teaches nothing: one module for each lesson that has some, `lesson_NN`.

A lesson's own cells say what is drawn; how it is drawn stands here.
"""
