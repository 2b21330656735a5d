"""A killed and resumed training ends with the same weights, to the bit, as one that was never stopped."""

import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from contentgen import files, runtime, training
from contentgen.training import (
    Batches,
    Resume,
    Snapshots,
    Streams,
    commonest,
    paragraph_windows,
    progress,
    progress_bar,
)

EPOCHS = 4


def epoch_of(batches, epoch=0):
    batches.epoch.assign(epoch)
    return [batch.numpy() for batch in batches.dataset]


@given(n=st.integers(1, 20), size=st.integers(1, 20), steps=st.integers(1, 12), epoch=st.integers(0, 99))
@settings(max_examples=12)
def test_batches_have_their_shape_and_go_through_the_data_evenly(n, size, steps, epoch):
    size = min(size, n)
    batches = epoch_of(Batches(np.arange(n), size, steps), epoch)
    assert [batch.shape for batch in batches] == [(size,)] * steps
    counts = np.bincount(np.concatenate(batches), minlength=n)
    assert counts.max() - counts.min() <= 1


def test_batches_depend_on_the_seed_and_the_epoch_alone():
    x = np.arange(50)
    one, same = Batches(x, 5, 12, seed=3), Batches(x, 5, 12, seed=3)
    first, later = epoch_of(one, 0), epoch_of(one, 7)
    keras.utils.set_random_seed(99)
    np.testing.assert_array_equal(epoch_of(same, 7), later)  # without having been through 0 to 6
    np.testing.assert_array_equal(epoch_of(one, 0), first)
    assert not np.array_equal(first, later)
    assert not np.array_equal(epoch_of(Batches(x, 5, 12, seed=4), 0), first)
    passes = np.reshape(first[:10], -1), np.reshape(epoch_of(Batches(x, 5, 20, 3))[10:], -1)
    assert not np.array_equal(*passes)  # a second pass has another order


def test_batches_hold_the_examples_as_they_are():
    x = np.random.default_rng(0).random((6, 4, 4, 1), "float32")
    (batch,) = epoch_of(Batches(x, 6, 1))
    assert batch.dtype == np.float32
    np.testing.assert_array_equal(np.sort(batch, 0), np.sort(x, 0))
    assert len(Batches(x, 2, 7).dataset) == 7


def test_several_arrays_stay_together():
    x = np.arange(30, dtype="float32").reshape(10, 3)
    y, slant = np.arange(10), np.linspace(-1, 1, 10)
    batches = Batches((x, y, slant), 4, 5, seed=2)
    alone = epoch_of(Batches(y, 4, 5, seed=2))
    for (x_b, y_b, slant_b), y_alone in zip(batches.dataset, alone, strict=True):
        assert (x_b.shape, y_b.shape, slant_b.shape) == ((4, 3), (4,), (4,))
        np.testing.assert_array_equal(y_b, y_alone)  # labels do not change the order
        np.testing.assert_array_equal(x_b, x[y_b.numpy()])
        np.testing.assert_array_equal(slant_b, slant[y_b.numpy()])


def test_batches_do_not_hold_up_the_end_of_an_epoch():
    """tf.data's autotuning thread did, by up to a second."""
    assert Batches(np.zeros((4, 2)), 2, 1).dataset.options().autotune.enabled is False


@pytest.mark.parametrize(
    ("arrays", "size", "steps", "says"),
    [
        ((np.zeros((6, 2)), np.zeros(5)), 2, 1, r"The arrays hold \[6, 5\] examples, expected as many"),
        *((np.zeros((6, 2)), size, 1, f"batch_size is {size}, expected 1 to 6") for size in (0, -1, 7)),
        (np.zeros((6, 2)), 2, 0, "steps_per_epoch is 0, expected at least 1"),
    ],
)
def test_batches_that_cannot_be_are_refused(arrays, size, steps, says):
    with pytest.raises(ValueError, match=says):
        Batches(arrays, size, steps)


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 6), st.integers(0, 40))
def test_streams_read_on_where_they_stopped(size, length, steps, extra):
    """Stitched together over three epochs, each stream is the text from its own start, round and round."""
    codes = np.arange(size * (length + 1) + extra, dtype="int32")
    streams, read = Streams(codes, size, length, steps), []
    for epoch in range(3):
        streams.epoch.assign(epoch)
        read += [window.numpy() for window in streams.dataset]
    assert len(read) == 3 * steps and read[0].shape == (size, length + 1)
    assert all((a[:, -1] == b[:, 0]).all() for a, b in pairwise(read))
    gone = np.concatenate([window[:, :-1] for window in read], axis=1)
    for stream, found in enumerate(gone):
        wanted = np.roll(codes, -stream * (len(codes) // size))
        np.testing.assert_array_equal(found, np.resize(wanted, len(found)))


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ((0, 3, 2), "are 0, 3 and 2, expected at least 1 each"),
        ((2, 0, 2), "are 2, 0 and 2"),
        ((2, 3, 0), "are 2, 3 and 0"),
        (
            (3, 3, 2),
            "3 streams of windows of 3 need 12 characters, but the text has 11; take fewer, or a longer",
        ),
    ],
)
def test_streams_that_cannot_be_are_refused(numbers, says):
    with pytest.raises(ValueError, match=says):
        Streams(np.arange(11), *numbers)


class Denoiser(keras.Model):
    """Small, with every kind of noise that a lesson may have, and an optimizer with a state."""

    def __init__(self, dropout_seed=None):
        super().__init__()
        self.inner = keras.Sequential(
            [
                keras.layers.Dense(5, activation="tanh"),
                keras.layers.Dropout(0.3, seed=dropout_seed),
                keras.layers.Dense(3),
            ]
        )
        self.noise = keras.random.SeedGenerator(11)

    def call(self, x, training=False):
        return self.inner(x, training=training)

    def train_step(self, x):
        with tf.GradientTape() as tape:
            noisy = x + keras.random.normal(keras.ops.shape(x), stddev=0.1, seed=self.noise)
            loss = keras.ops.mean((self(noisy, training=True) - x) ** 2)
        variables = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return {"off": loss}


class Stop(keras.callbacks.Callback):
    """Ends a run at the begin of a batch of an epoch (0 is the first) in some way."""

    def __init__(self, epoch, how, batch=0):
        super().__init__()
        self.at, self.how = (epoch, batch), how

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            self.how()


class Killed(Exception):
    pass


def raise_killed():
    raise Killed


def kill_this_process():
    # Windows has no SIGKILL; there every signal of os.kill ends a process at once.
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def fit(model, resume, epochs, *callbacks):
    first = resume.start(epochs)
    callbacks = [resume, *callbacks]
    model.fit(resume.batches.dataset, epochs=epochs, initial_epoch=first, callbacks=callbacks, verbose=0)


def train(*callbacks, dropout_seed=None, epochs=EPOCHS, **options):
    """One run from the lesson's first cell on; returns the weights, the history and the callback."""
    runtime.setup(0)
    x = np.random.default_rng(options.pop("data_seed", 0)).random((40, 3), "float32")
    model = options.pop("kind", Denoiser)(dropout_seed)
    model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9))
    model(x[:1])
    batches = Batches(x, options.pop("batch_size", 8), 7)
    resume = Resume("lesson", model, batches, **options)
    fit(model, resume, epochs, *callbacks)
    weights = [*model.get_weights(), *(np.asarray(v) for v in model.optimizer.variables)]
    return weights, resume.history, resume


@pytest.fixture(scope="module")
def never_stopped(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTENTGEN_CACHE", str(tmp_path_factory.mktemp("never stopped")))
        return train()[:2]


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CONTENTGEN_CACHE", str(tmp_path))
    return tmp_path


def is_as_if_nothing_had_happened(run, never_stopped):
    for found, expected in zip(run[0], never_stopped[0], strict=True):
        np.testing.assert_array_equal(found, expected)
    assert run[1] == never_stopped[1]
    assert {len(values) for values in run[1].values()} == {EPOCHS}


def backups(cache):
    return sorted(path.name for path in (cache / "backup").glob("*"))


def test_the_test_would_notice_other_noise(never_stopped):
    assert not np.array_equal(train(dropout_seed=5)[0][0], never_stopped[0][0])


@pytest.mark.parametrize(("epoch", "batch"), [(0, 3), (3, 6)])
def test_a_run_that_was_stopped_goes_on_to_the_same_end(capsys, never_stopped, epoch, batch):
    with pytest.raises(Killed):
        train(Stop(epoch, raise_killed, batch))
    capsys.readouterr()
    is_as_if_nothing_had_happened(train(), never_stopped)
    out = capsys.readouterr().out
    assert (
        out.startswith(f"Going on after epoch {epoch}, where an earlier run of the same")
        if epoch
        else not out
    )


def test_a_run_that_was_stopped_twice(never_stopped):
    for epoch in (1, 3):
        with pytest.raises(Killed):
            train(Stop(epoch, raise_killed, 1))
    is_as_if_nothing_had_happened(train(), never_stopped)


def kill_while(call, cache):
    """Run one of this file's functions in a process of its own that kills itself in the third epoch."""
    code = f"from test_training import *\n{call}(Stop(2, kill_this_process, 4))"
    command = [sys.executable, "-c", code]  # which looks for modules where it runs
    folder = Path(__file__).parent
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    killed = -signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM
    assert done.returncode == killed, done.stderr
    assert sorted(Path(name).suffix for name in backups(cache)) == [".lock", ".npz"]


def test_a_killed_process(cache, never_stopped):
    """A real kill, in the middle of the third epoch; the parent goes on with the child's backup."""
    kill_while("train", cache)
    is_as_if_nothing_had_happened(train(), never_stopped)


class GAN(keras.Model):
    """Two players, each with an optimiser that has a state; labels are used where there are some."""

    def __init__(self, n_labels=0):
        super().__init__()
        dense = keras.layers.Dense
        self.generator = keras.Sequential([keras.Input((2 + n_labels,)), dense(4, "tanh"), dense(3)])
        self.discriminator = keras.Sequential(
            [keras.Input((3 + n_labels,)), dense(4, "tanh"), keras.layers.Dropout(0.2), dense(1)]
        )
        self.noise, self.n_labels = keras.random.SeedGenerator(5), n_labels
        self.g_optimizer = keras.optimizers.Adam(0.01, 0.5, use_ema=True, ema_momentum=0.9)
        self.others = {"d": keras.optimizers.Adam(0.02, 0.5)}
        self.built = True

    def build_optimizers(self):
        self.g_optimizer.build(self.generator.trainable_variables)
        self.others["d"].build(self.discriminator.trainable_variables)

    def train_step(self, batch):
        ops = keras.ops
        x, told = batch, ops.zeros((8, 0))
        if self.n_labels:
            x, y, slant = batch
            told = ops.concatenate([ops.one_hot(y, self.n_labels - 1), slant[:, None]], axis=1)
        z = keras.random.normal((8, 2), seed=self.noise)
        with tf.GradientTape(persistent=True) as tape:
            fake = self.generator(ops.concatenate([z, told], axis=1))
            real_logits = self.discriminator(ops.concatenate([x, told], axis=1), training=True)
            fake_logits = self.discriminator(ops.concatenate([fake, told], axis=1), training=True)
            d_loss = ops.mean(ops.softplus(-real_logits) + ops.softplus(fake_logits))
            g_loss = ops.mean(ops.softplus(-fake_logits))
        for loss, player, optimizer in (
            (d_loss, self.discriminator, self.others["d"]),
            (g_loss, self.generator, self.g_optimizer),
        ):
            weights = player.trainable_variables
            optimizer.apply(tape.gradient(loss, weights), weights)
        return {"d_loss": d_loss, "g_loss": g_loss}


def train_gan(*callbacks, labels=False, build=True):
    """One run of a GAN with two Adams; returns weights with both optimisers' states, and the history."""
    runtime.setup(0)
    rng = np.random.default_rng(0)
    x, y, slant = rng.random((40, 3), "float32"), rng.integers(0, 2, 40), rng.random(40, "float32")
    gan = GAN(n_labels=3 if labels else 0)
    if build:
        gan.build_optimizers()
    gan.compile()
    batches = Batches((x, y, slant) if labels else x, 8, 7)
    resume = Resume("gan", gan, batches)
    fit(gan, resume, EPOCHS, *callbacks)
    states = gan.get_weights(), gan.g_optimizer.variables, gan.others["d"].variables
    return [np.asarray(value) for part in states for value in part], resume.history


def train_gan_with_labels(*callbacks):
    return train_gan(*callbacks, labels=True)


@pytest.mark.parametrize("run", [train_gan, train_gan_with_labels])
def test_a_killed_gan_with_two_optimisers(cache, run):
    kill_while(run.__name__, cache)
    resumed = run()
    is_as_if_nothing_had_happened(resumed, run())


def test_an_optimiser_that_is_not_built_is_named():
    with pytest.raises(ValueError, match=r"optimiser g_optimizer is not built.*g_optimizer\.build"):
        train_gan(build=False)


@pytest.mark.parametrize(
    ("kept", "name"),
    [([keras.optimizers.Adam()], r"extra\[0\]"), ({"d": keras.optimizers.Adam()}, r"extra\['d'\]")],
)
def test_an_optimiser_in_a_list_or_a_dict_is_found(kept, name):
    model = Denoiser()
    model.compile("sgd")
    model.extra = kept
    model(np.zeros((1, 3)))
    resume = Resume("lesson", model, Batches(np.zeros((4, 3)), 2, 1))
    with pytest.raises(ValueError, match=f"optimiser {name} is not built"):
        resume.start(1)


def test_fit_without_a_start_or_with_another_number_of_epochs_says_what_to_pass():
    _, _, resume = train(epochs=1)
    model, batches = resume.learner, resume.batches
    for started in (None, 3):
        if started:
            resume.start(started)
        with pytest.raises(ValueError, match=f"with {started}; pass initial_epoch=resume.start"):
            model.fit(batches.dataset, epochs=2, callbacks=[resume], verbose=0)
    with pytest.raises(ValueError, match="not compiled; call its compile"):
        Resume("lesson", Denoiser(), batches).start(1)


def test_keras_still_names_the_state_of_noise():
    """`Resume` finds the seed generators among a model's variables by this name."""
    model = Denoiser()
    model(np.zeros((1, 3)))
    states = [v for v in model.variables if v.name == "seed_generator_state"]
    assert len(states) == 2, "Keras names its seed generators otherwise: mend training.Resume"


@pytest.mark.parametrize("where", ["half written", "before it is put in place"])
def test_a_kill_while_the_backup_is_written(cache, monkeypatch, never_stopped, where):
    """The third epoch's backup is torn: the second's must still be whole."""
    save, replace = np.savez, os.replace

    def torn_save(path, epoch, **parts):
        save(path, epoch=epoch, **parts)
        if epoch == 3:
            path.write_bytes(path.read_bytes()[:500])
            raise Killed

    def torn_replace(source, target):
        with np.load(source) as saved:
            if saved["epoch"] == 3:
                raise Killed
        replace(source, target)

    with monkeypatch.context() as patch:
        if where == "half written":
            patch.setattr(np, "savez", torn_save)
        else:
            patch.setattr(files.os, "replace", torn_replace)
        with pytest.raises(Killed):
            train()
    is_as_if_nothing_had_happened(train(), never_stopped)


def torn(path, part):
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])


def flipped(path):
    with np.load(path) as saved:
        weights = saved["0"].tobytes()
    data = path.read_bytes()
    path.write_bytes(data.replace(weights, bytes([weights[0] ^ 1]) + weights[1:]))


def other_parts(path, change):
    with np.load(path) as saved:
        parts = {name: saved[name] for name in saved.files}
    change(parts)
    np.savez(path, **parts)


DAMAGE = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("{"),
    "torn": lambda path: torn(path, 0.5),
    "torn at the end": lambda path: torn(path, 0.99),
    "one byte wrong": flipped,
    "without history": lambda path: other_parts(path, lambda parts: parts.pop("history")),
    "torn history": lambda path: other_parts(path, lambda parts: parts.update(history='{"loss": [1.0')),
    "history of one epoch": lambda path: other_parts(path, lambda p: p.update(history='{"loss": [1.0]}')),
    "without weights": lambda path: other_parts(path, lambda parts: parts.pop("0")),
    "other weights": lambda path: other_parts(path, lambda parts: parts.update({"0": np.zeros((9, 9))})),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_backup_costs_the_backup_and_not_the_lesson(cache, capsys, never_stopped, damage):
    with pytest.raises(Killed):
        train(Stop(2, raise_killed))
    (path,) = (cache / "backup").glob("*.npz")
    damage(path)
    is_as_if_nothing_had_happened(train(), never_stopped)
    out = capsys.readouterr().out
    assert out == "The backup of an earlier run is damaged: this training begins anew.\n"
    assert backups(cache) == []


def refuse(*_, **__):
    raise OSError(37, "No locks available")


@pytest.mark.parametrize("what", ["locks", "writing", "the folder", "locks of an older library"])
def test_where_no_backup_can_be_kept_one_sentence_says_so(cache, capsys, monkeypatch, never_stopped, what):
    if what == "the folder":
        (cache / "backup").write_text("a file where a folder should be")
    elif what == "writing":
        monkeypatch.setattr(np, "savez", refuse)
    elif what == "locks":
        monkeypatch.setattr(training.FileLock, "acquire", refuse)
    else:
        monkeypatch.setattr(
            training.FileLock, "acquire", lambda _: (_ for _ in ()).throw(NotImplementedError("no flock"))
        )
    is_as_if_nothing_had_happened(train(), never_stopped)
    out = capsys.readouterr().out
    assert out.startswith("No backup can be kept here (") and out.count("\n") == 1
    assert out.endswith("): the training goes on, but a kill would lose it.\n")


def test_one_backup_is_kept_and_none_at_the_end(cache):
    seen = []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(sorted(path.suffix for path in (cache / "backup").iterdir()))

    train(Look())
    assert seen == [[".lock", ".npz"]] * EPOCHS
    assert backups(cache) == []


def in_a_second_kernel(do):
    """Starts this file's function `train` in another process, and does something in its third epoch."""
    wait = "Stop(2, lambda: (print('here', flush=True), input()))"
    code = f"from test_training import *\ntrain({wait})\nprint('end')"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "here\n"
    do()
    out, _ = process.communicate("\n")
    return process.returncode, out


def test_two_kernels_on_one_lesson_leave_each_others_backup_alone(cache, capsys, never_stopped):
    def beside_it():
        first = backups(cache)
        assert len(first) == 2
        is_as_if_nothing_had_happened(train(), never_stopped)  # not the other's third epoch
        training.forget()
        assert backups(cache) == first

    assert in_a_second_kernel(beside_it) == (0, "end\n")
    assert capsys.readouterr().out == "Removed 0 backups of trainings that were stopped.\n"
    assert backups(cache) == []


def test_a_second_kernels_backup_is_found_when_the_first_has_ended(cache, capsys, never_stopped):
    def beside_it():
        with pytest.raises(Killed):
            train(Stop(2, raise_killed))

    assert in_a_second_kernel(beside_it)[0] == 0
    (left,) = (cache / "backup").glob("*.npz")
    assert left.stem.endswith("-2")
    is_as_if_nothing_had_happened(train(), never_stopped)
    assert "Going on after epoch 2" in capsys.readouterr().out and backups(cache) == []


class Nested(Denoiser):
    """As people write it: the optimiser is private, in a list in a dict, or a model's inside."""

    def __init__(self, where):
        super().__init__()
        self.where, self._own = where, {"all": [keras.optimizers.Adam(0.01)]}

    def compile(self):
        super().compile()
        if self.where == "a model inside":
            self.inner.compile(self._own["all"][0])
            self._own = None

    def train_step(self, x):
        optimizer = self.inner.optimizer if self.where == "a model inside" else self._own["all"][0]
        with tf.GradientTape() as tape:
            loss = keras.ops.mean((self(x, training=True) - x) ** 2)
        optimizer.apply(tape.gradient(loss, self.inner.trainable_variables))
        return {"off": loss}


@pytest.mark.parametrize("where", ["private", "a model inside"])
def test_an_optimiser_is_kept_wherever_it_is(where):
    def run(*callbacks):
        runtime.setup(0)
        model = Nested(where)
        x = np.random.default_rng(0).random((40, 3), "float32")
        model(x[:1])
        optimizer = model._own["all"][0]
        model.compile()
        optimizer.build(model.inner.trainable_variables)
        resume = Resume("nested", model, Batches(x, 8, 7))
        fit(model, resume, EPOCHS, *callbacks)
        return [np.asarray(v) for v in (*model.inner.weights, *optimizer.variables)]

    whole = run()
    with pytest.raises(Killed):
        run(Stop(2, raise_killed))
    for found, expected in zip(run(), whole, strict=True):
        np.testing.assert_array_equal(found, expected)


ELSEWHERE = keras.optimizers.SGD(0.1, momentum=0.9)


class Outside(Denoiser):
    def train_step(self, x):
        logs = super().train_step(x)
        return logs | {"rate": ELSEWHERE.learning_rate}


class Unreadable:
    def __getattr__(self, name):
        raise RuntimeError("not now")

    def __reduce_ex__(self, protocol):
        raise RuntimeError("not now")


def test_what_cannot_be_kept_or_read_costs_the_backup_alone(cache, capsys, monkeypatch, never_stopped):
    train(kind=Outside)
    assert "an optimiser, sgd, lies outside the model; make it one of" in capsys.readouterr().out
    is_as_if_nothing_had_happened(train(look=Unreadable()), never_stopped)
    deep = []
    for _ in range(2000):
        deep = [deep]
    is_as_if_nothing_had_happened(train(look=deep), never_stopped)
    assert capsys.readouterr().out.startswith("No backup can be kept here (maximum recursion")
    monkeypatch.setattr(runtime, "cache_dir", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    is_as_if_nothing_had_happened(train(), never_stopped)
    assert capsys.readouterr().out.startswith("No backup can be kept here (no home)")


def test_an_optimiser_that_scales_its_loss_is_resumed(capsys):
    def run(*callbacks):
        runtime.setup(0)
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
        model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.1)), "mse")
        x = np.random.default_rng(0).random((40, 3), "float32")
        resume = Resume("scaled", model, Batches((x, x), 8, 7))
        fit(model, resume, EPOCHS, *callbacks)
        return model.get_weights()

    whole = run()
    with pytest.raises(Killed):
        run(Stop(2, raise_killed))
    for found, expected in zip(run(), whole, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert "Going on after epoch 2" in capsys.readouterr().out


def test_forgetting_makes_the_next_run_begin_anew(cache, capsys, never_stopped):
    for options in ({}, {"beta": 2.0}):
        with pytest.raises(Killed):
            train(Stop(2, raise_killed), **options)
    (cache / "backup" / ".7-lesson.npz").touch()  # half written by another run
    training.forget()
    assert capsys.readouterr().out == "Removed 2 backups of trainings that were stopped.\n"
    assert backups(cache) == [".7-lesson.npz"]
    is_as_if_nothing_had_happened(train(), never_stopped)
    assert capsys.readouterr().out == ""
    training.forget()


def test_other_settings_have_a_backup_of_their_own_and_are_not_resumed(cache, capsys):
    for options in ({}, dict(beta=2.0), dict(batch_size=10), dict(beta=np.float32(1))):
        with pytest.raises(Killed):
            train(Stop(1, raise_killed), **options)
    assert len(backups(cache)) == 8  # each with its lock
    train(beta=1.5)
    assert capsys.readouterr().out == ""


class Corrected(Denoiser):
    """As somebody runs it who has found a mistake after an interruption: other noise in its loss."""

    def call(self, x, training=False):
        return 0.5 * self.inner(x, training=training)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"data_seed": 1}, id="other_data"),
        pytest.param({"kind": Corrected}, id="other_code"),
        pytest.param({"epochs": EPOCHS + 1}, id="other_number_of_epochs_has"),
    ],
)
def test_only_the_same_training_goes_on(capsys, changed):
    whole = train(**changed)
    with pytest.raises(Killed):
        train(Stop(2, raise_killed))
    fresh = train(**changed)
    assert capsys.readouterr().out == ""
    for found, expected in zip(fresh[0], whole[0], strict=True):
        np.testing.assert_array_equal(found, expected)
    train()
    assert "Going on after epoch 2" in capsys.readouterr().out


def test_a_cell_that_was_interrupted_goes_on_in_the_same_kernel(cache, capsys, never_stopped):
    """The first run's objects are still there, with its lock; only the training's cell runs again."""
    kept = []

    def interrupt():
        raise KeyboardInterrupt

    class Keep(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            kept[:] = [self.model]

    with pytest.raises(KeyboardInterrupt) as raised:
        train(Keep(), Stop(2, interrupt, 3))
    frames = raised.traceback  # as Jupyter keeps them, and with them the first `Resume`
    model = kept[0]
    model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9))  # as the cell does
    x = np.random.default_rng(0).random((40, 3), "float32")
    resume = Resume("lesson", model, Batches(x, 8, 7))
    fit(model, resume, EPOCHS)
    assert frames and "Going on after epoch 2" in capsys.readouterr().out
    weights = [*model.get_weights(), *(np.asarray(v) for v in model.optimizer.variables)]
    is_as_if_nothing_had_happened((weights, resume.history), never_stopped)
    assert backups(cache) == []


def test_what_only_some_epochs_have_measured_is_nan_in_the_others():
    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            if epoch != 2:
                logs["seen"] = epoch

    runtime.setup(0)
    _, history, _ = train_watched(Watch())
    np.testing.assert_array_equal(history["seen"], [0, 1, np.nan, 3])

    class Late(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            if epoch == 3:
                logs["late"] = 1

    _, history, _ = train_watched(Late())
    np.testing.assert_array_equal(history["late"], [np.nan, np.nan, np.nan, 1])


def train_watched(watch):
    """As `train`, with a callback before `Resume`, as lessons have it."""
    runtime.setup(0)
    model = Denoiser()
    model.compile("sgd")
    model(np.zeros((1, 3)))
    resume = Resume("watched", model, Batches(np.zeros((8, 3), "float32"), 4, 2))
    first = resume.start(EPOCHS)
    callbacks = [watch, resume]
    model.fit(resume.batches.dataset, epochs=EPOCHS, initial_epoch=first, callbacks=callbacks, verbose=0)
    return model, resume.history, resume


def test_each_epoch_has_its_own_order_of_batches():
    seen = []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(int(resume.batches.epoch))

    resume = train(epochs=1)[2]
    fit(resume.learner, resume, 3, Look())
    assert seen == [0, 1, 2]
    resume.on_epoch_begin(5000)  # however long the training


def test_a_resumed_model_can_be_trained_once_more():
    with pytest.raises(Killed):
        train(Stop(2, raise_killed))
    weights, _, resume = train()
    fit(resume.learner, resume, 1)
    assert len(resume.history["off"]) == 1
    assert not np.array_equal(resume.model.get_weights()[0], weights[0])


SEE = "Pictures that change while the network learns."


@pytest.fixture
def shown(monkeypatch):
    """The PNG files that were shown, and whether each took the place of the one before."""
    outputs = []

    def show_png(png, see, handle):
        assert see == SEE
        outputs.append((png, handle))
        return "the handle"

    monkeypatch.setattr(training.plots, "show_png", show_png)
    return outputs


def test_snapshots_keep_the_asked_epochs(shown):
    drawn = []

    def draw():
        drawn.append(len(drawn))
        return np.full((2, 3, 3, 1), len(drawn) / 10)

    snapshots = Snapshots(draw, [0, 2, 4, 9], SEE)
    train(snapshots)
    assert list(snapshots.kept) == [0, 2, 4]
    assert [x[0, 0, 0, 0] for x in snapshots.kept.values()] == [0.1, 0.2, 0.3]
    assert len({png for png, _ in shown}) == 3
    assert all(png.startswith(b"\x89PNG") for png, _ in shown)
    assert [handle for _, handle in shown] == [None, "the handle", "the handle"]


def test_a_resumed_run_shows_no_trained_model_as_untrained(shown):
    with pytest.raises(Killed):
        train(Stop(2, raise_killed))
    snapshots = Snapshots(lambda: np.zeros((2, 3, 3, 1)), [0, 2, 3], SEE)
    train(snapshots)
    assert list(snapshots.kept) == [2, 3]


def test_the_progress_bar_is_one_line_on_standard_output(capfd):
    train(progress_bar())
    out, err = capfd.readouterr()
    assert err == ""
    last = out.rstrip("\n").split("\r")[-1]
    assert "100%" in last and f"{EPOCHS}/{EPOCHS}" in last and "off=" in last
    assert out.count("\n") <= 1


@pytest.mark.parametrize("seconds", [0, 2])
def test_a_loop_of_more_than_a_second_shows_the_same_bar(capfd, seconds):
    with progress(10, "pairs", start=4) as bar:
        bar.start_t -= seconds
        bar.last_print_t -= seconds
        bar.update(3)
        bar.update(3)
    out, err = capfd.readouterr()
    assert err == "" and (seconds > 0) == ("10/10 pairs" in out) == bool(out)


def test_the_commonest_words_are_as_many_as_asked_for():
    words = ["b", "aaa", "aaa", "é", "é", "é", "c"]
    assert list(commonest(words).items()) == [("é".encode(), 3), (b"aaa", 2), (b"b", 1), (b"c", 1)]
    assert list(commonest(words, 5)) == ["é".encode(), b"aaa"]
    assert list(commonest(words, 3)) == ["é".encode(), b"aaa"]  # the word that reaches it, too
    assert list(commonest(words, 2)) == ["é".encode()] and commonest([]) == {}


@given(st.lists(st.integers(0, 3), min_size=5, max_size=60), st.integers(1, 4))
def test_windows_begin_where_a_paragraph_ends_or_a_long_one_was_cut(codes, length):
    codes = np.array(codes)
    windows = paragraph_windows(codes, 0, length)
    wanted, since = [], 0
    for place, code in enumerate(codes):
        since = 0 if place == 0 or code == 0 else since + 1
        if since % length == 0 and place + length < len(codes):
            wanted.append(codes[place : place + length + 1])
    np.testing.assert_array_equal(windows, wanted)


def test_a_text_too_short_for_a_window_is_refused():
    with pytest.raises(ValueError, match="The text has 4 numbers, expected more than 4 for one window"):
        paragraph_windows(np.arange(4), 0, 4)
