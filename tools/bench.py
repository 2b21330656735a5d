"""Measure the course on this machine and print one table.

    python tools/bench.py              # everything, medians of three runs
    python tools/bench.py --runs 1     # quicker
    python tools/bench.py --only vae   # lessons, strokes, vae, gan or text

`lessons`: wall time, CPU time, peak memory and claims of each lesson, run by papermill into build/bench.
`strokes`: pictures drawn per second. `vae`: held-out ELBO of lesson 06's network after 10, 20 and 40
seconds of training, beside a textbook convolutional VAE that trains in the same run.
`gan`: seconds and quality of lesson 07's training, beside the textbook's GAN with the optimiser and rates
that came with it, and lesson 06's VAE, both in the same seconds; and the quality of the shipped generator.
`text`: held-out bits per character of lesson 10's network after 10, 20 and 40 seconds, beside a textbook LSTM
(windows of 100 characters, no state carried) in the same run; characters written per second by both; the
lesson's own training, beside an LSTM in the same seconds and beside counting. Then, of lesson 11's shipped
network, tokens written per second after 256 others, with the cache and without.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import results  # tools/results.py
from lesson_code import Lesson

from contentgen import runtime  # before Keras: it loads TensorFlow without its start-up noise

# isort: split
import keras

from contentgen.claims import bounds_of, rounded

ROOT = Path(__file__).resolve().parent.parent
MARKS = (10, 20, 40)  # seconds of training


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="report medians of so many runs")
    parser.add_argument(
        "--only", choices=["lessons", "strokes", "vae", "gan", "text"], help="measure this alone"
    )
    options = parser.parse_args()
    print(" · ".join(f"{name} {value}" for name, value in runtime.machine().items()), "\n")
    print("| what | measured |\n|---|---|")
    parts = (
        lessons,
        strokes_speed,
        vae_against_textbook,
        gan_against_others,
        text_against_others,
        text_cache,
    )
    for part in parts:
        if options.only in (None, part.__name__.split("_")[0]):
            for what, measured in part(options.runs):
                print(f"| {what} | {measured} |", flush=True)
    return 0


class Marks(keras.callbacks.Callback):
    """Measures at each mark, and stops training at the last; the clock stands still while it measures."""

    def __init__(self, measure):
        super().__init__()
        self.measure, self.reached = measure, []

    def on_train_begin(self, logs=None):
        self.start = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        now = time.perf_counter()
        if len(self.reached) == len(MARKS) or now - self.start < MARKS[len(self.reached)]:
            return
        self.reached.append(self.measure())
        self.model.stop_training = len(self.reached) == len(MARKS)
        self.start += time.perf_counter() - now


def lessons(runs: int):
    """Rows of each lesson's time, memory and claims."""
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    for notebook in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        target = folder / notebook.name
        command = [sys.executable, "-m", "papermill", "--cwd", notebook.parent, "--no-progress-bar"]
        measured = [run_command([*command, notebook, target]) for _ in range(runs)]
        wall, cpu, memory = (median(values) for values in zip(*measured, strict=True))
        yield notebook.stem, f"{wall:.0f} s wall, {cpu:.0f} s CPU, {memory / 2**30:.2f} GiB at most"
    for path in sorted(folder.glob("*.ipynb")):
        for fact in results.facts(path):
            value = f"{rounded(fact['value'])} {fact['unit']}"
            yield f"{path.stem}: {fact['name']}", f"{value} ({bounds_of(fact) or 'no bound'})"


def run_command(command) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and the largest process's bytes, its kernel included."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not hasattr(os, "wait4"):  # Windows
        status, cpu, memory = process.wait(), float("nan"), float("nan")
    else:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu = usage.ru_utime + usage.ru_stime
        memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if status:
        raise SystemExit(f"{command[-2]} failed; see {command[-1]}.")
    return time.perf_counter() - start, cpu, memory


def strokes_speed(runs: int):
    """One row: pictures drawn per second."""
    from contentgen.data import strokes

    def seconds():
        start = time.perf_counter()
        strokes.draw(10_000, seed=0)
        return time.perf_counter() - start

    yield "strokes", f"{10_000 / median(seconds() for _ in range(runs)):,.0f} pictures a second"


def vae_against_textbook(runs: int):
    """Rows of held-out ELBO after each mark: lesson 06's network and the textbook's, in turn."""
    lesson = Lesson("06_vae_images")
    for dataset in ("digits", "strokes"):
        results = {"lesson": [], "textbook": [], "textbook with 16 axes": []}
        for seed in range(runs):
            for name, reached in results.items():
                reached.append(elbo_after_marks(lesson, dataset, seed, name))
        for i, mark in enumerate(MARKS):
            middle = {name: median(run[i] for run in reached) for name, reached in results.items()}
            text = ", ".join(f"{name} {value:.1f}" for name, value in middle.items())
            yield f"{dataset}: held-out ELBO after {mark} s", f"{text} nats"


def elbo_after_marks(lesson: dict, dataset: str, seed: int, name: str) -> list[float]:
    """Train one network for the last mark's seconds; held-out ELBO at each mark, in nats."""
    import numpy as np

    from contentgen import data, training

    runtime.setup(seed)
    pictures = data.load(dataset)
    x_train, x_test = ((x >= 0.5).astype("float32") for x in (pictures.x_train, pictures.x_test))
    shape, latent_dim = x_train.shape[1:], lesson["latent_dim"]
    if name == "lesson":
        networks = (lesson["make_encoder"](shape, latent_dim), lesson["make_decoder"](latent_dim, shape))
    else:
        networks = lesson["make_textbook_networks"](2 if name == "textbook" else latent_dim)
    vae = lesson["VAE"](*networks, seed=seed)
    vae.compile(optimizer=keras.optimizers.Adam(1e-3))

    def elbo():
        parts = [vae.elbo_terms(x_test[i : i + 500]) for i in range(0, len(x_test), 500)]
        return float(np.mean(np.concatenate([np.asarray(a - b) for a, b in parts])))

    batches, marks = training.Batches(x_train, lesson["batch_size"], 100_000, seed=seed), Marks(elbo)
    vae.fit(batches.dataset, epochs=1, callbacks=[marks], verbose=0)
    return marks.reached


def gan_against_others(runs: int):
    """Rows of lesson 07: its training, the others in the same seconds, what is shipped."""
    measured = [gan_run(seed) for seed in range(runs)]
    for what in measured[0]:
        values = {name: median(run[what][name] for run in measured) for name in measured[0][what]}
        yield f"strokes, {what}", ", ".join(f"{name} {value:.3g}" for name, value in values.items())


def gan_run(seed: int) -> dict[str, dict[str, float]]:
    """One seed: what was measured → name → number."""
    import numpy as np

    from contentgen import metrics, training

    class Clock(keras.callbacks.Callback):
        """Adds up the time between the batches of an epoch: no tracing, no judging. Stops at a limit."""

        def __init__(self, limit=float("inf")):
            super().__init__()
            self.seconds, self.limit = 0.0, limit

        def on_epoch_begin(self, epoch, logs=None):
            self.last = None

        def on_train_batch_end(self, batch, logs=None):
            now = time.perf_counter()
            self.seconds += now - self.last if self.last else 0
            self.last = now
            self.model.stop_training = self.seconds > self.limit

    lesson, other = Lesson("07_gan_images"), Lesson("06_vae_images")
    lesson["seed"] = seed
    runtime.setup(seed)
    lesson.run("play", "data", "generator", "discriminator", "quality")
    gan = lesson["GAN"](lesson["generator"], lesson["discriminator"], seed=seed)
    clock, start = Clock(), time.time()
    lesson["train_gan"](gan, lesson["steps"], f"bench-{start}", clock)
    seconds, in_all = clock.seconds, time.time() - start
    x_train, x_test, shape = lesson["x_train"], lesson["x_test"], lesson["picture_shape"]
    noise = np.random.default_rng(seed).standard_normal

    def drawn(generator):
        return lesson["generate"](generator, noise((2000, generator.input_shape[1]), "float32"))

    def fit(model, x):
        """Train for the same seconds."""
        batches = training.Batches(x, lesson["batch_size"], steps_per_epoch=100_000, seed=seed)
        model.fit(batches.dataset, epochs=1, callbacks=[Clock(seconds)], verbose=0)

    networks = lesson["make_dcgan_generator"](), lesson["make_dcgan_discriminator"](shape)
    textbook = lesson["GAN"](*networks, gamma=0.0, seed=seed)
    textbook.compile(*(keras.optimizers.RMSprop(4e-4, clipvalue=1.0) for _ in range(2)))
    fit(textbook, x_train)

    networks = other["make_encoder"](shape, 16), other["make_decoder"](16, shape)
    vae = other["VAE"](*networks, seed=seed)
    vae.compile(optimizer=keras.optimizers.Adam(1e-3))
    fit(vae, (x_train >= 0.5).astype("float32"))
    soft = other["decode"](vae.decoder, noise((2000, 16), "float32"))

    samples = drawn(gan.averaged)
    ours, theirs = lesson["quality"](samples), lesson["quality"](drawn(textbook.generator))
    sharp = [metrics.sharpness(x).mean() for x in (x_test, (x_test >= 0.5).astype("float32"))]
    return {
        "lesson 07": {"seconds": seconds, "seconds with tracing and judging": in_all, **ours},
        "textbook in the same seconds": {**theirs, "ours over it": ours["distance"] / theirs["distance"]},
        "shipped generator": lesson["quality"](drawn(lesson["shipped"])),
        "sharpness of samples, share of the pictures'": {
            "lesson 07": metrics.sharpness(samples).mean() / sharp[0],
            "VAE of lesson 06 in the same seconds": metrics.sharpness(soft).mean() / sharp[1],
        },
    }


def text_against_others(runs: int):
    """Rows of lesson 10."""
    for dataset in ("news", "pydoc"):
        measured = [text_run(dataset, seed) for seed in range(runs)]
        for what in measured[0]:
            values = {name: median(run[what][name] for run in measured) for name in measured[0][what]}
            yield f"{dataset}, {what}", ", ".join(f"{name} {value:.4g}" for name, value in values.items())


def text_run(dataset: str, seed: int) -> dict[str, dict[str, float]]:
    """One seed: what was measured → name → number."""
    import numpy as np
    import tensorflow as tf

    from contentgen import metrics, training

    lesson = Lesson("10_text_lstm")
    lesson["dataset"], lesson["seed"] = dataset, seed
    runtime.setup(seed)
    lesson.run("data", "vocabulary", "network")
    train, test, vocabulary = lesson["train"], lesson["test"], lesson["vocabulary"]
    size, make = len(vocabulary), lesson["make_network"]

    def bits(network):
        return float(lesson["each_bits"](network, test).mean())

    def train_for(network, steps):
        """The lesson's own training; returns its seconds."""
        start = time.perf_counter()
        lesson["train_network"](network, steps, f"bench-{time.time()}")
        return time.perf_counter() - start

    network, steps, rate = lesson["network"], lesson["steps"], lesson["rate"]
    dropout = lesson["dropout"] if lesson["passes"] > 1 else 0
    seconds = train_for(network, steps)
    ours = bits(network)
    counting = lesson["text_bits"](metrics.ngram_probabilities(train, test, 5, size))

    # An LSTM with about as many weights, at the rate that suits it, for as many seconds.
    lesson["rate"] = 0.004
    half = train_for(make(size, 256, "lstm", dropout), steps // 2)
    lstm = make(size, 256, "lstm", dropout)
    train_for(lstm, int(steps / 2 * seconds / half))

    # After each mark: the lesson's training, planned for the last mark, and the textbook's.
    network = make(size, lesson["units"], dropout=dropout)
    reader, marks = lesson["Reader"](network, lesson["batch_size"]), Marks(lambda: bits(network))
    falling = keras.optimizers.schedules.PolynomialDecay(rate, int(MARKS[-1] * steps / seconds), 0.0)
    reader.compile(keras.optimizers.Adam(falling, beta_2=0.99, global_clipnorm=1.0))
    streams = training.Streams(train, lesson["batch_size"], lesson["length"], 100_000)
    reader.fit(streams.dataset, epochs=1, callbacks=[marks], verbose=0)

    carrying = make(size, 256, "lstm")
    textbook = keras.Sequential(
        [
            keras.layers.Embedding(size, 256),
            keras.layers.LSTM(256, return_sequences=True),
            keras.layers.Dense(size),
        ]
    )
    windows = train[: len(train) // 101 * 101].reshape(-1, 101)
    textbook(windows[:1, :-1])  # makes its weights

    def textbook_bits():
        carrying.set_weights(textbook.get_weights())
        return bits(carrying)

    textbook_marks = Marks(textbook_bits)
    textbook.compile(
        keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    batches = training.Batches((windows[:, :-1], windows[:, 1:]), 64, 100_000, seed=seed)
    textbook.fit(batches.dataset, epochs=1, callbacks=[textbook_marks], verbose=0)

    def per_second(write):
        write(20)  # traces
        start = time.perf_counter()
        write(300)
        return 300 / (time.perf_counter() - start)

    read_again = tf.function(textbook)

    def write_by_windows(n):
        for _ in range(n):
            read_again(tf.constant(windows[:1, :-1])).numpy()

    choose = lesson["at"](0.8, np.random.default_rng(seed))
    after = {
        f"bits per character after {mark} s": {"lesson 10": mine, "textbook": theirs}
        for mark, mine, theirs in zip(MARKS, marks.reached, textbook_marks.reached, strict=True)
    }
    return after | {
        "characters written in a second": {
            "lesson 10": per_second(lambda n: lesson["write"](network, vocabulary, "The", n, choose)),
            "textbook, reading 100 again": per_second(write_by_windows),
        },
        "lesson's own training": {
            "seconds, tracing and backups included": seconds,
            "bits per character": ours,
            "LSTM in the same seconds": bits(lstm),
            "5-grams": float(counting),
            "below 5-grams (bound for pydoc: 0.2)": float(counting) - ours,
        },
    }


def text_cache(runs: int):
    """Rows of lesson 11: one text, and 16 side by side."""
    from contentgen.data import news

    lesson = Lesson("11_text_transformer")
    runtime.setup(0)
    lesson.run("box")
    text = "".join(report.text for report in news.draw(9, seed=1))
    codes = lesson["to_tokens"](text, lesson["shipped_tokens"])
    lesson.update(network=lesson["shipped"], test=codes)
    measured = []
    for _ in range(runs):
        lesson.run("cache")
        measured.append((lesson["speed"], lesson["slow"]))
    for batch in measured[0][0]:
        speed, slow = (median(found[batch] for found in kind) for kind in zip(*measured, strict=True))
        said = f"{speed:,.0f} with the cache, {slow:,.0f} without: {speed / slow:.1f} times as many"
        yield f"texts side by side: {batch}; tokens a second, after 256", said


if __name__ == "__main__":
    sys.exit(main())
