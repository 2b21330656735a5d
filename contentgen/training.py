"""What a training needs around it: batches, a progress bar, pictures on the way, resuming after a kill."""

import json
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from contentgen import runtime  # first: it loads TensorFlow without its start-up noise

# isort: split
import keras
import numpy as np
import tensorflow as tf
from filelock import FileLock, Timeout
from tqdm import tqdm
from tqdm.keras import TqdmCallback

from contentgen import plots
from contentgen.files import whole_file
from contentgen.fingerprint import fingerprint

# `fit` warns that it does not shuffle a tf.data.Dataset; `Batches` has done so.
warnings.filterwarnings("ignore", message="`shuffle=True` was passed")


def prefetched(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Two batches ahead, without autotuning, whose thread can hold up the end of an epoch for seconds."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.prefetch(2).with_options(options)


class Batches:
    """Shuffled batches whose order depends on the seed and the epoch's number alone.

    An epoch is a fixed number of steps, whatever the size of the data set: it goes through the examples
    in a new order as often as it needs. A training that is resumed at some epoch sees the same batches
    as one that was never stopped. Pass `batches.dataset` to `fit`, and `Resume(..., batches)` among its
    callbacks.

    Args:
        x: the examples, an array (N, ...), or a tuple of arrays with N examples each, such as pictures
            with their labels.
        batch_size: examples in a batch, 1 to N.
        steps_per_epoch: batches in an epoch.
        seed: which orders.

    Attributes:
        dataset: a `tf.data.Dataset` of `steps_per_epoch` arrays (batch_size, ...), or tuples of them.
        epoch: the epoch's number, set by `Resume`.
        arrays: x, as a tuple.
        numbers: how many examples, and the three settings.

    Raises:
        ValueError: if a number is out of range, or the arrays hold different numbers of examples.
    """

    def __init__(
        self, x: np.ndarray | tuple[np.ndarray, ...], batch_size: int, steps_per_epoch: int, seed: int = 0
    ):
        self.arrays = arrays = x if isinstance(x, tuple) else (x,)
        lengths = [len(array) for array in arrays]
        if len(set(lengths)) != 1:
            raise ValueError(f"The arrays hold {lengths} examples, expected as many in each.")
        n = lengths[0]
        self.numbers = [n, batch_size, steps_per_epoch, seed]
        if not 1 <= batch_size <= n:
            raise ValueError(f"batch_size is {batch_size}, expected 1 to {n}, the number of examples.")
        if steps_per_epoch < 1:
            raise ValueError(f"steps_per_epoch is {steps_per_epoch}, expected at least 1.")
        self.epoch = tf.Variable(0, dtype="int64", trainable=False)
        tensors = tuple(tf.constant(array) for array in arrays)
        passes = -(-steps_per_epoch * batch_size // n)

        def shuffled(k):
            pair = tf.stack([tf.constant(seed, "int64"), self.epoch * passes + k])
            order = tf.random.experimental.stateless_shuffle(tf.range(n), seed=pair)
            return tf.data.Dataset.from_tensor_slices(order)

        def examples(index):
            picked = tuple(tf.gather(tensor, index) for tensor in tensors)  # (batch_size, ...) each
            return picked if isinstance(x, tuple) else picked[0]

        order = tf.data.Dataset.range(passes).flat_map(shuffled)
        batched = order.batch(batch_size, drop_remainder=True).take(steps_per_epoch)
        batched = batched.apply(tf.data.experimental.assert_cardinality(steps_per_epoch))
        self.dataset = prefetched(batched.map(examples))


def commonest(words: Iterable[str], n_bytes: int = 100_000) -> dict[bytes, int]:
    """The commonest different words with their counts, the first so many bytes of them.

    To learn byte pairs from, these are enough. In a long text without spaces nearly every word is another
    one, and to learn from all of them would take minutes.
    """
    counts = [(word.encode(), n) for word, n in Counter(words).most_common()]
    ends = np.cumsum([len(word) for word, _ in counts])
    return dict(counts[: 1 + ends.searchsorted(n_bytes)])


def paragraph_windows(codes: np.ndarray, end: int, length: int) -> np.ndarray:
    """Windows of a text that begin where a paragraph ends, for a network that carries no state along.

    A paragraph longer than a window begins one at every `length` places.

    Args:
        codes: the text as whole numbers, (N,).
        end: the number that ends a paragraph; it is the first of each window (but the text's first).
        length: so many are read in a window; each but the last has its next one.

    Returns:
        (W, length + 1).

    Raises:
        ValueError: if the text is too short for one window.
    """
    if len(codes) <= length:
        raise ValueError(f"The text has {len(codes)} numbers, expected more than {length} for one window.")
    starts = np.unique([0, *np.flatnonzero(codes == end)])
    stops = [*starts[1:], len(codes)]
    every = np.concatenate([np.arange(a, b, length) for a, b in zip(starts, stops, strict=True)])
    every = every[every < len(codes) - length]
    return codes[every[:, None] + np.arange(length + 1)]


class Streams:
    """Windows of a text in order, side by side: batches for a network that carries its state along.

    The text is cut into `batch_size` streams. Each step reads the next `length` characters of every
    stream, and goes on in the next epoch where it stopped. A stream that reaches the end of the text goes
    on at its beginning. Pass `streams.dataset` to `fit`, and `Resume(..., streams)` among its callbacks.

    Args:
        codes: the text as whole numbers, (N,).
        batch_size: streams.
        length: characters that a window moves on.
        steps_per_epoch: windows in an epoch.

    Attributes:
        dataset: a `tf.data.Dataset` of arrays (batch_size, length + 1): a window's characters and the
            one that follows, so that each but the last has its next one.
        epoch: the epoch's number, set by `Resume`.
        arrays: (codes,).
        numbers: how many characters, and the three settings.

    Raises:
        ValueError: if a number is out of range, or the text is too short for the streams.
    """

    def __init__(self, codes: np.ndarray, batch_size: int, length: int, steps_per_epoch: int):
        n = len(codes)
        self.arrays = (codes,)
        self.numbers = [n, batch_size, length, steps_per_epoch]
        if min(batch_size, length, steps_per_epoch) < 1:
            asked = f"{batch_size}, {length} and {steps_per_epoch}"
            raise ValueError(f"batch_size, length and steps_per_epoch are {asked}, expected at least 1 each.")
        if n < batch_size * (length + 1):
            raise ValueError(
                f"{batch_size} streams of windows of {length} need {batch_size * (length + 1):,} characters, "
                f"but the text has {n:,}; take fewer, or a longer text."
            )
        self.epoch = tf.Variable(0, dtype="int64", trainable=False)
        text = tf.constant(codes)
        starts = tf.range(batch_size, dtype="int64")[:, None] * (n // batch_size)  # (B, 1)
        ahead = tf.range(length + 1, dtype="int64")

        def window(step):
            gone = (self.epoch * steps_per_epoch + step) * length
            return tf.gather(text, (starts + gone + ahead) % n)  # (B, length + 1)

        self.dataset = prefetched(tf.data.Dataset.range(steps_per_epoch).map(window))


def _optimizers(part, place="", seen=None):
    """The optimisers of a model with the names of their places: in its lists, dicts and models, too."""
    seen = set() if seen is None else seen
    if id(part) in seen:
        return
    seen.add(id(part))
    if isinstance(part, keras.optimizers.Optimizer):
        yield place, part
    elif isinstance(part, keras.Layer):
        notes = {name: value for name, value in vars(part).items() if not name.startswith("_self_")}
        for name in sorted(notes, key=lambda name: name.startswith("_")):
            yield from _optimizers(notes[name], f"{place}.{name}" if place else name, seen)
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from _optimizers(value, f"{place}[{key!r}]", seen)
    elif isinstance(part, (list, tuple)):
        for i, value in enumerate(part):
            yield from _optimizers(value, f"{place}[{i}]", seen)


class Resume(keras.callbacks.Callback):
    """Keep a running training on disk after every epoch, and go on from there after a kill.

    The model ends with the same weights, to the bit, as if nothing had happened. Two things are asked
    for that. The model's noise must come from a `keras.random.SeedGenerator` that is an attribute of
    the model, as it does in Keras' own Dropout: these are set from the epoch's number. And an optimiser
    beside the one that `compile` takes must be built before `fit`, since nothing else says which weights
    it moves: `gan.d_optimizer.build(gan.discriminator.trainable_variables)`.

        resume = Resume("lesson", model, batches)
        model.fit(batches.dataset, epochs=9, initial_epoch=resume.start(9), callbacks=[resume])

    Only the same training goes on: the same code of the model and of all that it uses, the same layers,
    optimisers, data, settings and epochs (see `contentgen.fingerprint`). It cannot see what else `fit` gets,
    such as a callback that changes the rate, nor the weights that training begins with. To begin anew all
    the same, call `training.forget()`.

    While a training runs, its backup is locked, and a second one beside it has one of its own. The backup is
    removed when training ends. Where none can be kept or read, one sentence says so, and training goes on.

    Args:
        name: the lesson's name.
        model: the model that `fit` is called on; built.
        batches: the `Batches` or `Streams` that `fit` runs on.
        settings: whatever else the run depends on, such as held-out data that a callback measures;
            values, arrays, functions or layers.

    Attributes:
        history: metric name → one value an epoch, those before a kill included; NaN where an epoch did
            not have it.
    """

    def __init__(self, name: str, model: keras.Model, batches: Batches | Streams, **settings):
        super().__init__()
        self.name, self.learner, self.batches, self.settings = name, model, batches, settings
        self.history: dict[str, list[float]] = {}
        self.epochs: int | None = None
        self._keeps, self._file = False, None  # whether a backup is kept, and where

    def start(self, epochs: int) -> int:
        """Find the backup of this training, and put the model where it stood.

        Args:
            epochs: of the whole training, as `fit` takes them.

        Returns:
            How many epochs are done already, for `fit`'s `initial_epoch`.

        Raises:
            ValueError: if the model is not compiled, or an optimiser beside that of `compile` is not built.
        """
        if not self.learner.compiled:
            raise ValueError("The model is not compiled; call its compile before resume.start.")
        self.history, self.epochs = {}, epochs
        self._kept = variables = self._variables()
        model, batches = self.learner, self.batches
        data = type(batches).__name__, batches.numbers, batches.arrays
        parts = self.name, model, [*_optimizers(model)], model.loss, data, self.settings, epochs
        self._keeps, self._file = True, None
        try:
            key = fingerprint(*parts, held=[*model.variables, *variables])
            self._file, self._lock = _own_backup(f"{self.name}-{key}")
            return self._go_on() if self._file.exists() else 0
        except Exception as problem:  # without a backup, a training can still be run
            self._keep_none(problem)
            return 0

    def _variables(self):
        """All that a backup holds: the model's weights and the variables of its optimisers.

        Metrics begin anew in each epoch, and noise is set by the epoch's number.
        """
        optimizer = self.learner.optimizer
        if optimizer is not None and not optimizer.built:
            optimizer.build(self.learner.trainable_variables)
        variables = list(self.learner.weights)
        for name, optimizer in _optimizers(self.learner):
            if not optimizer.built:
                raise ValueError(
                    f"The model's optimiser {name} is not built, and a resumed training would lose its "
                    f"state; before fit, call model.{name}.build(...) with the weights that it moves."
                )
            variables += optimizer.variables
        return variables

    def _go_on(self):
        try:
            with np.load(self._file) as saved:  # each part with a checksum, which reading tests
                epoch, history = int(saved["epoch"]), json.loads(str(saved["history"]))
                values = [saved[str(i)] for i in range(len(self._kept))]
            whole = all(v.shape == tuple(old.shape) for v, old in zip(values, self._kept, strict=True))
            if not whole or any(len(column) != epoch for column in history.values()):
                raise ValueError("The parts do not fit together.")
        except Exception:  # whatever a torn file makes of it
            print("The backup of an earlier run is damaged: this training begins anew.")
            self._file.unlink()
            return 0
        for variable, value in zip(self._kept, values, strict=True):
            variable.assign(value)
        self.history = history
        print(
            f"Going on after epoch {epoch}, where an earlier run of the same code and data was stopped. "
            "To begin anew instead, call training.forget() and run the notebook from its first cell."
        )
        return epoch

    def _keep_none(self, problem):
        self._keeps = False
        print(f"No backup can be kept here ({problem}): the training goes on, but a kill would lose it.")

    def on_train_begin(self, logs=None):
        if self.epochs != self.params["epochs"]:
            epochs = self.params["epochs"]
            raise ValueError(
                f"fit runs to epoch {epochs}, and Resume was started with {self.epochs}; "
                f"pass initial_epoch=resume.start({epochs}) to fit."
            )

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.epoch.assign(epoch)
        for variable in self.model.variables:
            if variable.name == "seed_generator_state":
                # A million draws an epoch before two epochs would share noise.
                seed = int(variable[0])  # the second number counts the draws
                variable.assign([seed, epoch * 2**20])

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        for name in dict.fromkeys([*self.history, *logs]):
            column = self.history.setdefault(name, [np.nan] * epoch)
            column.append(float(logs.get(name, np.nan)))
        if not self._keeps:
            return
        values = {str(i): variable.numpy() for i, variable in enumerate(self._kept)}
        try:
            with whole_file(self._file) as fresh:
                np.savez(fresh, epoch=epoch + 1, history=json.dumps(self.history), **values)
        except OSError as problem:
            self._keep_none(problem)

    def on_train_end(self, logs=None):
        self.epochs = None  # the next `fit` asks for its own start
        if self._file is not None:  # there may be one of an earlier epoch, before the disk was full
            with suppress(OSError):
                _remove_backup(self._file, self._lock)


def _own_backup(stem: str) -> tuple[Path, FileLock]:
    """The first backup of that name that no living training has, and this process' lock on it."""
    folder = runtime.cache_dir() / "backup"
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{stem}{end}.npz" for end in ("", *(f"-{number}" for number in range(2, 100)))]
    for file in sorted(files, key=lambda file: not file.exists()):  # one that was stopped comes first
        if lock := _locked(file):
            return file, lock
    raise OSError(f"no file in {folder} can be locked")


def _locked(file: Path) -> FileLock | None:
    """A lock that lives as long as this process does; None where another process has it."""
    # A singleton: after an interrupt, this process gets the lock that it has.
    lock = FileLock(file.with_suffix(".lock"), timeout=0, thread_local=False, is_singleton=True)
    try:
        lock.acquire()
    except Timeout:
        return None
    return lock


def _remove_backup(file: Path, lock: FileLock) -> None:
    for path in [file, *file.parent.glob(f".*-{file.name}")]:  # what a kill left half written, too
        path.unlink(missing_ok=True)
    with suppress(OSError):  # Windows removes it when it is released
        Path(lock.lock_file).unlink()
    lock.release(force=True)


def forget() -> None:
    """Remove the backups of trainings that were stopped, so that each begins anew.

    A training that runs elsewhere keeps its own. Run the notebook from its first cell after it: a network
    that has learnt something would go on from there.
    """
    folder = runtime.cache_dir() / "backup"
    removed = 0
    for file in sorted({path.with_suffix(".npz") for path in folder.glob("*.*") if path.name[0] != "."}):
        if lock := _locked(file):
            removed += file.exists()
            _remove_backup(file, lock)
    print(f"Removed {removed} backup{'' if removed == 1 else 's'} of trainings that were stopped.")


def _bar(unit):
    # The plain bar: in a notebook tqdm would choose a widget, of which the stored file keeps nothing.
    line = f"{{percentage:3.0f}}% {{bar:12}} {{n_fmt}}/{{total_fmt}} {unit}, {{elapsed}}{{postfix}}"
    return {"file": sys.stdout, "bar_format": line, "mininterval": 0.5}


def progress_bar() -> keras.callbacks.Callback:
    """One line with a bar, the epoch and the losses; written to standard output, not standard error."""
    return TqdmCallback(verbose=0, tqdm_class=tqdm, **_bar("epochs"))


def progress(total: int, unit: str, start: int = 0) -> tqdm:
    """The same bar for a loop, `with training.progress(100, "pairs") as bar`; in the loop, `bar.update(1)`.

    It appears after a second. `bar.n` is how far it is.

    Args:
        total: where it ends.
        unit: of what, such as `"pairs"`.
        start: where it begins.
    """
    return tqdm(total=total, initial=start, delay=1, **_bar(unit))


class Snapshots(keras.callbacks.Callback):
    """Show pictures while training, and keep them.

    Args:
        draw: returns pictures (N, H, W, C) in [0, 1], the same N each time.
        epochs: after which epochs to draw (0 is before the first). Of a run that was stopped and
            resumed, those after the stop.
        see: the sentence under the picture, as in `plots.show`.
        columns: pictures in a row of the picture that is shown while training.

    Attributes:
        kept: epoch → the pictures drawn after it.
    """

    def __init__(self, draw: Callable[[], np.ndarray], epochs: list[int], see: str, columns: int = 10):
        super().__init__()
        self.draw, self.epochs, self.see, self.columns = draw, set(epochs), see, columns
        self.kept: dict[int, np.ndarray] = {}
        self.handle = None

    def _keep(self, epoch):
        if epoch not in self.epochs:
            return
        self.kept[epoch] = self.draw()
        png = plots.png(self.kept[epoch], self.columns)
        self.handle = plots.show_png(png, self.see, self.handle)

    def on_train_begin(self, logs=None):
        self.begun = False

    def on_epoch_begin(self, epoch, logs=None):
        if not self.begun:  # not 0 where `Resume` goes on
            self._keep(epoch)
        self.begun = True

    def on_epoch_end(self, epoch, logs=None):
        self._keep(epoch + 1)
