"""What a training needs around it: batches, a progress bar, pictures on the way, resuming after a kill."""

import hashlib
import json
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from contentgen import runtime  # first: it loads TensorFlow without its start-up noise

# isort: split
import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm
from tqdm.keras import TqdmCallback

from contentgen import plots
from contentgen.files import write_whole

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
        numbers: how many examples, and the three settings.

    Raises:
        ValueError: if a number is out of range, or the arrays hold different numbers of examples.
    """

    def __init__(
        self, x: np.ndarray | tuple[np.ndarray, ...], batch_size: int, steps_per_epoch: int, seed: int = 0
    ):
        arrays = x if isinstance(x, tuple) else (x,)
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
        numbers: how many characters, and the three settings.

    Raises:
        ValueError: if a number is out of range, or the text is too short for the streams.
    """

    def __init__(self, codes: np.ndarray, batch_size: int, length: int, steps_per_epoch: int):
        n = len(codes)
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


def _optimizers(model):
    """A model's optimisers with the names of their places, those in its lists and dicts too."""
    for name, value in vars(model).items():
        if name.startswith("_"):  # Keras' and TensorFlow's own notes on what the model has
            continue
        places = {name: value}
        if isinstance(value, dict):
            places = {f"{name}[{key!r}]": part for key, part in value.items()}
        elif isinstance(value, (list, tuple)):
            places = {f"{name}[{i}]": part for i, part in enumerate(value)}
        for place, part in places.items():
            if isinstance(part, keras.optimizers.Optimizer):
                yield place, part


class Resume(keras.callbacks.BackupAndRestore):
    """Keep a running training on disk after every epoch, and go on from there after a kill.

    The model ends with the same weights, to the bit, as if nothing had happened. Two things are asked
    for that. The model's noise must come from a `keras.random.SeedGenerator` that is an attribute of
    the model, as it does in Keras' own Dropout: these are set from the epoch's number. And an optimiser
    beside the one that `compile` takes must be built before `fit`, since nothing else says which weights
    it moves: `gan.d_optimizer.build(gan.discriminator.trainable_variables)`.

    Keras' own callback knows neither noise nor history, and writes its file in place: a kill while it
    writes would lose the backup. The backup is removed when training ends. A model of another shape,
    or other settings, has one of its own.

    Args:
        name: the lesson's name.
        model: the model that `fit` is called on; built.
        batches: the `Batches` or `Streams` that `fit` runs on.
        settings: whatever else the run depends on, such as the seed or beta; numbers and strings.

    Attributes:
        history: metric name → one value an epoch, those before a kill included.

    Raises:
        ValueError: by `fit`, if an optimiser beside the one of `compile` is not built.
    """

    def __init__(self, name: str, model: keras.Model, batches: Batches | Streams, **settings):
        shapes = [list(v.shape) for v in model.variables]
        run = json.dumps([name, shapes, batches.numbers, settings], sort_keys=True, default=str)
        key = hashlib.sha256(run.encode()).hexdigest()
        self.folder = runtime.cache_dir() / "backup" / f"{name}-{key[:12]}"
        super().__init__(str(self.folder))
        self.batches = batches
        self.history: dict[str, list[float]] = {}

    def _weights(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch}.weights.h5"

    def on_train_begin(self, logs=None):
        self.history = {}
        self._build_optimizers()
        state_file = self.folder / "state.json"
        if not state_file.exists():
            return
        state = json.loads(state_file.read_text())
        self.history = state["history"]
        self.model.load_weights(self._weights(state["epoch"]))
        self.model._initial_epoch = state["epoch"]  # where Keras' own callback puts it
        print(f"Going on after epoch {state['epoch']}, where an earlier run was stopped.")

    def _build_optimizers(self):
        """An optimiser that is not built has no state yet, and Keras would load none into it."""
        if self.model.optimizer is not None:
            self.model.optimizer.build(self.model.trainable_variables)
        for name, optimizer in _optimizers(self.model):
            if not optimizer.built:
                raise ValueError(
                    f"The model's optimiser {name} is not built, and a resumed training would lose its "
                    f"state; before fit, call model.{name}.build(...) with the weights that it moves."
                )

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.epoch.assign(epoch)
        for variable in self.model.variables:
            if variable.name == "seed_generator_state":
                # A million draws an epoch before two epochs would share noise.
                seed = int(variable[0])  # the second number counts the draws
                variable.assign([seed, epoch * 2**20])

    def on_epoch_end(self, epoch, logs=None):
        done = epoch + 1
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(float(value))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.model.save_weights(self._weights(done), overwrite=True)
        # The state names the weights: until it is replaced, the last epoch's pair stays whole.
        write_whole(self.folder / "state.json", json.dumps({"epoch": done, "history": self.history}))
        for path in self.folder.glob("epoch-*.weights.h5"):
            if path != self._weights(done):
                path.unlink()

    def on_train_end(self, logs=None):
        # First the state: a kill while the folder is removed must not leave a state without weights.
        (self.folder / "state.json").unlink(missing_ok=True)
        super().on_train_end(logs)
        # Else the model's next `fit` would start at this epoch, too.
        self.model._initial_epoch = None


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
        self._keep(self.model._initial_epoch or 0)  # not 0 where `Resume` goes on

    def on_epoch_end(self, epoch, logs=None):
        self._keep(epoch + 1)
