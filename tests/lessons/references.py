"""What the proofs hold the lessons to: normals, and averages by quadrature instead of by a formula."""

import re
import traceback
from pathlib import Path

import numpy as np
import yaml
from hypothesis import strategies as st

import contentgen

WRONG_FORMS = yaml.safe_load(Path(__file__).with_name("wrong_forms.yaml").read_text(encoding="utf-8"))

HERE, PACKAGE = (str(Path(file).parent) for file in (__file__, contentgen.__file__))
numbers = st.floats(-3, 3)
variances = st.floats(0.05, 4)
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / WEIGHTS.sum()  # averages over a standard normal


def failed_in_a_test(error):
    """Whether an assertion of a test failed, and not one of a lesson (`06_x: cell`) or of the package."""
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    ours = [file for file in files if file.startswith((HERE, PACKAGE)) or re.match(r"\d\d_\w+: ", file)]
    return ours[-1].startswith(HERE)


def log_normal(x, mean, var):
    return -0.5 * (np.log(2 * np.pi * var) + (x - mean) ** 2 / var)


def kl_normals(mean, var, mean_p, var_p):
    z = mean + np.sqrt(var) * NODES
    return WEIGHTS @ (log_normal(z, mean, var) - log_normal(z, mean_p, var_p))


def elbo(x, mean, var, kl_weight=1.0):
    """The toy's ELBO: z ~ N(0, 1), x|z ~ N(z, 1), q = N(mean, var)."""
    z = mean + np.sqrt(var) * NODES
    return WEIGHTS @ log_normal(x, z, 1) - kl_weight * kl_normals(mean, var, 0, 1)


NUMBER = r"-?(?:\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]\d+)?|inf)(?![\w.])"


def values_of(text):
    """The numbers of a printed text, in order."""
    return [float(found.replace(",", "")) for found in re.findall(NUMBER, text)]


def after(text, label):
    """The number that a printed text has after this label, which stands there once."""
    (found,) = re.findall(rf"{re.escape(label)} *({NUMBER})", text)
    return float(found.replace(",", ""))


def table(text):
    """A printed table, one dict a row: heading → the number or the text below it.

    Two spaces or more stand between columns; a first column may have no heading, which is `""` then.
    """
    head, *lines = [re.split(r" {2,}", line.strip()) for line in text.splitlines() if line]
    names = head if len(head) == max(map(len, lines)) else ["", *head]
    shown = ([float(cell) if re.fullmatch(NUMBER, cell) else cell for cell in cells] for cells in lines)
    return [dict(zip(names, cells, strict=False)) for cells in shown]  # the last cells may be empty


def gradients(tf, draw, mu, log_var):
    """Slopes of the average of draw(mu, log_var, eps)², by mu and by log_var; 0 where none flows."""
    mu, log_var = (tf.Variable(np.full(len(NODES), value)) for value in (mu, log_var))
    with tf.GradientTape() as tape:
        mean_square = tf.reduce_sum(WEIGHTS * draw(mu, log_var, NODES) ** 2)
    found = tape.gradient(mean_square, [mu, log_var])
    return [0.0 if gradient is None else float(np.sum(gradient)) for gradient in found]


def softmax(logits):
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def values(network):
    """All weights of a network, (W,)."""
    return np.concatenate([np.ravel(weights) for weights in network.get_weights()])


def slopes(loss, weights):
    """The slope of loss(weights) by each weight, by differences, in the shape of the weights."""
    nudges = 1e-4 * np.eye(weights.size).reshape(-1, *weights.shape)
    found = [(loss(weights + h) - loss(weights - h)) / 2e-4 for h in nudges]
    return np.reshape(found, weights.shape)


def noise_of(lesson, draws):
    """The noise (3, 1) that a network with the seed 5 draws, so many times."""
    seeds = lesson["keras"].random.SeedGenerator(5)
    return [np.asarray(lesson["keras"].random.normal((3, 1), seed=seeds)) for _ in range(draws)]
