"""Taught in notebooks/07_gan_images.ipynb. `make save` writes this file; change the lesson."""

import keras
import tensorflow as tf
from keras import layers, ops


def discriminator_loss(real_logits, fake_logits):
    """Equation (5.7): real is 1, fake is 0."""
    return ops.mean(ops.softplus(-real_logits)) + ops.mean(ops.softplus(fake_logits))


def generator_loss(fake_logits):
    """Equation (5.9), the non-saturating form."""
    return ops.mean(ops.softplus(-fake_logits))


def make_generator(latent_dim, width):
    """Noise (B, L) → pictures (B, 28, 28, 1) in [0, 1]."""

    def bend(h):
        return layers.ReLU()(layers.LayerNormalization()(h))

    z = keras.Input((latent_dim,), name="z")
    h = bend(layers.Dense(4 * width)(z))
    h = layers.Reshape((7, 7, width))(layers.Dense(7 * 7 * width)(h))  # (B, 7, 7, width)
    h = bend(layers.Conv2D(width, 3, padding="same")(bend(h)))
    h = bend(layers.Conv2DTranspose(16, 4, strides=2, padding="same")(h))  # (B, 14, 14, 16)
    x = layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="sigmoid")(h)
    return keras.Model(z, x, name="generator")  # (B, 28, 28, 1)


def r1_penalty(discriminator, real):
    """Equation (7.3)."""
    with tf.GradientTape() as tape:
        tape.watch(real)
        logits = discriminator(real)
    slope = tape.gradient(logits, real)  # (B, H, W, C)
    return ops.mean(ops.sum(slope**2, axis=(1, 2, 3))) / 2


class GAN(keras.Model):
    """A generator and a discriminator that take turns, and the generator's moving average."""

    def __init__(self, generator, discriminator, gamma=0.1, memory=0.995, seed=0):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.averaged = keras.models.clone_model(generator)
        self.averaged.set_weights(generator.get_weights())
        self.gamma, self.memory = gamma, memory
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.built = True  # all networks have their weights already

    def compile(self, d_optimizer, g_optimizer):
        super().compile()
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer
        d_optimizer.build(self.discriminator.trainable_variables)
        g_optimizer.build(self.generator.trainable_variables)

    def draw(self, n):
        z = keras.random.normal((n, self.generator.input_shape[1]), seed=self.seed_generator)
        return self.generator(z, training=True)

    def score(self, x):
        return self.discriminator(x, training=True)

    def step_of_d(self, real, fake):
        weights = self.discriminator.trainable_variables
        due = self.d_optimizer.iterations % 16 == 0
        with tf.GradientTape() as tape:
            d_loss = discriminator_loss(self.score(real), self.score(fake))
            penalty = ops.cond(due, lambda: r1_penalty(self.score, real), lambda: 0.0)
            loss = d_loss + 16 * self.gamma * penalty
        self.d_optimizer.apply(tape.gradient(loss, weights), weights)
        return d_loss

    def train_step(self, real):
        weights = self.generator.trainable_variables
        with tf.GradientTape() as tape:
            fake = self.draw(ops.shape(real)[0])
            with tape.stop_recording():
                d_loss = self.step_of_d(real, fake)
            g_loss = generator_loss(self.score(fake))
        self.g_optimizer.apply(tape.gradient(g_loss, weights), weights)
        for average, now in zip(self.averaged.weights, self.generator.weights, strict=True):
            average.assign(self.memory * average + (1 - self.memory) * now)
        return {"d_loss": d_loss, "g_loss": g_loss}
