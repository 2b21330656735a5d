"""Taught in notebooks/10_text_lstm.ipynb. `make save` writes this file; change the lesson."""

from contentgen import runtime
import json
import keras
import numpy as np
import tensorflow as tf
from contentgen import training


def load_writer(name):
    """A shipped network, and the characters that it knows."""
    file = runtime.shipped(f"pretrained/{name}.keras")
    return keras.models.load_model(file), json.loads(file.with_suffix(".json").read_text("utf-8"))


@tf.function(reduce_retracing=True)
def read_on(network, codes, states):
    """Read characters (B, T) from where the states are; logits (B, T, V) and the new states."""
    logits, *states = network([codes, *states])
    return logits, states


def empty_states(network, batch=1):
    return [tf.zeros((batch, state.shape[-1])) for state in network.inputs[1:]]


def to_codes(text, vocabulary):
    """Text → numbers (N,); 0 is any character that is not in the vocabulary."""
    number = {character: i for i, character in enumerate(vocabulary)}
    return np.array([number.get(character, 0) for character in text], "int32")


def to_text(codes, vocabulary):
    return "".join(vocabulary[code] for code in codes)


def fit_ten_epochs(model, batches, name):
    """Train from where it was stopped; returns name → one value an epoch."""
    resume = training.Resume(name, model, batches)
    epochs = dict(epochs=10, initial_epoch=resume.start(10))
    callbacks = [resume, training.progress_bar()]
    model.fit(batches.dataset, callbacks=callbacks, verbose=0, **epochs)
    return resume.history
