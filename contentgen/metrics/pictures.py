"""Measure generated pictures: a judge that looks at them, and distances between sets of pictures.

None of these is called FID: that name belongs to a distance on the features of the Inception network.
Here the features are those of a small judge, so numbers compare within this course only.
"""

from functools import lru_cache

from contentgen import runtime  # first: it loads TensorFlow without its start-up noise

# isort: split
import keras
import numpy as np
from sklearn.neighbors import NearestNeighbors

from contentgen import data as datasets
from contentgen.checks import NotAllowed
from contentgen.data import Pictures, check_pictures
from contentgen.files import whole_file

JUDGE_VERSION = 1  # part of the cached file's name: raise it when the judge's recipe changes
JUDGE_TRAINING = 8000  # pictures at most
JUDGE_STEPS = 800
JUDGE_BATCH = 64
JUDGE_SIZE = 32  # pixels at most: larger pictures are looked at from further away


class Judge:
    """A small classifier that looks at pictures. `judge(name)` makes one.

    Attributes:
        class_names: the classes it knows.
        accuracy: share of the data set's test pictures that it names rightly, 0 to 1.
    """

    def __init__(self, network: keras.Model, dataset: Pictures):
        self.class_names = dataset.class_names
        self._network = network
        self.accuracy = float((self.probabilities(dataset.x_test).argmax(1) == dataset.y_test).mean())

    def _look(self, x):
        check_pictures(x)
        expected = self._network.input_shape[1:]
        if x.shape[1:] != expected:
            raise ValueError(f"x has shape {x.shape}, expected pictures of {expected} as the judge learnt.")
        parts = [self._network(x[i : i + 500], training=False) for i in range(0, len(x), 500)]
        return [np.concatenate([np.asarray(part[k]) for part in parts]) for k in range(2)]

    def features(self, x: np.ndarray) -> np.ndarray:
        """What the judge sees in pictures (N, H, W, C): its last hidden layer, float32 (N, 64)."""
        return self._look(x)[0]

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """How sure the judge is of each class, for pictures (N, H, W, C): (N, K), rows sum to 1."""
        logits = self._look(x)[1].astype("float64")
        odds = np.exp(logits - logits.max(1, keepdims=True))
        return odds / odds.sum(1, keepdims=True)


def judge(dataset: str | Pictures) -> Judge:
    """The judge of a data set: trained on it the first time, then kept in the user's cache folder.

    Training takes a fixed number of steps from fixed seeds of its own, so that it gives the same judge
    on every run, and leaves the lesson's random numbers as they are.

    Args:
        dataset: a name that `data.load` knows, or pictures that it loaded.

    Raises:
        NotAllowed: (a ValueError) if the data set has fewer than two classes.
    """
    if isinstance(dataset, str):
        return _judge_by_name(dataset)
    return _load_or_train(dataset)


@lru_cache(maxsize=4)
def _judge_by_name(name):
    return _load_or_train(datasets.load(name))


def _load_or_train(dataset):
    if len(dataset.class_names) < 2:
        raise NotAllowed(
            f"{dataset.name} has only one class, and a judge needs two or more; "
            "sort the pictures into one subfolder a class."
        )
    path = runtime.cache_dir() / "judges" / f"{_fingerprint(dataset)}.keras"
    try:
        network = keras.models.load_model(path, compile=False)
    except Exception:  # not there yet, or damaged: Keras raises many kinds; it can be made again
        network = _train(dataset)
        with whole_file(path) as fresh:
            network.save(fresh)
    return Judge(network, dataset)


def _fingerprint(dataset):
    """Judges of different pictures are different files."""
    import hashlib

    what = f"judge {JUDGE_VERSION} {dataset.x_train.shape} {len(dataset.class_names)}"
    digest = hashlib.sha256(what.encode())
    digest.update(dataset.x_train.tobytes())
    digest.update(dataset.y_train.tobytes())
    return digest.hexdigest()[:16]


def _make_judge_network(shape, n_classes):
    """Pictures → features (N, 64) and logits (N, K), ready for training.

    Each layer has a name: Keras numbers those without one, and a lesson's own layers would be
    called otherwise after a training than after a look into the cache.
    """
    layers = keras.layers
    seeds = iter(range(1, 9))

    def seeded():
        return {"kernel_initializer": keras.initializers.GlorotUniform(seed=next(seeds))}

    def convolution(x, name, filters, width, strides=1):
        options = dict(padding="same", use_bias=False, name=name, **seeded())
        x = layers.Conv2D(filters, width, strides, **options)(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
        return layers.ReLU(name=f"{name}_relu")(x)

    def halved(x, name):
        return layers.MaxPooling2D(padding="same", name=name)(x)

    pictures = keras.Input(shape, name="pictures")
    away = -(-max(shape[:2]) // JUDGE_SIZE)
    x = layers.AveragePooling2D(away, padding="same", name="from_away")(pictures)
    x = convolution(x, "edges", 16, 5, strides=2)
    x = halved(convolution(x, "corners", 32, 3), "half")
    x = halved(convolution(x, "parts", 64, 3), "quarter")
    x = layers.Flatten(name="flat")(x)  # (B, 4·4·64) from 28 × 28 pixels
    x = layers.Dropout(0.2, seed=0, name="dropout")(x)
    features = layers.Dense(64, activation="relu", name="features", **seeded())(x)
    logits = layers.Dense(n_classes, name="logits", **seeded())(features)
    network = keras.Model(pictures, [features, logits], name="judge")
    crossentropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, JUDGE_STEPS)
    network.compile(optimizer=keras.optimizers.Adam(rate), loss=[None, crossentropy])
    return network


def _train(dataset):
    x, y = dataset.x_train[:JUDGE_TRAINING], dataset.y_train[:JUDGE_TRAINING]
    network = _make_judge_network(x.shape[1:], len(dataset.class_names))
    rng = np.random.default_rng(0)
    passes = -(-JUDGE_STEPS * JUDGE_BATCH // len(x))
    order = np.concatenate([rng.permutation(len(x)) for _ in range(passes)])[: JUDGE_STEPS * JUDGE_BATCH]
    # Not `fit`: its shuffling would use up the lesson's random numbers, and one long pass much memory.
    for i in range(0, len(order), JUDGE_BATCH):
        batch = order[i : i + JUDGE_BATCH]
        network.train_on_batch(_shifted(x[batch], rng), y[batch])
    return network


def _shifted(x, rng):
    """Pictures moved by a few pixels, up to a fourteenth of the side: the judge must not mind."""
    height, width = x.shape[1:3]
    reach = height // 14
    down, right = rng.integers(0, 2 * reach + 1, 2)
    margin = [(0, 0), (reach, reach), (reach, reach), (0, 0)]
    return np.pad(x, margin, "edge")[:, down : down + height, right : right + width]


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """The squared Fréchet distance between Gaussians fitted to two sets of features; 0 if they agree.

    |m_a − m_b|² + tr(C_a + C_b − 2 (C_a C_b)^½), with means m and covariances C
    (Dowson and Landau 1982; used for generated pictures by Heusel et al. 2017, section 2).

    Args:
        a, b: features, (N, F) and (M, F), with N and M at least 2. Small sets give too large a distance.

    Raises:
        ValueError: if the shapes do not fit, or a feature is not a finite number.
    """
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(len(a), len(b)) < 2:
        raise ValueError(f"a, b have shapes {a.shape} and {b.shape}, expected (N, F) and (M, F), N, M ≥ 2.")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("a or b holds NaN or infinity, expected finite numbers.")
    cov_a, cov_b = (np.cov(f.T).reshape(f.shape[1], -1) for f in (a, b))  # (F, F), even for F = 1
    values, vectors = np.linalg.eigh(cov_a)
    root_a = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    # C_a C_b and this symmetric matrix have the same eigenvalues, and a symmetric one has no complex ones.
    shared = np.linalg.eigvalsh(root_a @ cov_b @ root_a).clip(0)
    means = ((a.mean(0) - b.mean(0)) ** 2).sum()
    return float(max(0.0, means + np.trace(cov_a) + np.trace(cov_b) - 2 * np.sqrt(shared).sum()))


def split_distances(features: np.ndarray, n: int = 2000, splits: int = 20, seed: int = 0) -> np.ndarray:
    """Fréchet distances between two random halves of a set of features: what even real pictures score.

    Args:
        features: (N, F), of real pictures.
        n: rows in a half at most; fewer where N < 2 n.
        splits: how often the set is split.
        seed: for the splits, so that two lessons get the same unit.

    Returns:
        (splits,) distances, as from `frechet_distance`.
    """
    rng, half = np.random.default_rng(seed), min(n, len(features) // 2)
    halves = (rng.permutation(features)[: 2 * half] for _ in range(splits))
    return np.array([frechet_distance(both[:half], both[half:]) for both in halves])


def class_coverage(probabilities: np.ndarray) -> np.ndarray:
    """Share of the pictures that the judge puts into each class: (K,), sums to 1.

    Args:
        probabilities: (N, K), from `Judge.probabilities`.
    """
    probabilities = np.asarray(probabilities)
    if probabilities.ndim != 2 or 0 in probabilities.shape:
        raise ValueError(f"probabilities have shape {probabilities.shape}, expected (N, K) with N ≥ 1.")
    chosen = probabilities.argmax(1)
    return np.bincount(chosen, minlength=probabilities.shape[1]) / len(chosen)


def share(value: float, of: float) -> float:
    """A number as a share of another; NaN where that is 0, as it may be if all pictures are alike."""
    return float(value) / float(of) if of else float("nan")


def nearest_neighbour(x: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each picture the nearest one of a reference set: distances (N,) and indices (N,).

    Euclidean distance over all pixels. Distances near 0 from generated pictures to training pictures
    mean copies. Where `reference` is `x` itself, each picture's nearest *other* picture is found.

    Args:
        x: (N, H, W, C), floats in [0, 1].
        reference: (M, H, W, C) of the same H, W and C.
    """
    check_pictures(x)
    check_pictures(reference, "reference")
    if x.shape[1:] != reference.shape[1:]:
        raise ValueError(
            f"x has shape {x.shape}, expected pictures of {reference.shape[1:]} as in reference."
        )
    if reference is x and len(x) < 2:
        raise ValueError("x is one picture and reference is x itself, expected another picture.")
    flat_x, flat_reference = (p.reshape(len(p), -1) for p in (x, reference))  # (N, H·W·C)
    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(flat_reference)
    indices = search.kneighbors(None if reference is x else flat_x, return_distance=False)[:, 0]
    # The search works with rounded squares; measured afresh, the distance to a copy is exactly 0.
    return np.linalg.norm(flat_x - flat_reference[indices], axis=1), indices


def sharpness(x: np.ndarray) -> np.ndarray:
    """How sharp each picture is: variance of its Laplacian over the variance of its pixels, (N,).

    The Laplacian (four neighbours minus four times the pixel) answers to edges; its variance is a usual
    measure of focus (Pech-Pacheco et al. 2000). Dividing makes it the same for faint and strong
    ink: a picture and half that picture are equally sharp. No unit; 0 for an even picture, and less
    for a blurred copy than for the picture.

    Args:
        x: (N, H, W, C), floats in [0, 1], H and W at least 3.
    """
    check_pictures(x)
    if min(x.shape[1:3]) < 3:
        raise ValueError(f"x has pictures of {x.shape[1]} × {x.shape[2]} pixels, expected at least 3 × 3.")
    x = x.astype("float64")
    inner = x[:, 1:-1, 1:-1]
    neighbours = x[:, :-2, 1:-1] + x[:, 2:, 1:-1] + x[:, 1:-1, :-2] + x[:, 1:-1, 2:]
    laplacian = (neighbours - 4 * inner).var(axis=(1, 2, 3))
    spread = x.var(axis=(1, 2, 3))
    return np.divide(laplacian, spread, out=np.zeros_like(spread), where=spread > 1e-12)
