"""Taught in notebooks/06_vae_images.ipynb. `make save` writes this file; change the lesson."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


def log_normal(x, mean, var):
    return -0.5 * (np.log(2 * np.pi * var) + (x - mean) ** 2 / var)


def log_bernoulli(x, logits):
    """Equation (6.2): log p(x|z) of each picture, (B,)."""
    return -ops.sum(ops.binary_crossentropy(x, logits, from_logits=True), axis=(1, 2, 3))


def kl_normals(mean, var, mean_p, var_p):
    return 0.5 * (np.log(var_p / var) + (var + (mean - mean_p) ** 2) / var_p - 1)


def kl_per_axis(mu, log_var):
    """Equation (6.5) before the sum: nats for each picture and axis, (B, L)."""
    return 0.5 * (ops.square(mu) + ops.exp(log_var) - 1 - log_var)


def sample_z(mu, log_var, eps):
    """Codes (B, L) that let the gradient through to mu and log_var."""
    return mu + ops.exp(0.5 * log_var) * eps


def make_encoder(picture_shape, latent_dim):
    """Pictures (B, H, W, C) → mu and log_var, each (B, L)."""
    x = keras.Input(picture_shape, name="x")
    h = layers.Dropout(0.2)(layers.Flatten()(x))  # (B, H·W·C)
    h = layers.Dense(512, activation="gelu")(h)
    h = layers.Dense(256, activation="gelu")(h)
    mu = layers.Dense(latent_dim, name="mu")(h)
    log_var = layers.Dense(latent_dim, name="log_var")(h)
    return keras.Model(x, [mu, log_var], name="encoder")


def make_decoder(latent_dim, picture_shape):
    """Codes (B, L) → logits (B, H, W, C)."""
    z = keras.Input((latent_dim,), name="z")
    h = layers.Dense(256, activation="gelu")(z)
    h = layers.Dense(512, activation="gelu")(h)
    logits = layers.Dense(int(np.prod(picture_shape)), name="logits")(h)
    logits = layers.Reshape(picture_shape)(logits)  # (B, H, W, C)
    return keras.Model(z, logits, name="decoder")


class VAE(keras.Model):
    """An encoder and a decoder, trained to maximise the ELBO."""

    def __init__(self, encoder, decoder, beta=1.0, warm_up=1, seed=0):
        super().__init__()
        self.encoder, self.decoder, self.beta, self.warm_up = encoder, decoder, beta, warm_up
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.averages = {name: keras.metrics.Mean(name) for name in ("elbo", "log_px_z", "kl")}
        self.built = True  # both networks have their weights already

    def elbo_terms(self, x, training=False):
        mu, log_var = self.encoder(x, training=training)
        eps = keras.random.normal(ops.shape(mu), seed=self.seed_generator)
        logits = self.decoder(sample_z(mu, log_var, eps), training=training)
        return log_bernoulli(x, logits), ops.sum(kl_per_axis(mu, log_var), axis=1)

    def train_step(self, x):
        done = ops.cast(self.optimizer.iterations + 1, "float32")
        beta = self.beta * ops.minimum(done / self.warm_up, 1.0)
        with tf.GradientTape() as tape:
            log_px_z, kl = self.elbo_terms(x, training=True)
            loss = ops.mean(-log_px_z + beta * kl)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return self.report(log_px_z, kl)

    def test_step(self, x):
        return self.report(*self.elbo_terms(x))

    def report(self, log_px_z, kl):
        for name, values in {"elbo": log_px_z - kl, "log_px_z": log_px_z, "kl": kl}.items():
            self.averages[name].update_state(values)
        return {name: average.result() for name, average in self.averages.items()}
