"""Every exercise: the blank is not attempted, wrong answers fail with a hint, the solution passes."""

import ast
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import rules
from lesson_code import NOTEBOOKS


def kl_of_halves(mu, log_var, mu_p, log_var_p):  # averages over the axes
    squares = np.exp(log_var) + (mu - mu_p) ** 2
    return 0.5 * np.mean(log_var_p - log_var + squares / np.exp(log_var_p) - 1, axis=1)


def underflows(log_w):
    return np.log(np.exp(log_w).mean(axis=1))


def softplus(logits):
    return np.logaddexp(0, logits)


def smooth(logits, label):
    return np.mean(label * softplus(-logits) + (1 - label) * softplus(logits))


def overflows(real, fake, label=0.9):
    d, d_fake = 1 / (1 + np.exp(-real)), 1 / (1 + np.exp(-fake))
    real_part = label * np.log(d) + (1 - label) * np.log(1 - d)
    return -real_part.mean() - np.log(1 - d_fake).mean()


def jsd(p, q):
    m = (p + q) / 2
    return 0.5 * sum(np.sum(a[a > 0] * np.log(a[a > 0] / m[a > 0])) for a in (p, q))


def game(theta, psi, eta, pull, pulled):
    d = 1 / (1 + np.exp(-psi * theta))
    return theta + eta * d * psi, psi - eta * d * theta + eta * pull * pulled


def game_in_turns(theta, psi, eta, gamma):  # theta answers the new psi
    psi = game(theta, psi, eta, -gamma, psi)[1]
    return game(theta, psi, eta, 0, psi)[0], psi


def article_d_loss(real_logits, fake_logits):  # lesson 90, row 3
    return np.logaddexp(0, -real_logits).mean() + np.logaddexp(0, -fake_logits).mean()


def d_loss_of_probabilities(real_logits, fake_logits):  # the sigmoid is rounded to 0 or 1
    d_real, d_fake = 1 / (1 + np.exp(-real_logits)), 1 / (1 + np.exp(-fake_logits))
    return -np.log(d_real).mean() - np.log(1 - d_fake).mean()


def mean_of_both(real_logits, fake_logits):  # one mean over real and fake halves the loss
    return np.logaddexp(0, np.concatenate([-real_logits, fake_logits])).mean()


def front_of_the_window(prompt, predict, steps, size):  # lesson 90, row 14
    window = prompt[-size:]
    for _ in range(steps):
        window = predict(window) + window[1:]
    return prompt + window


def window_only(prompt, predict, steps, size):
    window = prompt[-size:]
    for _ in range(steps):
        window = window[1:] + predict(window)
    return window


def whole_text_shown(prompt, predict, steps, size):
    for _ in range(steps):
        prompt += predict(prompt)
    return prompt


def only_the_new(prompt, predict, steps, size):
    text = prompt
    for _ in range(steps):
        text += predict(text[-size:])
    return text[len(prompt) :]


def gaussian_loss(x, x_hat, var_x, kl, join):
    return np.mean(join((x - x_hat) ** 2 / var_x + np.log(2 * np.pi * var_x), axis=1) / 2 + kl)


def loss_of_means(x, x_hat, var_x, mu, log_var, beta=1.0):  # means over the axes
    kl = 0.5 * np.mean(mu**2 + np.exp(log_var) - 1 - log_var, axis=1)
    return gaussian_loss(x, x_hat, var_x, beta * kl, np.mean)


def loss_with_half_kl(x, x_hat, var_x, mu, log_var, beta=1.0):  # the article's weight
    kl = 0.5 * np.sum(mu**2 + np.exp(log_var) - 1 - log_var, axis=1)
    return gaussian_loss(x, x_hat, var_x, 0.5 * beta * kl, np.sum)


def loss_without_beta(x, x_hat, var_x, mu, log_var, beta=1.0):
    kl = 0.5 * np.sum(mu**2 + np.exp(log_var) - 1 - log_var, axis=1)
    return gaussian_loss(x, x_hat, var_x, kl, np.sum)


def loss_with_beta_half_if_not_given(x, x_hat, var_x, mu, log_var, beta=0.5):
    kl = 0.5 * np.sum(mu**2 + np.exp(log_var) - 1 - log_var, axis=1)
    return gaussian_loss(x, x_hat, var_x, beta * kl, np.sum)


def loss_with_log_var_as_std(x, x_hat, var_x, mu, log_var, beta=1.0):
    kl = 0.5 * np.sum(mu**2 + log_var**2 - 1 - np.log(log_var**2 + 1e-9), axis=1)
    return gaussian_loss(x, x_hat, var_x, beta * kl, np.sum)


def step_of_d(weights_d, x, x_fake, rate, sees_real=1):  # lesson 03, right as it stands
    features, fakes = (np.stack([v**0, v, v**2], axis=1) for v in (x, x_fake))
    slopes = sees_real * features.T @ (1 / (1 + np.exp(-features @ weights_d)) - 1) / len(x)
    slopes = slopes + fakes.T @ (1 / (1 + np.exp(-fakes @ weights_d))) / len(x_fake)
    return weights_d - rate * slopes


# Answers that a learner might well give; each must be refused.
WRONG = {
    "0.1": [25, 16, 41, "400"],
    "1.1": [2, 12, 0.5, -0.25, "0.25"],
    "1.2": [
        lambda facts, old: (
            "fog" if facts["pressure"] == "steady" and int(facts["degrees"]) < 5 else old(facts)
        ),
        lambda facts, old: (
            "fog" if facts["wind"] == "light" and int(facts["degrees"]) < 5 else old(facts)
        ),
        lambda facts, old: (
            "fog"
            if facts["pressure"] == "steady"
            and facts["wind"] == "light"
            and int(facts["degrees"]) <= 5
            else old(facts)
        ),
        lambda facts, old: "fog" if facts["degrees"] < 5 else old(facts),  # compares text
    ],
    "1.3": [
        lambda words, before, after: words.count(after) / len(words),
        lambda words, before, after: (
            [*pairwise(words)].count((before, after)) / max(1, words.count(before))
        ),
        lambda words, before, after: (
            [b for a, b in pairwise(words) if a == before].count(after)
            / len([b for a, b in pairwise(words) if a == before])
        ),
        lambda words, before, after: [*pairwise(words)].count((before, after)),
    ],
    "1.4": [
        lambda p, temperature: p ** (1 / temperature),
        lambda p, temperature: p**temperature / (p**temperature).sum(1, keepdims=True),
        lambda p, temperature: p ** (1 / temperature) / (p ** (1 / temperature)).sum(),
        lambda p, temperature: p,
    ],
    "2.1": [1.0, 2.0, 0.25, -0.5, None, "0.5"],
    "2.2": [lambda x: x.mean(), lambda x: np.log(2) / np.median(x), lambda x: 1 / x],
    "2.3": [
        lambda log_joint, q: (q * log_joint).sum(axis=1),
        lambda log_joint, q: (q * (log_joint - np.log(q))).sum(axis=1),
        lambda log_joint, q: np.logaddexp.reduce(log_joint, axis=1),
        lambda log_joint, q: (q * (log_joint - np.log(q + 1e-300))).sum(),
    ],
    "2.4": [
        lambda S: 0.5 * (np.log(np.diag(S)).sum() - np.linalg.slogdet(S)[1]),
        lambda S: np.log(np.diag(np.linalg.inv(S))).sum() + np.linalg.slogdet(S)[1],
        lambda S: -0.5 * np.log(1 - S[0, 1] ** 2 / (S[0, 0] * S[1, 1])),
    ],
    "5.1": [0.75, 1 / 3, 3, -np.log(3), "0.25"],
    "5.2": [
        lambda real, fake, label=0.9: label * np.mean(softplus(-real)) + np.mean(softplus(fake)),
        lambda real, fake, label=0.9: smooth(real, label) + smooth(fake, 1 - label),
        lambda real, fake, label=0.9: smooth(real, label) + np.mean(softplus(-fake)),
        overflows,
    ],
    "5.3": [
        lambda p, q: 0.5 * np.sum(p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q))),
        lambda p, q: sum(np.nansum(a * np.log(2 * a / (p + q))) for a in (p, q)) / 2,  # warns
        lambda p, q: np.sum(p[p > 0] * np.log(2 * p[p > 0] / (p + q)[p > 0])),
        lambda p, q: 2 * jsd(p, q),
        lambda p, q: jsd(p, q) / np.log(2),
    ],
    "5.4": [
        lambda theta, psi, eta, gamma: (theta, psi - eta * gamma * psi),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, +gamma, psi),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, -gamma / 2, psi),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, -gamma, theta),
        lambda theta, psi, eta, gamma: game(theta, psi, eta, -gamma, psi)[0],
        game_in_turns,
    ],
    "3.1": [
        {"noise z", "condition c", "generator", "generated content", "discriminator"},
        {"condition c", "generator", "generated content"},
        {"noise z", "condition c", "generator", "output"},
        "generator",
    ],
    "3.2": ["ECABD", "EBCAD", "BEDCA", "EDBCA", "EBDAC", "ABC", None],  # first: the article's
    "3.3": [
        lambda weights_g, z, one_hot: weights_g[one_hot.argmax(1)] @ [1, 0] + 0.3 * z,
        lambda weights_g, z, one_hot: (weights_g[one_hot.argmax(1)] * np.c_[z**0, z]).sum(1),
        lambda weights_g, z, one_hot: one_hot @ weights_g[:, 0],
        lambda weights_g, z, one_hot: one_hot @ weights_g * z[:, None],
    ],
    "3.4": [
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, -rate),  # uphill
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x_fake, x, rate),  # real is 0
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, rate, sees_real=0),
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, 1.0),
        lambda weights_d, x, x_fake, rate: step_of_d(0 * weights_d, x, x_fake, rate),
        lambda weights_d, x, x_fake, rate: step_of_d(weights_d, x, x_fake, rate * len(x)),  # sums
    ],
    "4.1": [0.716, 0.0, 0.307, -0.153, "0.153"],  # at x = 1.5; equal centres; without ½; sign
    "4.2": [lambda n: 1.0, lambda n: n / 2, lambda n: np.sqrt(0.5), lambda n: np.sqrt(n)],
    "4.3": [
        lambda f, z, mu, var, baseline: f(z) * (z - mu) / var,
        lambda f, z, mu, var, baseline: (f(z) - baseline) * (z - mu) / np.sqrt(var),
        lambda f, z, mu, var, baseline: (f(z) - baseline) * (z - mu) * np.exp(-((z - mu) ** 2)),
        lambda f, z, mu, var, baseline: np.mean((f(z) - baseline) * (z - mu) / var),
    ],
    "4.4": [
        loss_of_means,
        loss_with_half_kl,
        loss_with_log_var_as_std,
        loss_without_beta,
        loss_with_beta_half_if_not_given,
        lambda x, x_hat, var_x, mu, log_var, beta=1.0: np.zeros(len(x)),
    ],
    "6.1": [4.0, 1.5, -2.0, None, "2"],
    "6.2": [
        lambda mu, log_var, eps, temperature: temperature * (mu + np.exp(0.5 * log_var) * eps),
        lambda mu, log_var, eps, temperature: mu + temperature * np.exp(log_var) * eps,
        lambda mu, log_var, eps, temperature: None,
    ],
    "6.3": [
        kl_of_halves,
        lambda mu, log_var, mu_p, log_var_p: 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var).sum(1),
        lambda mu, log_var: 0,
    ],
    "6.4": [
        lambda x, x_hat, sigma: -(((x - x_hat) / sigma) ** 2).sum(axis=(1, 2, 3)) / 2,
        lambda x, x_hat, sigma: -((x - x_hat) ** 2).mean(),
    ],
    "6.5": [underflows, lambda log_w: log_w.max(axis=1), lambda log_w: log_w.mean(axis=1)],
    "90.1": [(2, 2, 2, 2), (2, 2, 2), 8, (2, 2, 2, 0.5), (4, 4, 1, 1), "2221"],
    "90.2": [
        article_d_loss,
        mean_of_both,
        d_loss_of_probabilities,
        lambda real, fake: article_d_loss(fake, -real),
    ],
    "90.3": [front_of_the_window, window_only, whole_text_shown, only_the_new],
}


def exercise_cells():
    for path in rules.all_notebooks():
        for cell, lesson, number in rules.exercises(rules.read(path)):
            yield pytest.param(
                path, cell.source, f"{lesson}.{number}", id=f"{path.parent.name}-{cell.id}"
            )


def run(source, path, capsys):
    """What an exercise cell prints, with the names at hand that its notebook's set-up imports."""
    names = {"np": np}
    exec("from contentgen.exercises import check", names)
    exec(source, names)
    return capsys.readouterr().out


@pytest.mark.parametrize(("path", "source", "number"), [*exercise_cells()])
def test_the_blank_is_not_attempted_and_the_solution_passes(path, source, number, capsys):
    mark = "○" if rules.is_lesson(path) else "✓"
    assert run(source, path, capsys).startswith(f"{mark} {number}")


@pytest.mark.parametrize(
    ("number", "answer"),
    [(number, answer) for number, answers in WRONG.items() for answer in answers],
)
def test_a_wrong_answer_fails_with_its_hint(number, answer, capsys):
    from contentgen.exercises import _find, check

    check(number, answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"✗ {number} ")
    assert _find(number).hints[0] in printed


def test_every_exercise_has_wrong_answers_here():
    known = {number for case in exercise_cells() for number in [case.values[2]]}
    assert known == set(WRONG)


def test_the_checks_do_not_hold_the_answers_of_other_lessons():
    """A lesson's table holds exactly the exercises of its notebook."""
    for path in NOTEBOOKS.glob("[0-9]*.ipynb"):
        numbers = [f"{a}.{b}" for _, a, b in rules.exercises(rules.read(path))]
        module = NOTEBOOKS.parent / "contentgen" / "exercises" / f"lesson_{path.name[:2]}.py"
        if numbers:
            table = ast.parse(module.read_text(encoding="utf-8")).body[-1].value
            assert [key.value for key in table.keys] == numbers
