"""Draw 04_elbo_gap.png: how log p(x), its bound and the gap between them move while the toy trains.

The gradients are those of the exact bound, so that nothing here is random. Run it with `make figure N=04`.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from contentgen import plots

X = 1.5
mu, log_var, a = 0.0, 0.0, 0.5
path = []
for _ in range(400):
    var = np.exp(log_var)
    reconstruction = -0.5 * (np.log(2 * np.pi) + (X - a * mu) ** 2 + a**2 * var)
    bound = reconstruction - 0.5 * (mu**2 + var - 1 - log_var)
    log_px = -0.5 * (np.log(2 * np.pi * (1 + a**2)) + X**2 / (1 + a**2))
    path.append((log_px, bound))
    slopes = a * (X - a * mu) - mu, -0.5 * (a**2 * var + var - 1), X * mu - a * (mu**2 + var)
    mu, log_var, a = np.add((mu, log_var, a), 0.05 * np.array(slopes))

log_px, bound = np.transpose(path)
steps = range(1, len(path) + 1)
plt.rcParams.update({"font.size": 12, "axes.spines.top": False, "axes.spines.right": False})
figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
axes.fill_between(steps, bound, log_px, color="C3", alpha=0.35)
axes.plot(steps, log_px, "k", lw=2.5)
axes.plot(steps, bound, "C0", lw=2.5)
axes.text(1.05, -1.91, "log p(x)")
axes.text(2.5, -2.145, "the bound, pushed up", color="C0")
axes.text(1.6, -2.02, "gap", color="C3")
axes.set(xscale="log", xlabel="training step", ylabel="nats")
axes.set_xticks([1, 3, 10, 30, 100, 300], ["1", "3", "10", "30", "100", "300"])
axes.minorticks_off()
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
