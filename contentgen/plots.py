"""Draw a lesson's figures; every figure comes with one sentence that says what to see."""

import io
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from html import escape
from inspect import Parameter
from unicodedata import bidirectional, combining

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML, DisplayHandle, Markdown, display
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from PIL import Image

from contentgen.data import check_pictures

# A legend to the right of its axes: `axes.legend(**BESIDE)`.
BESIDE = {"frameon": False, "loc": "center left", "bbox_to_anchor": (1, 0.5)}


def show(figure: Figure | HTML, see: str) -> None:
    """Show a figure with the sentence under it; the sentence is kept as the picture's alt text too.

    Args:
        figure: a Matplotlib figure, which is closed afterwards, or HTML as `shaded_text` makes it.
        see: one sentence that says what to see, ending in a full stop.

    Raises:
        ValueError: if the sentence is missing.
    """
    if isinstance(figure, HTML):
        _check_sentence(see)
        display(figure)
        display(Markdown(f"*{see.strip()}*"))
    else:
        show_png(figure_png(figure), see)


def show_png(png: bytes, see: str, handle: DisplayHandle | None = None) -> DisplayHandle:
    """Show a PNG file's bytes with the sentence under it, or put them where `handle` showed others.

    Raises:
        ValueError: if the sentence is missing.
    """
    _check_sentence(see)
    bundle = {"image/png": png, "text/plain": "<Figure>"}
    metadata = {"image/png": {"alt": see}}
    if handle is not None:
        handle.update(bundle, raw=True, metadata=metadata)
        return handle
    handle = display(bundle, raw=True, metadata=metadata, display_id=True)
    display(Markdown(f"*{see.strip()}*"))
    return handle


def _check_sentence(see):
    if not isinstance(see, str) or len(see.strip()) < 2 or not see.strip().endswith("."):
        raise ValueError(
            f"see is {see!r}, expected one sentence that says what to see and ends in a full stop."
        )


def figure_png(figure: Figure) -> bytes:
    """A Matplotlib figure as one PNG file's bytes, with at most 64 colours; it is closed afterwards."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    plt.close(figure)
    # A palette of 64 colours halves the file; line plots and grey pictures look the same.
    return _png_bytes(Image.open(stream).convert("RGB").quantize(64, dither=Image.Dither.NONE))


def _png_bytes(picture):
    stream = io.BytesIO()
    picture.save(stream, format="PNG", optimize=True)
    return stream.getvalue()


def tile(x: np.ndarray, columns: int = 10) -> np.ndarray:
    """Lay pictures side by side, row by row, with a line of one grey pixel between them.

    Args:
        x: (N, H, W, C), floats in [0, 1].
        columns: pictures in a row, if there are that many.

    Returns:
        (rows·(H+1)+1, columns·(W+1)+1, C), floats in [0, 1].
    """
    check_pictures(x)
    if columns < 1:
        raise ValueError(f"columns is {columns}, expected at least 1.")
    n, height, width, channels = x.shape
    columns = min(columns, n)
    rows = -(-n // columns)
    sheet = np.full((rows * (height + 1) + 1, columns * (width + 1) + 1, channels), 0.35, "float32")
    for i, picture in enumerate(x):
        top, left = (i // columns) * (height + 1) + 1, (i % columns) * (width + 1) + 1
        sheet[top : top + height, left : left + width] = picture
    return sheet


def png(x: np.ndarray, columns: int = 10, zoom: int = 2) -> bytes:
    """Pictures (N, H, W, C) in [0, 1] as one PNG file's bytes, each pixel `zoom` pixels wide."""
    sheet = (tile(x, columns) * 255).round().astype("uint8")
    picture = Image.fromarray(sheet[..., 0] if sheet.shape[-1] == 1 else sheet)
    size = (picture.width * zoom, picture.height * zoom)
    return _png_bytes(picture.resize(size, Image.Resampling.NEAREST))


def grid(x: np.ndarray, see: str, *, columns: int = 10, rows: Sequence[str] = (), title: str = "") -> None:
    """Show pictures as a grid.

    Args:
        x: (N, H, W, C), floats in [0, 1].
        see: the sentence under the figure.
        columns: pictures in a row; where rows have labels, they say it.
        rows: a label for each row, or none.
        title: a heading above the grid, or none.
    """
    if rows:
        columns = -(-len(x) // len(rows))
        if (made := -(-len(x) // columns)) != len(rows):
            raise ValueError(f"rows has {len(rows)} labels, but {len(x)} pictures make {made} rows.")
    sheet = tile(x, columns)
    height, width = sheet.shape[:2]
    inches = min(9.0, 0.62 * min(columns, len(x)))
    beside = 0.3 + 0.105 * max(map(len, rows)) if rows else 0  # room for the labels
    figure, axes = plt.subplots(figsize=(inches + beside, inches * height / width + 0.35 * bool(title)))
    axes.imshow(sheet.squeeze(), vmin=0, vmax=1)
    axes.set(xticks=[], yticks=[], title=title)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    if rows:
        step = (height - 1) / len(rows)  # a picture and the line between
        axes.set_yticks([step * (i + 0.5) for i in range(len(rows))], rows)
        axes.tick_params(length=0)
    show(figure, see)


def curves(
    lines: Mapping[str, Sequence[float]],
    see: str,
    *,
    xlabel: str = "epoch",
    ylabel: str = "",
    levels: Sequence[float] = (),
    **kwargs,
) -> None:
    """Show curves, name → values, one value a step from 1, with dotted lines at these levels.

    Further arguments go to `Axes.set`.
    """
    figure, axes = plt.subplots(figsize=(7, 3.2))
    for name, values in lines.items():
        axes.plot(range(1, len(values) + 1), values, label=name)
    for level in levels:
        axes.axhline(level, color="black", ls=":", lw=1)
    axes.set(xlabel=xlabel, ylabel=ylabel, **kwargs)
    axes.legend(frameon=False)
    show(figure, see)


def bars(groups: Mapping[str, Sequence[float]], see: str, *, xlabel: str, ylabel: str) -> None:
    """Show groups of bars side by side, name → one value a bar; bars are numbered from 0."""
    figure, axes = plt.subplots(figsize=(7, 2.8))
    width = 0.8 / len(groups)
    for i, (name, values) in enumerate(groups.items()):
        axes.bar(np.arange(len(values)) + (i + 0.5) * width - 0.4, values, width=width, label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel, xticks=range(len(values)))
    axes.legend(**BESIDE)
    show(figure, see)


def drawable(text: str, family: str = "DejaVu Sans") -> bool:
    """Whether a figure can show it: the font has each letter, and none runs leftwards or is a mark."""
    has = get_font(findfont(family)).get_charmap()

    def alone(character):
        return bidirectional(character) not in ("R", "AL") and not combining(character)

    return all(c.isspace() or (ord(c) in has and alone(c)) for c in text)


def shaded_text(
    text: str,
    panels: Mapping[str, Sequence[float]],
    *,
    most: float,
    colours: str = "Reds",
    framed: Sequence[int] = (),
    columns: int = 84,
) -> Figure | HTML:
    """A text, once a panel, each character on a ground that is the darker the larger its value.

    Args:
        text: what to show; a new line begins a new row.
        panels: heading (may be empty) → one value a character, from 0.
        most: this value and more are as dark as it gets.
        colours: a Matplotlib colour map that begins light.
        framed: places of neighbouring characters that get a frame.
        columns: characters in a row; a longer word goes on in the next.

    Returns:
        A figure; where the figure's font lacks a letter, HTML, since the browser has fonts of its own.
    """
    if not drawable(text, "DejaVu Sans Mono"):
        return _shaded_html(text, panels, most, colours, framed)
    places, row, column = [], 0, 0
    for word in re.findall(r"\n|[^\s]*\s?", text):
        if column and word.strip() and column + len(word.rstrip()) > columns:
            row, column = row + 1, 0
        for character in word:
            if character != "\n" and column >= columns + character.isspace():  # a space may hang over
                row, column = row + 1, 0
            places.append((row, min(column, columns)))
            row, column = (row + 1, 0) if character == "\n" else (row, column + 1)
    rows = 1 + max((row for row, _ in places), default=0)
    size = (0.105 * columns, len(panels) * (0.23 * rows + 0.1) + 0.3 * sum(map(bool, panels)))
    figure, axes = plt.subplots(len(panels), figsize=size, squeeze=False)
    for panel, (heading, values) in zip(axes[:, 0], panels.items(), strict=True):
        ground = np.zeros((rows, columns + 1))
        for place, value in zip(places, values, strict=True):
            ground[place] = value
        panel.imshow(ground, cmap=colours, vmin=0, vmax=most, aspect="auto", interpolation="nearest")
        for (down, right), character in zip(places, text, strict=True):
            if character.isspace():
                continue
            ink = "white" if ground[down, right] > 0.6 * most else "black"
            panel.text(
                right, down, character, family="monospace", size=8.5, ha="center", va="center", color=ink
            )
        for row in {places[k][0] for k in framed}:
            across = [places[k][1] for k in framed if places[k][0] == row]
            corner, wide = (min(across) - 0.5, row - 0.5), max(across) - min(across) + 1
            panel.add_patch(plt.Rectangle(corner, wide, 1, fill=False, color="C1", lw=1.5))
        panel.set_title(heading, loc="left", size=10)
        panel.set_axis_off()
    return figure


def _shaded_html(text, panels, most, colours, framed):
    shade, framed, parts = plt.get_cmap(colours), set(framed), []
    for heading, values in panels.items():
        parts.append(f"<b>{escape(heading)}</b>\n" if heading else "")
        for place, (character, value) in enumerate(zip(text, values, strict=True)):
            ground, ink = to_hex(shade(value / most)), "white" if value > 0.6 * most else "black"
            frame = ";outline:2px solid #ff7f0e" if place in framed else ""
            parts.append(f'<span style="background:{ground};color:{ink}{frame}">{escape(character)}</span>')
        parts.append("\n")
    return HTML(f'<pre style="white-space: pre-wrap; line-height: 1.6">{"".join(parts)}</pre>')


def runs(panel: Axes, x: np.ndarray, y: np.ndarray) -> None:
    """Draw a study's runs into a panel: settings x (N,), on a logarithmic axis, and what was measured, y.

    The runs of one setting stand side by side, so that equal ones are seen apart.
    """
    settings = np.unique(x)
    panel.plot(settings, [y[x == value].mean() for value in settings], color="C0")
    for value in settings:
        found = y[x == value]
        beside = np.arange(len(found)) - (len(found) - 1) / 2
        panel.plot(value * 1.12**beside, found, "o", color="C1", ms=4)
    panel.set_xscale("log")
    panel.set_xticks(settings, [f"{value:,.10g}" for value in settings])
    panel.minorticks_off()


def log_lines(
    x: Sequence[float], lines: Mapping[str, Sequence[float]], see: str, *, xlabel: str, ylabel: str
) -> None:
    """Show lines over x on two logarithmic axes, name → values; each x has its tick, each value its dot."""
    figure, axes = plt.subplots(figsize=(7.5, 3.2))
    for name, values in lines.items():
        axes.plot(x, values, marker="o", ms=4, label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel, xscale="log", yscale="log")
    axes.set_xticks(x, x)
    axes.minorticks_off()
    axes.legend(**BESIDE)
    show(figure, see)


def tsne(z: np.ndarray) -> np.ndarray:
    """Lay codes (N, L) out on a plane, (N, 2), so that near codes stay near.

    Van der Maaten and Hinton 2008, by scikit-learn; N at least 2. The same on every run on one machine.
    """
    # Imported here, because it is slow to import and most lessons do not need it.
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    # Its threads and TensorFlow's stand in each other's way: one is ten times as fast on two cores.
    with threadpool_limits(1):
        return TSNE(perplexity=min(30, (len(z) - 1) / 3), random_state=0).fit_transform(z)


def latent_plane(
    z: np.ndarray, y: np.ndarray, class_names: Sequence[str], see: str, *, axes_names=("z₁", "z₂")
) -> None:
    """Show codes on a plane, one colour a class.

    Args:
        z: (N, 2) codes.
        y: (N,) whole numbers, indices into `class_names`.
        class_names: names for the legend, 24 letters each at most; where two would be alike, or the figure's
            font lacks a letter, the legend has numbers, and a line below says which name each is.
        see: the sentence under the figure.
        axes_names: labels of the two axes; without any, numbers are left out, too.
    """
    z, y = np.asarray(z), np.asarray(y)
    if z.ndim != 2 or z.shape[1] != 2 or y.shape != z.shape[:1]:
        raise ValueError(f"z and y have shapes {z.shape} and {y.shape}, expected (N, 2) and (N,).")
    names = [name if len(name) <= 24 else name[:23] + "…" for name in class_names]
    in_words = ""
    if len({*names}) < len(names) or not all(map(drawable, names)):
        in_words = ", ".join(f"{k} is {_plain(name)}" for k, name in enumerate(class_names))
        names = list(map(str, range(len(names))))
    in_columns = -(-len(names) // 20)
    figure, axes = plt.subplots(figsize=(5.2 + 1.2 * in_columns, 5))
    colours = plt.get_cmap("tab10" if len(names) <= 10 else "tab20")
    for k, name in enumerate(names):
        label = name.replace("$", "\\$")  # else a formula
        label = f" {label}" if label[:1] == "_" else label  # else Matplotlib would leave it out
        axes.scatter(*z[y == k].T, s=9, color=colours(k % colours.N), label=label)
    axes.set(xlabel=axes_names[0], ylabel=axes_names[1])
    if not any(axes_names):  # their numbers mean nothing either
        axes.set(xticks=[], yticks=[])
    axes.legend(**BESIDE, markerscale=2, ncols=in_columns)
    show(figure, see)
    if in_words:
        display(Markdown(in_words))


def _plain(text):
    """A text whose signs mean nothing in Markdown."""
    return re.sub(r"([\\`*_\[\]<>~$&])", r"\\\1", text)


def explore(
    draw: Callable[..., np.ndarray | Figure | HTML | str],
    *,
    start: Mapping[str, object] | None = None,
    columns: int = 10,
    zoom: int = 4,
    play: str = "",
    **controls: tuple[float, float, float] | Sequence | str,
) -> None:
    """Show controls and what `draw` makes from their values, made anew at every move.

    A picture's alt text says where the controls stand.

    Args:
        draw: takes each control's value by name, returns pictures (N, H, W, C) in [0, 1], a figure, HTML or
            a text. Where a move makes it raise a ValueError, the error's sentence is shown.
        start: control → the value that it begins with; without one, the middle or the first choice.
        columns: pictures in a row.
        zoom: screen pixels for one pixel.
        play: a slider of whole numbers that begins at its first and gets a ▶ button, which moves it.
        controls: by name, in ipywidgets' own short form: (min, max, step) for a slider, of whole
            numbers if all three are; a list for a choice, a button each; a text for a box to type in,
            which holds it at the start and is read when Enter is pressed.

    Raises:
        ValueError: if a control is not in this form, or has no such value to start with, or if `play`
            names none that is a slider of whole numbers.
    """
    start = dict(start or {})
    if unknown := start.keys() - controls.keys():
        raise ValueError(f"start names {sorted(unknown)}, but the controls are {list(controls)}.")
    if play in controls:
        start.setdefault(play, controls[play][0])
    boxes = {}
    for name, wanted in controls.items():
        box = widgets.interactive.widget_from_abbrev(wanted, start.get(name, Parameter.empty))
        if box is None or box.value != start.get(name, box.value):
            raise ValueError(
                f"The control {name} is {wanted!r} and starts at {start.get(name)!r}, expected "
                "(min, max, step) or a list of choices, and one of its values."
            )
        if isinstance(box, widgets.Text):
            box.continuous_update = False
        if isinstance(box, widgets.Dropdown):  # JupyterLab takes its arrow keys to move from cell to cell
            keep = {"options": box.options, "value": box.value}
            box = widgets.ToggleButtons(**keep, style={"button_width": "auto"})
        box.description, box.style.description_width = name, "7em"
        boxes[name] = box

    rows = list(boxes.values())
    if play:
        slider = boxes.get(play)
        if not isinstance(slider, widgets.IntSlider):
            raise ValueError(f"play is {play!r}, expected a slider of whole numbers among {list(controls)}.")
        steps = {name: getattr(slider, name) for name in ("min", "max", "step", "value")}
        button = widgets.Play(**steps, interval=300)  # milliseconds
        widgets.jslink((button, "value"), (slider, "value"))
        rows.insert(0, button)

    def as_text(text, role=""):
        style = "white-space: pre-wrap; word-break: normal; line-height: 1.4"
        return f'<pre style="{style}"{role}>{escape(text)}</pre>'

    def made():
        values = {name: box.value for name, box in boxes.items()}
        drawn = draw(**values)
        if isinstance(drawn, str):
            return as_text(drawn)
        if isinstance(drawn, HTML):
            return drawn.data
        picture = figure_png(drawn) if isinstance(drawn, Figure) else png(drawn, columns, zoom)
        alt = escape(", ".join(f"{name} {value}" for name, value in values.items()))
        source = f"data:image/png;base64,{b64encode(picture).decode()}"
        return f'<img alt="{alt}" style="max-width: 100%" src="{source}">'

    def redraw(_):
        try:
            shown.value = made()
        except ValueError as problem:
            shown.value = as_text(str(problem), ' role="alert"')

    shown = widgets.HTML(made())
    for box in boxes.values():
        box.observe(redraw, names="value")
    display(widgets.VBox([*rows, shown]))
