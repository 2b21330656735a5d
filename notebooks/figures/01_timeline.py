"""Draw 01_timeline.png: fifteen dates of content generation. Their sources stand in lesson 01.

Run it with `make figure N=01`.
"""

from pathlib import Path

import matplotlib.pyplot as plt

from contentgen import plots

COLOURS = {"counting": "tab:orange", "rules": "tab:blue", "networks": "tab:red"}
EVENTS = [
    (1913, "counting", "Markov counts letters in Eugene Onegin"),
    (1948, "counting", "Shannon writes text from counted words"),
    (1953, "rules", "Strachey's computer writes love letters"),
    (1957, "rules", "Illiac Suite, a computed string quartet"),
    (1966, "rules", "ELIZA, a program that converses"),
    (1992, "rules", "FoG writes Canada's marine forecasts"),
    (2003, "networks", "a network predicts the next word"),
    (2013, "networks", "variational autoencoder (VAE)"),
    (2014, "networks", "generative adversarial network (GAN)"),
    (2015, "networks", "DCGAN: GANs with convolutions"),
    (2016, "networks", "PixelRNN and WaveNet: step by step"),
    (2016, "networks", "a GAN makes short films"),
    (2017, "networks", "the transformer"),
    (2020, "networks", "denoising diffusion"),
    (2022, "networks", "video diffusion"),
]

figure, axes = plt.subplots(figsize=(9, 4.9), dpi=100, layout="constrained")
for way, colour in COLOURS.items():
    rows = [(year, i) for i, (year, kind, _) in enumerate(EVENTS) if kind == way]
    axes.scatter(*zip(*rows, strict=True), s=80, color=colour, label=way)
for i, (year, kind, what) in enumerate(EVENTS):
    side, gap = ("right", -2) if year > 1970 else ("left", 2)
    text = f"{what}  {year}" if side == "right" else f"{year}  {what}"
    axes.text(year + gap, i, text, ha=side, va="center", fontsize=11, color=COLOURS[kind])
axes.grid(axis="x", color="0.9")
axes.set_axisbelow(True)
axes.set(yticks=[], xlim=(1908, 2027), ylim=(len(EVENTS) - 0.4, -0.8))
axes.spines[["left", "right", "top"]].set_visible(False)
axes.legend(frameon=False, loc="lower left", fontsize=12)

Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
