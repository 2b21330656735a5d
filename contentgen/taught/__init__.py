"""Code that lessons taught and later ones use: one module a lesson, made from its tagged cells."""

from contentgen import runtime  # it loads TensorFlow without its start-up noise
