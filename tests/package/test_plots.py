"""Each figure comes with its sentence, the geometry is right, and nothing stays open."""

import base64
import html
import io
import os
import re
from pathlib import Path

import ipywidgets as widgets
import matplotlib.pyplot as plt
import nbclient
import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.display import HTML, Markdown
from ipywidgets.widgets.widget_link import Link
from matplotlib.figure import Figure
from PIL import Image

from contentgen import plots, runtime

ROOT = Path(__file__).resolve().parents[2]
SEE = "The line rises."


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    """What is displayed, as (what, further arguments); afterwards no figure may be open."""
    outputs = []
    monkeypatch.setattr(plots, "display", lambda what, **kwargs: outputs.append((what, kwargs)))
    plt.close("all")
    yield outputs
    assert plt.get_fignums() == []


def decoded(png):
    picture = Image.open(io.BytesIO(png))
    assert picture.format == "PNG"
    return picture


def explored(widget):
    """The picture that `explore` shows, as its alt text and a decoded PNG."""
    form = r'<img alt="(.*)" style="max-width: 100%" src="data:image/png;base64,(.*)">'
    alt, encoded = re.fullmatch(form, widget.value).groups()
    return alt, decoded(base64.b64decode(encoded))


def is_a_figure_with_its_sentence(shown, see=SEE):
    (figure, arguments), (sentence, _) = shown
    assert arguments == {"raw": True, "metadata": {"image/png": {"alt": see}}, "display_id": True}
    assert set(figure) == {"image/png", "text/plain"}
    assert isinstance(sentence, Markdown) and sentence.data == f"*{see.strip()}*"
    return decoded(figure["image/png"])


def pictures(n=3, height=4, width=6, channels=1, seed=0):
    return np.random.default_rng(seed).random((n, height, width, channels), "float32")


@pytest.mark.parametrize("make", [plt.figure, Figure])
def test_a_figure_is_shown_with_its_sentence(shown, make):
    figure = make(figsize=(3, 2), dpi=100)
    figure.subplots().plot([1, 2])
    plots.show(figure, SEE)
    assert is_a_figure_with_its_sentence(shown).size == (300, 200)


@pytest.mark.parametrize("see", ["", "  ", ".", " . ", "no full stop", None, 3])
def test_a_figure_without_a_sentence_is_refused(shown, see):
    figure, _ = plt.subplots()
    with pytest.raises(ValueError, match="expected one sentence") as raised:
        plots.show(figure, see)
    assert repr(see) in str(raised.value) and shown == []


def test_a_notebook_stores_the_figure_its_alt_text_and_its_sentence():
    code = f"import numpy as np\nfrom contentgen import plots\nplots.grid(np.zeros((1, 4, 4, 1)), {SEE!r})"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        nbclient.NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    figure, sentence = notebook.cells[0].outputs
    decoded(base64.b64decode(figure["data"]["image/png"]))
    assert figure["metadata"] == {"image/png": {"alt": SEE}}
    assert sentence["data"]["text/markdown"] == f"*{SEE}*"


def test_a_sheet_of_three_pictures_by_hand():
    x = np.array([0.0, 0.5, 1.0]).reshape(3, 1, 1, 1)
    line = np.float32(0.35)
    np.testing.assert_array_equal(
        plots.tile(x, columns=2)[..., 0],
        [
            [line, line, line, line, line],
            [line, 0.0, line, 0.5, line],
            [line, line, line, line, line],
            [line, 1.0, line, line, line],
            [line, line, line, line, line],
        ],
    )


SIDES = st.integers(1, 5)


@given(n=st.integers(1, 12), height=SIDES, width=SIDES, columns=SIDES, channels=st.sampled_from([1, 3]))
def test_every_picture_lies_in_its_place(n, height, width, columns, channels):
    x = pictures(n, height, width, channels)
    sheet, columns = plots.tile(x, columns), min(columns, n)
    rows = -(-n // columns)
    assert sheet.shape == (rows * (height + 1) + 1, columns * (width + 1) + 1, channels)
    for i in range(n):
        top, left = 1 + i // columns * (height + 1), 1 + i % columns * (width + 1)
        np.testing.assert_array_equal(sheet[top : top + height, left : left + width], x[i])


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_png_holds_the_sheet_enlarged(channels, mode):
    x = pictures(channels=channels)
    picture = decoded(plots.png(x, columns=2, zoom=3))
    assert picture.size == (3 * 15, 3 * 11) and picture.mode == mode
    enlarged = plots.tile(x, 2).squeeze().repeat(3, 0).repeat(3, 1)
    np.testing.assert_allclose(np.asarray(picture, "float32") / 255, enlarged, atol=0.003)


@pytest.fixture
def drawn(monkeypatch):
    """The figures' axes as they are when they are shown."""
    axes, really = [], plots.show

    def show(figure, see):
        axes.append(figure.axes[0])
        really(figure, see)

    monkeypatch.setattr(plots, "show", show)
    return axes


@pytest.mark.parametrize("channels", [1, 3])
def test_a_grid_with_rows_and_a_title(shown, drawn, channels):
    x = pictures(n=5, channels=channels)
    plots.grid(x, SEE, columns=2, rows=["before", "between", "after"], title="Samples")
    is_a_figure_with_its_sentence(shown)
    (axes,) = drawn
    assert axes.get_title() == "Samples"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["before", "between", "after"]
    # Each label stands at its row's middle: rows are 4 pixels high, with a line of 1 between.
    np.testing.assert_allclose(axes.get_yticks(), [2.5, 7.5, 12.5])
    np.testing.assert_array_equal(axes.images[0].get_array(), plots.tile(x, 2).squeeze())
    assert axes.images[0].get_clim() == (0, 1)


def test_curves_start_at_step_one(shown, drawn):
    plots.curves({"loss": [3, 2, 1], "kl": [1.0]}, SEE, ylabel="nats", ylim=(0, 9))
    is_a_figure_with_its_sentence(shown)
    (axes,) = drawn
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), [[1, 3], [2, 2], [3, 1]])
    assert [line.get_label() for line in axes.lines] == ["loss", "kl"]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_ylim()) == ("epoch", "nats", (0, 9))


def test_curves_have_dotted_lines_at_their_levels(shown, drawn):
    plots.curves({"loss": [3, 2, 1]}, SEE, levels=(1.4, 0.7))
    (axes,) = drawn
    assert [line.get_ydata()[0] for line in axes.lines[1:]] == [1.4, 0.7]
    assert [line.get_linestyle() for line in axes.lines] == ["-", ":", ":"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["loss"]


@pytest.mark.parametrize("classes", [3, 12])
def test_a_latent_plane_has_a_colour_a_class(shown, drawn, classes):
    z, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % classes
    names = [f"class {k}" for k in range(classes)]
    plots.latent_plane(z, y, names, SEE)
    is_a_figure_with_its_sentence(shown)
    (axes,) = drawn
    assert [dots.get_label() for dots in axes.collections] == names
    for k, dots in enumerate(axes.collections):
        np.testing.assert_array_equal(dots.get_offsets(), z[y == k])
    colours = {tuple(dots.get_facecolor()[0]) for dots in axes.collections}
    assert len(colours) == classes
    assert len(axes.get_xticks()) and len(axes.get_yticks())
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("z₁", "z₂")


def test_a_plane_whose_axes_mean_nothing_has_no_numbers_on_them(shown, drawn):
    plots.latent_plane(np.eye(2), np.zeros(2, int), ["a"], SEE, axes_names=("", ""))
    assert [*drawn[0].get_xticks(), *drawn[0].get_yticks()] == []


def test_bars_stand_side_by_side(shown, drawn):
    plots.bars({"before": [1, 2, 3], "after": [0, 4, 5]}, SEE, xlabel="axis", ylabel="nats")
    is_a_figure_with_its_sentence(shown)
    (axes,) = drawn
    left, right = axes.containers
    assert [bar.get_height() for bar in left] == [1, 2, 3]
    assert [bar.get_height() for bar in right] == [0, 4, 5]
    for k, (a, b) in enumerate(zip(left, right, strict=True)):  # around their number, not overlapping
        assert a.get_x() == pytest.approx(k - 0.4) and b.get_x() == pytest.approx(k)
        assert b.get_width() == pytest.approx(0.4)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["before", "after"]


def test_tsne_keeps_near_codes_near_and_is_always_the_same():
    rng = np.random.default_rng(0)
    heaps = rng.normal(size=(2, 20, 8)) + np.array([[[0.0]], [[20.0]]])
    plane = plots.tsne(heaps.reshape(40, 8))
    assert plane.shape == (40, 2)
    centres = plane.reshape(2, 20, 2).mean(1)
    nearest = np.linalg.norm(plane[:, None] - centres, axis=-1).argmin(1)
    np.testing.assert_array_equal(nearest, np.arange(40) // 20)
    np.testing.assert_array_equal(plots.tsne(heaps.reshape(40, 8)), plane)
    assert plots.tsne(np.eye(2)).shape == (2, 2)


def test_the_runs_of_a_study_stand_side_by_side_around_their_setting():
    figure, panel = plt.subplots()
    plots.runs(panel, np.array([2.0, 8.0, 2.0]), np.array([4.0, 1.0, 6.0]))
    means, two, eight = panel.lines
    np.testing.assert_array_equal(means.get_xydata(), [[2, 5], [8, 1]])
    np.testing.assert_array_equal(eight.get_xydata(), [[8, 1]])
    left, right = two.get_xdata()
    assert list(two.get_ydata()) == [4, 6] and left < 2 < right and left * right == pytest.approx(4)
    assert [label.get_text() for label in panel.get_xticklabels()] == ["2", "8"]
    plt.close(figure)


def test_moving_a_slider_redraws_the_picture(shown):
    asked = []

    def draw(shade, other):
        asked.append((shade, other))
        return np.full((2, 3, 3, 1), shade)

    plots.explore(draw, columns=2, zoom=5, shade=(0.0, 1.0, 0.1), other=(-3.0, 3.0, 0.5))
    ((box, _),) = shown
    shade, other, picture = box.children
    assert asked == [(0.5, 0)]  # the middle of each
    alt, drawn = explored(picture)
    assert (alt, drawn.size) == ("shade 0.5, other 0.0", (9 * 5, 5 * 5))
    assert (shade.min, shade.max, shade.step, shade.description) == (0, 1, 0.1, "shade")
    before = picture.value
    shade.value = 1.0
    assert asked[-1] == (1.0, 0) and picture.value != before
    other.value = -2
    assert asked[-1] == (1.0, -2)


def test_whole_numbers_stay_whole_a_list_gives_a_choice_and_each_can_begin_anywhere(shown):
    seen = []

    def remember(step, way, share):
        seen.append((step, way, share))
        return pictures()

    controls = dict(step=(2, 6, 2), way=["up", "down"], share=(0.0, 1.0, 0.05))
    plots.explore(remember, start=dict(step=4, way="down", share=0.35), **controls)
    ((box, _),) = shown
    step, way, share, _ = box.children
    assert seen == [(4, "down", 0.35)]
    assert (step.min, step.max, step.step, share.step) == (2, 6, 2, 0.05)
    step.value, way.value = 6, "up"
    assert seen[-1] == (6, "up", 0.35) and isinstance(seen[-1][0], int)


def test_a_figure_is_redrawn_and_closed(shown):
    def line(height):
        figure, axes = plt.subplots(figsize=(2, 1))
        axes.axhline(height)
        return figure

    plots.explore(line, start=dict(height=0.2), height=(0.0, 1.0, 0.1))
    ((box, _),) = shown
    height, picture = box.children
    before = picture.value
    assert explored(picture)[1].size == (200, 100)
    height.value = 0.9
    assert picture.value != before
    assert not plt.get_fignums()


def test_a_typed_text_is_answered_by_a_text(shown):
    def answer(beginning, times):
        return f"<{beginning}>" * times

    plots.explore(answer, start=dict(times=1), beginning="Storm", times=(1, 3, 1))
    ((box, _),) = shown
    beginning, times, shown_text = box.children
    assert (type(beginning), beginning.value) == (widgets.Text, "Storm") and not beginning.continuous_update
    assert "&lt;Storm&gt;</pre>" in shown_text.value
    beginning.value, times.value = "Fog", 2
    assert "&lt;Fog&gt;&lt;Fog&gt;</pre>" in shown_text.value


def test_the_sentence_of_an_error_is_shown_and_then_a_picture_again(shown):
    def draw(n):
        if n == 0:
            raise ValueError('no "0" <')
        return pictures()

    with pytest.raises(ValueError, match="no"):  # where it begins, the lesson is wrong
        plots.explore(draw, start=dict(n=0), n=(0, 3, 1))
    plots.explore(draw, start=dict(n=1), n=(0, 3, 1))
    ((box, _),) = shown
    n, picture = box.children
    n.value = 0
    assert picture.value.endswith(' role="alert">no &quot;0&quot; &lt;</pre>')
    n.value = 2
    assert explored(picture)[0] == "n 2"


def test_a_slider_that_plays_is_moved_by_its_button_and_redraws(shown):
    seen = []

    def frame(epoch):
        seen.append(epoch)
        return pictures()

    plots.explore(frame, play="epoch", epoch=(2, 30, 1))
    ((box, _),) = shown
    button, slider, _ = box.children
    assert isinstance(button, widgets.Play)
    assert (button.min, button.max, button.step, button.value) == (2, 30, 1, 2)
    links = [widget for widget in widgets.Widget.widgets.values() if isinstance(widget, Link)]
    assert any(link.source == (button, "value") and link.target == (slider, "value") for link in links)
    slider.value = 3
    assert seen == [2, 3]


def test_the_controls_are_in_colabs_ipywidgets_too(shown):
    plots.explore(lambda a, b, c: pictures(), a=(0.0, 1.0, 0.5), b=(0, 3, 1), c=["x", "y"])
    ((box, _),) = shown
    used = {type(widget) for widget in [box, *box.children]}
    assert used == {widgets.VBox, widgets.FloatSlider, widgets.IntSlider, widgets.ToggleButtons, widgets.HTML}


@pytest.mark.parametrize("n", [1, 3, 12])
def test_labels_of_rows_say_how_many_pictures_a_row_has(shown, drawn, n):
    plots.grid(pictures(3 * n), SEE, rows=["before", "between", "after"])
    (axes,) = drawn
    assert axes.images[0].get_array().shape == (3 * 5 + 1, n * 7 + 1)


# Cyrillic is in the figure's font; Han and Devanagari are not, and Hebrew and Arabic run to the left.
LONG = "Quercus robur subspecies"
SCRIPTS = {
    ("cat", "кошка", "γάτα", "a_b*c"): None,
    ("cat", "猫"): "0 is cat, 1 is 猫",
    ("बिल्ली", "1"): "0 is बिल्ली, 1 is 1",
    ("חתול", "dog"): "0 is חתול, 1 is dog",
    ("قط", "a_b*<i>&"): r"0 is قط, 1 is a\_b\*\<i\>\&",
    ("🐈", "🐕"): "0 is 🐈, 1 is 🐕",
    (f"{LONG} robur", f"{LONG} imeretina"): f"0 is {LONG} robur, 1 is {LONG} imeretina",
}


@pytest.mark.parametrize("names", SCRIPTS)
@pytest.mark.filterwarnings("error")
def test_class_names_of_any_script_can_be_read(shown, drawn, names):
    plots.latent_plane(np.eye(2)[np.arange(8) % 2], np.arange(8) % len(names), names, SEE)
    in_words, (axes,) = SCRIPTS[names], drawn
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == (list(names) if in_words is None else [str(k) for k in range(len(names))])
    assert [line.data for line, _ in shown[2:]] == ([] if in_words is None else [in_words])
    is_a_figure_with_its_sentence(shown[:2])


@pytest.mark.filterwarnings("error")
def test_class_names_are_no_formulas_stay_in_the_legend_and_are_not_too_long(shown, drawn):
    names = ["$5 to $6", "_odd", 60 * "long", "$x^$"]
    plots.latent_plane(np.eye(2)[np.arange(8) % 2], np.arange(8) % 4, names, SEE)
    (axes,) = drawn
    legend = [text.get_text().replace("\\$", "$").strip() for text in axes.get_legend().get_texts()]
    assert legend == ["$5 to $6", "_odd", "longlonglonglonglonglon…", "$x^$"]
    is_a_figure_with_its_sentence(shown)


def test_a_long_legend_gets_more_columns_and_stays_in_the_picture(shown, monkeypatch):
    places, really = [], plots.show

    def look(figure, see):
        figure.canvas.draw()
        box = figure.axes[0].get_legend().get_window_extent()
        places.append((box.y0 >= 0, box.y1 <= figure.bbox.height, box.x1 <= figure.bbox.width))
        really(figure, see)

    monkeypatch.setattr(plots, "show", look)
    names = [f"class {k}" for k in range(50)]
    with plt.rc_context(runtime.STYLE):
        plots.latent_plane(np.random.default_rng(0).normal(size=(100, 2)), np.arange(100) % 50, names, SEE)
    assert places == [(True, True, True)]


def plane(z, y):
    return lambda: plots.latent_plane(np.zeros(z), np.zeros(y, int), ["a"], SEE)


def control(control, **start):
    return lambda: plots.explore(lambda a: pictures(), start=start, a=control)


SENTENCE, SHAPES = "expected one sentence", r"expected \(N, 2\) and \(N,\)"
BAD = [
    (lambda: plots.tile(pictures(), 0), "columns is 0, expected at least 1"),
    (lambda: plots.tile(pictures(), -1), "columns is -1, expected at least 1"),
    (lambda: plots.tile(pictures() * 255), "rescale it"),
    (
        lambda: plots.grid(pictures(5), SEE, rows=["a", "b", "c", "d"]),
        "rows has 4 labels, but 5 pictures make 3 rows",
    ),
    (plane((5, 3), (5,)), SHAPES),
    (plane((5,), (5,)), SHAPES),
    (plane((5, 2), (4,)), SHAPES),
    (plane((5, 2), (5, 1)), SHAPES),
    (lambda: plots.grid(pictures(), "none"), SENTENCE),
    (lambda: plots.curves({"loss": [1]}, "none"), SENTENCE),
    (lambda: plots.latent_plane(np.zeros((2, 2)), np.zeros(2), ["a"], "none"), SENTENCE),
    (lambda: plots.show_png(plots.png(pictures()), "no full stop"), SENTENCE),
    (control((0, 3, 1), b=1), r"start names \['b'\], but the controls are \['a'\]"),
    (control((0, 3, 1), a=9), r"The control a is \(0, 3, 1\) and starts at 9, expected"),
    (control(["x", "y"], a="z"), "starts at 'z', expected"),
    (control(object()), "The control a is <object"),
    (lambda: plots.explore(lambda a: pictures() * 255, a=(0.0, 1.0, 0.5)), "rescale it"),
    (lambda: plots.explore(lambda a: pictures(), play="b", a=(0, 3, 1)), r"play is 'b', expected a slider"),
    (lambda: plots.explore(lambda a: pictures(), play="a", a=(0.0, 3.0, 0.5)), "play is 'a', expected"),
]


@pytest.mark.parametrize(("call", "says"), BAD, ids=[says for _, says in BAD])
def test_bad_input_gets_one_sentence_and_leaves_no_figure_open(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_a_text_is_shaded_character_by_character():
    """Two panels of two rows: each character on the ground of its value, the framed ones in a frame."""
    text, values = "ab cd\nef", np.arange(8) / 8
    figure = plots.shaded_text(text, {"one": values, "": 0 * values}, most=1, framed=[3, 4, 7], columns=6)
    for panel, heading, wanted in zip(figure.axes, ["one", ""], [values, 0 * values], strict=True):
        (image,) = panel.images
        ground = np.asarray(image.get_array())
        assert ground.shape == (2, 7) and image.get_clim() == (0, 1)
        np.testing.assert_allclose(np.concatenate([ground[0, :6], ground[1, :2]]), wanted)
        assert panel.get_title(loc="left") == heading
        drawn = {(round(t.get_position()[1]), round(t.get_position()[0])): t.get_text() for t in panel.texts}
        assert drawn[0, 3] == "c" and drawn[1, 1] == "f"
        frames = {(p.get_y() + 0.5, p.get_x() + 0.5, p.get_width()) for p in panel.patches}
        assert frames == {(0, 3, 2), (1, 1, 1)}
    plt.close(figure)


def rows_of(figure):
    """The rows of a shaded text, as they are drawn."""
    (image,) = figure.axes[0].images
    rows = [{} for _ in range(len(image.get_array()))]
    for text in figure.axes[0].texts:
        right, down = text.get_position()
        rows[round(down)][round(right)] = text.get_text()
    plt.close(figure)
    return ["".join(row.get(k, " ") for k in range(1 + max(row, default=-1))) for row in rows]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("abcdefghijkl", ["abcde", "fghij", "kl"]),
        ("a bcdefghi j", ["a", "bcdef", "ghi j"]),
        ("abcde fg", ["abcde", "fg"]),
        ("abcde \nfg\n\nh", ["abcde", "fg", "", "h"]),
        ("abc    \t d", ["abc", "   d"]),
        ("abcde\nf\x0cg", ["abcde", "f g"]),
        ("$a$ b_c", ["$a$", "b_c"]),
    ],
)
@pytest.mark.filterwarnings("error")
def test_words_of_any_length_are_shaded(text, rows):
    assert rows_of(plots.shaded_text(text, {"": np.ones(len(text))}, most=1, columns=5)) == rows


def test_a_text_of_nothing_is_shaded():
    figure = plots.shaded_text("", {"": []}, most=1)
    assert not figure.axes[0].texts
    plt.close(figure)


@pytest.mark.parametrize("text", ["我们在说话。没有空格", "a <猫>\n&b", "שלום", "🐈 cat", "cafe\u0301"])
@pytest.mark.filterwarnings("error")
def test_a_text_that_the_font_lacks_is_shaded_by_the_browser(shown, text):
    values = np.arange(len(text)) / len(text)
    page = plots.shaded_text(text, {"one <head>": values, "": 0 * values}, most=1, framed=[1, 2])
    assert isinstance(page, HTML)
    spans = re.findall(
        r'<span style="background:(#\w{6});color:(white|black)([^"]*)">(.*?)</span>', page.data, re.S
    )
    assert "".join(html.unescape(span[3]) for span in spans) == 2 * text
    assert [k for k, span in enumerate(spans) if "outline" in span[2]] == [1, 2, len(text) + 1, len(text) + 2]
    darkness = [int(ground[3:5], 16) for ground, *_ in spans[: len(text)]]  # the greener, the paler
    assert darkness == sorted(darkness, reverse=True) and darkness[0] > darkness[-1] + 50
    assert "<b>one &lt;head&gt;</b>" in page.data and not re.search(r"<(?!/?(span|pre|b)\b)", page.data)
    plots.show(page, SEE)
    assert shown[0][0] is page and shown[1][0].data == f"*{SEE}*"
    with pytest.raises(ValueError, match=SENTENCE):
        plots.show(page, "none")


def test_what_the_browser_draws_can_be_explored(shown):
    plots.explore(lambda a: HTML(f"<pre>{a}</pre>"), a=(0, 3, 1))
    *_, widget = shown[0][0].children
    assert widget.value == "<pre>1</pre>"


def test_lines_stand_on_two_logarithmic_axes(shown, monkeypatch):
    drawn = []
    monkeypatch.setattr(plots, "show", lambda figure, see: drawn.append(figure))
    plots.log_lines([1, 4, 16], {"a": [3.0, 2, 1], "b": [1.0, 2, 3]}, SEE, xlabel="far", ylabel="left")
    (axes,) = drawn[0].axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert [line.get_ydata().tolist() for line in axes.lines] == [[3, 2, 1], [1, 2, 3]]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "4", "16"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("far", "left")
    plt.close(drawn[0])


def test_a_word_that_does_not_fit_begins_a_new_row():
    figure = plots.shaded_text("aaa bbb", {"": np.ones(7)}, most=1, columns=5)
    ground = np.asarray(figure.axes[0].images[0].get_array())
    assert ground.shape == (2, 6) and ground[0].sum() == 4 and ground[1].sum() == 3
    plt.close(figure)
