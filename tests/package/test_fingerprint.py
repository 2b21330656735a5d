"""A training goes on only where its code, its layers and its data are what they were."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from contentgen import runtime
from contentgen.fingerprint import KERAS_OWN, fingerprint

# A lesson in small: the ways in which code and settings reach a training.
LESSON = """
import argparse
import functools
import types
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

width, weights = 4, np.array([1.0, 2.0, 3.0], "float32")
settings = types.SimpleNamespace(power=2)
frozen = keras.Sequential([keras.Input((3,)), layers.Dense(2, kernel_initializer="ones")])


class Attributes(dict):
    __getattr__ = dict.__getitem__


class Limits(NamedTuple):
    least: float = 0.0

    def kept(self, x):
        return ops.maximum(x, self.least)


class How(Enum):
    SUM = 1
    MEAN = 2


@dataclass
class Plan:
    halves: int = 2


options, limits, how = Attributes(scale=1.0), Limits(), How.SUM
asked = argparse.Namespace(n=1)
reader = layers.StringLookup(vocabulary=["a", "b\\n"])


def sparse(x):
    return 0.01 * ops.sum(ops.abs(x))


def doubled(function):
    @functools.wraps(function)
    def both(x):
        return 2 * function(x)

    return both


class Watched(keras.metrics.Mean):
    def update_state(self, x, sample_weight=None):
        return super().update_state(ops.abs(x))


watched = Watched()


@doubled
def added(x):
    watched.update_state(x)
    return options.scale * ops.mean(limits.kept(x)) * asked.n if how is How.SUM else reader


def leaky(x):
    return ops.where(x > 0, x, 0.2 * x)


def error(x, x_hat, scale=0.5):
    return scale * ops.sum(weights * (x - x_hat) ** settings.power, axis=1)


@tf.function
def looked_at(x):
    return frozen(x)


class Scale(layers.Layer):
    def __init__(self):
        super().__init__(activity_regularizer=sparse)
        self._by = 3.0

    def call(self, x):
        return self._by * x + 0.0


class Falling(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.1 / (1.0 + ops.cast(step, "float32"))


def make_network():
    x = keras.Input((3,))
    one, other = layers.Dense(width, activation=leaky)(x), layers.Dense(width, "tanh")(x)
    merged = ops.mean(ops.stack([layers.Dense(3)(one), Scale()(layers.Dense(3)(other))]), axis=0)
    shared = layers.Lambda(lambda h: h + 1.0)(merged)
    return keras.Model(x, layers.Dropout(0.1)(shared))


class Learner(keras.Model):
    lasting = 5

    def __init__(self, beta=1.0):
        super().__init__()
        self.network, self.beta, self.plan = make_network(), beta, Plan()
        self.noise = keras.random.SeedGenerator(7)
        self._hidden = [0.1]
        self.penalty = functools.partial(error, scale=0.25)
        self.terms = [leaky, {"weight": 0.5}]
        self.built = True

    @property
    def strength(self):
        return 2 * self.beta

    @staticmethod
    def halved(x):
        return x / 2

    def train_step(self, x):
        def inner(x_hat):
            return sum(part for part in [error(x, x_hat)] if part is not None)

        with tf.GradientTape() as tape:
            loss = ops.mean(inner(self.network(x, training=True))) + ops.mean(looked_at(x)) + added(x)
        found = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, found), found)
        return {"off": loss}


def mean_off(y, y_hat):
    return ops.mean(ops.abs(y - y_hat))


model = Learner()
model.compile(keras.optimizers.Adam(Falling(), beta_2=0.99), loss=mean_off)
"""


def names_of(source=LESSON, name="__main__"):
    """Runs a lesson's cells; a class that Keras registers again is no fault."""
    names = {"__name__": name}
    exec(compile(source, "lesson", "exec"), names)
    return names


def of(names, *more):
    model = names["model"]
    model.optimizer.build(model.trainable_variables)
    held = [*model.variables, *model.optimizer.variables]
    return fingerprint(model, model.optimizer, model.loss, *more, held=held)


@pytest.fixture(scope="module")
def before():
    runtime.setup(0)
    return of(names_of())


CHANGES = {
    "a global number": ("width, weights = 4,", "width, weights = 5,"),
    "a global array": ("[1.0, 2.0, 3.0]", "[1.0, 2.0, 3.5]"),
    "a namespace": ("power=2", "power=4"),
    "a data class": ("halves: int = 2", "halves: int = 3"),
    "a layer's own activation": ("0.2 * x", "0.3 * x"),
    "a layer's activation by name": ('"tanh"', '"relu"'),
    "a comparison": ("x > 0", "x >= 0"),
    "a loss": ("(x - x_hat) **", "(x + x_hat) **"),
    "another function of a library": ("ops.sum(weights", "ops.max(weights"),
    "a default": ("scale=0.5)", "scale=0.6)"),
    "an argument kept for later": ("scale=0.25", "scale=0.2"),
    "a frozen network's weights": ('kernel_initializer="ones"', 'kernel_initializer="zeros"'),
    "a layer of one's own": ("x + 0.0", "x + 1.0"),
    "a schedule of one's own": ("0.1 / (1.0", "0.2 / (1.0"),
    "which layer goes where": ("layers.Dense(3)(one)", "layers.Dense(3)(other)"),
    "an operation's setting": ("axis=0)", "axis=1)"),
    "a layer's private number": ("self._by = 3.0", "self._by = 2.0"),
    "the model's private list": ("[0.1]", "[0.2]"),
    "a regularizer": ("0.01 * ops", "0.02 * ops"),
    "a dictionary with attributes": ("scale=1.0", "scale=2.0"),
    "a method of a tuple": ("ops.maximum", "ops.minimum"),
    "a tuple's default": ("least: float = 0.0", "least: float = 1.0"),
    "a choice": (
        "how = Attributes(scale=1.0), Limits(), How.SUM",
        "how = Attributes(scale=1.0), Limits(), How.MEAN",
    ),
    "a value of Python's library": ("Namespace(n=1)", "Namespace(n=2)"),
    "a list of a layer": ('"b\\n"', '"c\\n"'),
    "a decorator": ("2 * function", "3 * function"),
    "a decorated function": ("* asked.n", "+ asked.n"),
    "a metric of one's own": ("ops.abs(x))\n\n\nwatched", "ops.square(x))\n\n\nwatched"),
    "a lambda": ("h + 1.0", "h + 2.0"),
    "a layer's number": ("Dropout(0.1)", "Dropout(0.2)"),
    "a class's value": ("lasting = 5", "lasting = 6"),
    "the model's number": ("beta=1.0", "beta=2.0"),
    "the seed of noise": ("SeedGenerator(7)", "SeedGenerator(8)"),
    "a list of the model": ('"weight": 0.5', '"weight": 0.7'),
    "a property": ("2 * self.beta", "3 * self.beta"),
    "a static method": ("x / 2", "x / 3"),
    "the train step": ("training=True", "training=False"),
    "a function inside": ("is not None", "is None"),
    "the optimiser's number": ("beta_2=0.99", "beta_2=0.999"),
    "the optimiser": ("optimizers.Adam(", "optimizers.Nadam("),
    "the loss of compile": ("ops.abs(y - y_hat)", "ops.square(y - y_hat)"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changes_the_training_changes_the_fingerprint(before, change):
    assert LESSON.count(change[0]) == 1
    assert of(names_of(LESSON.replace(*change))) != before


def test_a_comment_a_new_line_or_cells_that_run_once_more_change_nothing(before):
    longer = LESSON.replace("def error", "# Why?\n\n\ndef error").replace(
        "weights * (x", "weights * (\n        x"
    )
    assert of(names_of(longer)) == before  # and Keras has numbered every layer anew
    names = names_of()
    names["model"].fit(np.zeros((4, 3), "float32"), epochs=1, verbose=0)
    assert of(names) == before  # it has learnt, a metric has counted, and there are notes of `fit`
    for _ in range(50):  # Python has by now replaced some of its instructions by faster ones
        names["leaky"](np.ones(2))
    assert of(names) == before


def test_another_process_finds_the_same(before):
    code = "from test_fingerprint import *\nruntime.setup(5)\nprint(of(names_of()))"
    for seed in "12":
        found = subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parent,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout == f"{before}\n"


def test_a_module_of_the_readers_own_counts_and_a_library_does_not(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    source = "import mine.losses\n\ndef step(x):\n    return mine.losses.off(x)\n"
    found = []
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").touch()
    for body in ("x", "x", "2 * x"):
        code = f"def off(x):\n    return {body}\n\n\nrest = {len(found)}\n"
        (tmp_path / "mine" / "losses.py").write_text(code)
        for name in ("mine", "mine.losses"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        sys.dont_write_bytecode, written = True, sys.dont_write_bytecode
        found.append(fingerprint(names_of(source)["step"]))
        sys.dont_write_bytecode = written
    assert found[0] == found[1] != found[2]
    assert fingerprint(np.mean) != fingerprint(np.sum) and fingerprint(len) != fingerprint(sum)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (True, 1),
        ("1", 1),
        ((1, 2), [1, 2]),
        ([1, [2]], [[1], 2]),
        ({"a": 1}, {"b": 1}),
        ({1, 2}, {1, 3}),
        (np.zeros(3), np.zeros(3, "float32")),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.array(["a", None]), np.array(["b", None])),
        (keras.Variable([1.0]), keras.Variable([2.0])),
        (keras.losses.Huber(1.0), keras.losses.Huber(2.0)),
        (keras.layers.Dense(2), keras.layers.Dense(3)),
    ],
)
def test_values_that_differ(one, other):
    assert fingerprint(one) == fingerprint(one) != fingerprint(other)


def test_a_network_is_the_same_after_it_drew_noise_or_was_saved_and_loaded(tmp_path):
    """As a judge is, that a first run trains and a second one finds in the cache."""
    dense = keras.layers.Dense
    network = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dropout(0.5, seed=1), dense(2, "relu"), dense(1)]
    )
    first = fingerprint(network)
    network.save(tmp_path / "network.keras")
    assert fingerprint(keras.models.load_model(tmp_path / "network.keras")) == first
    network.compile("sgd", "mse")
    network(np.ones((4, 3), "float32"), training=True)
    assert fingerprint(network) == first
    network.fit(np.ones((4, 3), "float32"), np.ones(4), verbose=0)
    assert fingerprint(network) != first


class Plain(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
        self.dense.build((None, 3))

    def call(self, x):
        return self.dense(x)


def test_keras_still_notes_on_a_model_what_it_did():
    """Another note would make each run another one: add it to fingerprint.KERAS_OWN."""
    model = Plain()
    model.compile("sgd", "mse", metrics=["mae"])
    x, y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")
    first = fingerprint(model, held=model.variables)
    for look in (model.evaluate, model.fit):
        look(x, y, verbose=0)
    model.fit(x, y, validation_data=(x, y), verbose=0)
    model.predict(x, verbose=0)
    own = {"dense", "activity_regularizer"}
    assert {name for name in vars(model) if not name.startswith("_")} <= KERAS_OWN | own
    model.compile("sgd", "mse", metrics=["mae"])
    assert fingerprint(model, held=model.variables) == first


def test_values_that_are_the_same():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint(np.arange(6)[::2]) == fingerprint(np.array([0, 2, 4]))
    assert fingerprint(np.random.default_rng(0)) == fingerprint(np.random.default_rng(1))
    endless = []
    endless.append(endless)
    assert fingerprint(endless) == fingerprint(endless)
    x = keras.Variable([1.0])
    y = keras.Variable([2.0])
    assert fingerprint(x, held=[x]) == fingerprint(y, held=[y])
