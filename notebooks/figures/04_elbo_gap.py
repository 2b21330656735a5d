"""Draw 04_elbo_gap.png: three clouds of codes near the toy's posterior, and the gap of each as an area.

Run it with `make figure N=04`.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from contentgen import plots


def normal(z, mean, var):
    return np.exp(-((z - mean) ** 2) / (2 * var)) / np.sqrt(2 * np.pi * var)


plt.rcParams.update({"font.size": 12, "axes.spines.top": False, "axes.spines.right": False})
z = np.linspace(-4, 4, 500)
p = normal(z, 0.75, 0.5)
figure, rows = plt.subplots(2, 3, figsize=(9, 4.2), sharex=True, sharey="row", layout="constrained")
for (above, below), (mean, var) in zip(
    rows.T, [(-0.2, 1.2), (0.35, 0.8), (0.75, 0.5)], strict=True
):
    q = normal(z, mean, var)
    gap = 0.5 * (np.log(0.5 / var) + (var + (mean - 0.75) ** 2) / 0.5 - 1)
    above.fill_between(z, p, color="0.82")
    above.plot(z, p, color="0.5")
    above.plot(z, q, color="C0", lw=2.5)
    below.fill_between(z, q * np.log(q / p) - q + p, color="C3")
    below.text(4, 0.6, f"gap {gap:.2f} nats", color="C3", ha="right")
    for axes in (above, below):
        axes.set(yticks=[])
        axes.spines["left"].set_visible(False)
    below.set(xlabel="code z", ylim=(0, 0.75))
rows[0, 0].text(-4.2, 0.42, "encoder's\ncloud q(z|x)", color="C0")
rows[0, 0].text(4.2, 0.42, "posterior\np(z|x)", color="0.4", ha="right")
rows[1, 2].text(4, 0.45, "the bound is exact", color="0.3", ha="right")
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
