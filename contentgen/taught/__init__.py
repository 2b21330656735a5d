"""Code that lessons taught and later ones use: one module a lesson, made from its tagged cells."""
