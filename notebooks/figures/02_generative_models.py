"""Draw 02_generative_models.png: a mixture found by EM, a climb up the ELBO, and mean-field.

Run it with `make figure N=02`; it uses the lesson's own functions.
"""

from pathlib import Path

from lesson_code import Lesson

lesson = Lesson("02_generative_models")
np, plt, plots = lesson["np"], lesson["plt"], lesson["plots"]
lesson["runtime"].setup(0)

truth = {"weights": np.array([0.6, 0.4]), "mu": np.array([20.0, 42]), "var": np.array([36.0, 81])}
x = lesson["draw_mixture"](500, **truth, rng=np.random.default_rng(0))[1]
start = {"weights": np.full(2, 0.5), "mu": np.array([30.0, 35]), "var": np.full(2, 100.0)}
theta = lesson["run_em"](x, start, 60)
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10, 2.9))

line, shares = np.linspace(0, 75, 300), lesson["responsibilities"](x, **theta).T / (500 * 2.5)
parts = np.exp(lesson["log_parts"](line, **theta))
bins, colours = np.arange(0, 76, 2.5), ["C0", "C1"]
left.hist([x] * 2, bins=bins, weights=list(shares), stacked=True, color=colours, alpha=0.4)
left.plot(line, parts[:, 0], "C0", line, parts[:, 1], "C1", lw=2.5)
left.set(title="hidden groups, found by EM")

elbo = lesson["elbo_toy"]
m, log_s = np.meshgrid(np.linspace(-0.6, 2.6, 120), np.linspace(-1.6, 0.7, 120))
levels = elbo(4 / 3, 0.5 * np.log(1 / 3)) - np.array([8, 5, 3, 2, 1.2, 0.6, 0.3, 0.1, 0.02, 0])
walk = [np.zeros(2)]
for _ in range(80):
    walk.append(walk[-1] + 0.1 * lesson["elbo_slope"](*walk[-1]))
middle.contourf(m, log_s, elbo(m, log_s), levels, cmap="viridis", extend="min")
middle.plot(*np.array(walk).T, "w.-", lw=1)
middle.plot(4 / 3, 0.5 * np.log(1 / 3), "k*", ms=14)
middle.set(title="a climb up the ELBO")

W, circle = np.array([[1.0, 0.8], [0.6, 1.0]]), np.linspace(0, 2 * np.pi, 100)
_, mean, S = lesson["linear_gaussian"](np.array([1.5, 1.2]), W, 0.25)
circle = 2 * np.stack([np.cos(circle), np.sin(circle)])
cloud = np.random.default_rng(0).standard_normal((1200, 2)) @ np.linalg.cholesky(S).T + mean
right.plot(*cloud.T, ".", color="0.75", ms=3)
right.plot(*(mean[:, None] + np.linalg.cholesky(S) @ circle), "k", lw=2)
right.plot(*(mean[:, None] + np.sqrt(lesson["mean_field"](S))[:, None] * circle), "C3", lw=2.5)
right.set(title="mean-field is too sure", aspect="equal")

for axes in (left, middle, right):
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
Path(__file__).with_suffix(".png").write_bytes(plots.figure_png(figure))
