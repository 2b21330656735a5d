"""Tell whether a training is the same as an earlier one: the same code, layers and data."""

import argparse
import dis
import functools
import hashlib
import re
import site
import sys
import sysconfig
import types
import warnings
from base64 import b64decode
from collections import UserDict, UserList, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path

from contentgen import runtime  # noqa: F401  (first: it loads TensorFlow without its start-up noise)

# isort: split
import keras
import numpy as np
import tensorflow as tf

PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...), range, slice, Path)
PLAIN += (np.generic, np.dtype, tf.DType)
# Values of Python's own library that are nothing but what `pickle` would keep of them.
VALUES = (argparse.Namespace, bytearray, Decimal, Fraction, date, time, timedelta, deque, re.Pattern)
VALUES += (types.SimpleNamespace, UserDict, UserList)
NAMED = (types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType, np.ufunc)
# What Keras and `fit` write on a layer or a model; how far a training came is no part of what it is.
KERAS_OWN = {
    "autocast",
    "build",
    "built",
    "call_signature_parameters",
    "compiled",
    "history",
    "loss",
    "name",
    "optimizer",
    "predict_function",
    "quantize",
    "steps_per_execution",
    "stop_evaluating",
    "stop_predicting",
    "stop_training",
    "supports_jit",
    "test_function",
    "train_function",
    "unrolled_steps_per_execution",
}
LIBRARIES = [
    *site.getsitepackages(),
    site.getusersitepackages(),
    *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
]


def fingerprint(*parts: object, held: Iterable[object] = ()) -> str:
    """Twelve letters that change when one of the parts does something else.

    - A function counts by its compiled code, with its default values and with all that it uses: other
      functions, global values, classes. Comments and layout don't count.
    - What an installed library defines counts by its name alone, and the library by its version.
    - An array counts by its contents.
    - A layer counts by its class, its configuration and its attributes, not by the name that Keras
      numbers nor by what `compile` gave it; its weights by their contents, unless they are `held`.
    - Any other object of a library counts by its configuration, if it has one, else by its kind alone: so
      does a NumPy generator, whose state changes with each draw.

    Args:
        parts: values, containers, arrays, functions, classes, layers, optimisers.
        held: variables that count by their shape and type alone, such as the weights that are trained.

    Raises:
        ValueError: if one of the parts uses an optimiser whose variables are not held.
    """
    versions = np.__version__, keras.__version__, tf.__version__, sys.version_info[:2]
    reader = _Reader(held)
    digest = reader.digest([versions, parts]).hex()[:12]
    unknown = [
        optimizer for optimizer in reader.optimizers if not {*map(id, optimizer.variables)} <= reader.held
    ]
    if unknown:
        raise ValueError(
            f"an optimiser, {unknown[0].name}, lies outside the model; make it one of its attributes"
        )
    return digest


@functools.cache
def _is_library(module: str | None, file: str | None = None) -> bool:
    """Whether an installed package or Python itself defines it, and neither the course nor the reader."""
    top = (module or "").partition(".")[0]
    if top in ("__main__", "contentgen"):
        return False
    file = file or getattr(sys.modules.get(top), "__file__", None)
    if file is None:
        return top in sys.builtin_module_names
    return file.startswith("<frozen") or any(Path(file).is_relative_to(folder) for folder in LIBRARIES)


def _code_objects(code: types.CodeType) -> Iterator[types.CodeType]:
    """A function's code, and that of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _code_objects(constant)


def _stored(kind: type) -> set[str]:
    """The names of the attributes that the reader's own classes give their objects."""
    own = (
        value for base in kind.__mro__ if not _is_library(base.__module__) for value in vars(base).values()
    )
    codes = (part for x in own if isinstance(x, types.FunctionType) for part in _code_objects(x.__code__))
    steps = (step for code in codes for step in dis.get_instructions(code))
    return {step.argval for step in steps if step.opname == "STORE_ATTR"}


def _all_attributes(x: object) -> dict[str, object]:
    slots = [name for kind in type(x).__mro__ for name in getattr(kind, "__slots__", ())]
    return {name: getattr(x, name) for name in slots if hasattr(x, name)} | getattr(x, "__dict__", {})


class _Reader:
    """Digests of values, each with all that it holds; what was read once is not read again."""

    def __init__(self, held):
        self.held = {id(variable) for variable in held}
        self.read: dict[int, tuple[bytes, object]] = {}  # the object too: else its id might be given anew
        self.optimizers: list[keras.optimizers.Optimizer] = []  # that were met

    def digest(self, x: object) -> bytes:
        if isinstance(x, PLAIN):
            return self._hash(type(x).__name__, repr(x))
        if id(x) not in self.read:
            self.read[id(x)] = b"above", x  # for what refers back to it, such as a function to itself
            self.read[id(x)] = self._digest(x), x
        return self.read[id(x)][0]

    def _hash(self, *parts):
        """Text and bytes as they are, each after its length; all else by its digest."""
        digest = hashlib.sha256()
        for part in parts:
            data = part.encode() if isinstance(part, str) else part
            data = data if isinstance(data, bytes) else self.digest(data)
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.digest()

    def _any_order(self, pairs: Iterable[object]) -> bytes:
        return self._hash(*sorted(self.digest(pair) for pair in pairs))

    def _digest(self, x):
        kind = type(x).__name__
        if isinstance(x, types.ModuleType):
            return self._hash(kind, x.__name__)
        if isinstance(x, types.CodeType):
            parts = x.co_code, x.co_exceptiontable, x.co_names, x.co_varnames, x.co_consts
            return self._hash(kind, *parts, str((x.co_argcount, x.co_kwonlyargcount, x.co_flags)))
        if isinstance(x, types.FunctionType):
            if _is_library(x.__module__, x.__code__.co_filename):
                return self._hash("library", x.__module__, x.__qualname__, vars(x).get("__wrapped__"))
            return self._hash(kind, x.__code__, x.__defaults__, x.__kwdefaults__, vars(x), self._used(x))
        if isinstance(x, type):
            if _is_library(x.__module__):
                return self._hash("library", x.__module__, x.__qualname__)
            own = {
                name: value for name, value in vars(x).items() if not name.startswith("__") or callable(value)
            }
            return self._hash(kind, x.__bases__, self._any_order(own.items()))
        if isinstance(x, functools.partial):
            return self._hash(kind, x.func, x.args, x.keywords)
        if isinstance(x, types.MethodType):
            return self._hash(kind, x.__func__, x.__self__)
        if isinstance(x, (staticmethod, classmethod)):
            return self._hash(kind, x.__func__)
        if isinstance(x, functools.cached_property):
            return self._hash(kind, x.func)
        if isinstance(x, property):
            return self._hash(kind, x.fget, x.fset)
        if isinstance(x, Enum):
            return self._hash(type(x), x.name)
        if isinstance(x, (list, tuple)):
            return self._hash(type(x), *(self.digest(part) for part in x))
        if isinstance(x, Set):
            return self._hash(type(x), self._any_order(x))
        if isinstance(x, Mapping):
            return self._hash(type(x), self._any_order(x.items()))
        if isinstance(x, np.ndarray):
            if x.dtype.hasobject:
                return self._hash(kind, x.shape, x.ravel().tolist())
            return self._hash(kind, x.dtype.str, x.shape, np.ascontiguousarray(x).tobytes())
        if isinstance(x, keras.KerasTensor):
            return self._hash(kind, tuple(x.shape), str(x.dtype))
        if isinstance(x, (keras.Variable, tf.Variable, tf.Tensor)):
            if id(x) in self.held or not hasattr(x, "numpy"):
                return self._hash(kind, tuple(x.shape), str(x.dtype))
            return self._hash("array", x.numpy())
        if isinstance(x, NAMED):
            return self._hash(kind, str(getattr(x, "__objclass__", "")), x.__name__)
        if isinstance(x, VALUES):
            return self._hash(type(x), x.__reduce_ex__(2)[1:])
        # What tf.function or functools.cache makes of a function, or a decorator that is an object.
        wrapped = _all_attributes(x).get("__wrapped__")
        return self._hash(kind, type(x), wrapped, self._object(x))

    def _used(self, function):
        """What a function takes from outside: from the functions around it, and from its module."""
        code, found = function.__code__, {}
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            if cell != types.CellType():  # a name that has no value yet
                found[name] = cell.cell_contents
        for part in _code_objects(code):
            for step in dis.get_instructions(part):
                if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and step.argval in function.__globals__:
                    found[step.argval] = function.__globals__[step.argval]
            modules = [value for value in found.values() if isinstance(value, types.ModuleType)]
            for module in modules:  # grows by the modules inside
                if not _is_library(module.__name__):
                    used = {name: vars(module)[name] for name in part.co_names if name in vars(module)}
                    found |= {f"{module.__name__}.{name}": value for name, value in used.items()}
                    modules += [
                        v for v in used.values() if isinstance(v, types.ModuleType) and v not in modules
                    ]
        return self._any_order(found.items())

    def _object(self, x):
        """An object's settings: configuration, attributes, and what a layer holds."""
        if isinstance(x, keras.Metric):  # begins anew in each epoch
            self.held |= {id(variable) for variable in x.variables}
        config = self._configuration(x)
        parts = [config, *self._attributes(x, config)]
        if isinstance(x, keras.Layer):
            inside = []
            for value in vars(x).values():
                several = value if isinstance(value, (list, tuple)) else [value]
                inside += [layer for layer in several if isinstance(layer, keras.Layer)]
            network = getattr(x, "operations", None) or getattr(x, "layers", ())
            parts += [[*network, *inside], x.weights]
        if isinstance(x, keras.optimizers.Optimizer):  # its configuration knows a schedule by name only
            self.optimizers.append(x)
            schedule = keras.optimizers.schedules.LearningRateSchedule
            parts += [value for value in vars(x).values() if isinstance(value, schedule)]
        return self._any_order(parts)

    def _configuration(self, x):
        if not hasattr(type(x), "get_config"):
            return None
        try:
            with warnings.catch_warnings(action="ignore"):  # Keras warns of a lambda in a layer
                config = x.get_config()
        except Exception:  # a class of the reader's own need not be able to tell it
            return None
        return self.digest(_without_names(config, _names(config)))

    def _attributes(self, x, config):
        """Those that are settings: all of the reader's own objects, few of a library's."""
        attributes, of_keras = _all_attributes(x), hasattr(type(x), "get_config")
        if isinstance(x, keras.Loss):  # its configuration leaves its numbers out, and they are private
            return [pair for pair in attributes.items() if pair[0] != "name"]
        if of_keras:
            own = _stored(type(x))
            noted = {n for n in attributes if (n in KERAS_OWN or n.startswith("_")) and n not in own}
            attributes = {n: value for n, value in attributes.items() if n not in noted}
        if not _is_library(type(x).__module__):
            return list(attributes.items())
        if not of_keras:
            return []
        # A function is in the configuration by its name, if at all.
        return [
            (name, value)
            for name, value in attributes.items()
            if callable(value) or (config is None and isinstance(value, PLAIN))
        ]


def _names(config) -> Collection[str]:
    """The names of a network's layers in their order, as far as its configuration tells them."""
    found: dict[str, None] = {}
    if isinstance(config, dict):
        if isinstance(config.get("name"), str):
            found[config["name"]] = None
        config = list(config.values())
    if isinstance(config, (list, tuple)):
        for part in config:
            found |= dict.fromkeys(_names(part))
    return list(found)


def _without_names(config, names):
    """Layers by their number in place of their name: Keras counts on in a notebook whose cells run again."""
    if isinstance(config, dict):
        return {key: _without_names(value, names) for key, value in config.items() if key != "name"}
    if isinstance(config, (list, tuple)):
        is_place = [type(part) for part in config] == [str, int, int] and config[0] in names
        if is_place:
            return [names.index(config[0]), *config[1:]]
        return [_without_names(part, names) for part in config]
    # A lambda's compiled code names its file. The function itself is read as an attribute.
    return None if isinstance(config, str) and _is_code(config) else config


def _is_code(text):
    """Whether Keras wrote a function's code here: what `marshal` makes of it, in base64."""
    try:
        return len(text) > 40 and b64decode(text[:4])[0] & 0x7F == ord("c")
    except ValueError:
        return False
