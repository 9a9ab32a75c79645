"""`gradcli.draw.animation`: films as files."""

from __future__ import annotations

import base64
import io
import re
import sys
from dataclasses import replace
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from gradcli.draw.animation import ANIMATIONS, animation, check_animation, png_bytes
from gradcli.draw.film import BORDER, Film
from gradcli.errors import UnavailableError, UsageError
from tests.support.films import filmed

SVG = "{http://www.w3.org/2000/svg}"
FILMS: dict[str, dict[str, Any]] = {
    "plane": {"samples": 60},
    "five classes": {"dataset": "blobs", "samples": 60, "classes": 5},
    "number": {"dataset": "data", "expression": "x*y", "samples": 60},
    "curve": {"dataset": "data", "expression": "sin(3*x)", "samples": 60},
    "loss": {"dataset": "iris"},
    "one epoch": {"samples": 60, "epochs": 1},
}


@pytest.fixture(scope="module", params=FILMS)
def film(request: pytest.FixtureRequest) -> Film:
    """A film of each kind."""
    return filmed(**FILMS[request.param])


@pytest.mark.parametrize("form", ANIMATIONS)
def test_equal_runs_give_equal_bytes(form: str) -> None:
    if form != "svg":
        pytest.importorskip("PIL")
    first, second = (animation(filmed(samples=60, frames=4), form) for _ in range(2))
    assert first == second


def test_an_svg_has_a_frame_for_each_moment_and_shows_the_last_without_motion(film: Film) -> None:
    text = animation(film, "svg").decode()
    root = ElementTree.fromstring(text)
    frames = [one for one in root.iter(f"{SVG}g") if "f" in one.get("class", "").split()]
    layers = 2 if film.is_planar else 1
    assert len(frames) == layers * len(film.moments)
    assert len([one for one in frames if one.get("class") == "f last"]) == layers
    assert ".f{visibility:hidden}.last{visibility:visible}" in text
    assert "prefers-reduced-motion: no-preference" in text
    # Nothing is loaded: pictures are in the file.
    links = [value for one in root.iter() for name, value in one.attrib.items() if name.endswith("href")]
    assert all(one.startswith("data:image/png;base64,") for one in links)


def test_each_frame_of_an_svg_is_shown_in_its_turn(film: Film) -> None:
    text = animation(film, "svg").decode()
    whole = int(re.findall(r"animation:f (\d+)ms", text)[0])
    delays = sorted({int(one) for one in re.findall(r"animation-delay:(-\d+)ms", text)})
    assert delays[0] == -whole
    assert {later - before for before, later in pairwise(delays)} == {80}
    shown = {name: float(share) for name, share in re.findall(r"keyframes (\w+)\{0%\{[^}]*\}([\d.]+)%", text)}
    assert shown["f"] * whole / 100 == pytest.approx(80, rel=1e-3)
    assert shown["last"] * whole / 100 == pytest.approx(2000, rel=1e-3)


@pytest.mark.parametrize("form", ["gif", "webp"])
def test_the_frames_of_a_picture_have_their_times(film: Film, form: str) -> None:
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(animation(film, form)))
    assert image.n_frames == len(film.moments)
    times = []
    for number in range(image.n_frames):
        image.seek(number)
        image.load()
        times.append(image.info["duration"])
    assert times == [80] * (len(times) - 1) + [2000]
    assert image.info["loop"] == 0


def test_the_page_of_a_gif_is_white_and_its_classes_have_their_colours() -> None:
    film = filmed(samples=60, epochs=40)
    image = pytest.importorskip("PIL.Image").open(io.BytesIO(animation(film, "gif")))
    image.seek(image.n_frames - 1)
    page = np.asarray(image.convert("RGB"))
    assert page[2, 2].tolist() == [255, 255, 255]
    field = film.moments[-1].field
    assert field is not None
    wanted = np.array(film.colours, np.uint8)[field]
    # Points, and nothing else, are over the field.
    assert (page[52 : 52 + 320, 56 : 56 + 320] == wanted).all(axis=-1).mean() > 0.8


def test_names_of_a_table_stay_text() -> None:
    film = filmed(samples=60)
    film.run.rows = replace(film.run.rows, name='<script>alert("&")</script>')
    root = ElementTree.fromstring(animation(film, "svg"))
    assert not [one for one in root.iter() if "script" in one.tag]
    assert '<script>alert("&")</script>' in [one.text for one in root.iter(f"{SVG}text")]


def test_a_png_is_what_pillow_reads() -> None:
    image = pytest.importorskip("PIL.Image")
    pixels = np.array([[0, 1, 2], [2, 1, 0]], np.uint8)
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    found = np.asarray(image.open(io.BytesIO(png_bytes(pixels, colours))).convert("RGB"))
    np.testing.assert_array_equal(found, np.array(colours)[pixels])


def test_a_film_of_moons_is_small() -> None:
    film = filmed(samples=100, epochs=60, hidden=(16, 16), frames=72)
    assert len(animation(film, "svg")) < 1_500_000
    if "PIL" in sys.modules:
        assert len(animation(film, "gif")) < 1_500_000


def test_an_image_in_an_svg_is_the_field_with_its_whole_border() -> None:
    image = pytest.importorskip("PIL.Image")
    film = filmed(samples=60, epochs=40)
    last = re.findall(r"base64,([^\"]*)", animation(film, "svg").decode())[-1]
    pixels = np.asarray(image.open(io.BytesIO(base64.b64decode(last))))
    assert pixels.shape == (160, 160)
    assert film.moments[-1].field is not None
    rows, columns = np.nonzero(film.moments[-1].field == BORDER)
    assert (pixels[rows // 2, columns // 2] == BORDER).all()


def test_an_unknown_suffix_and_a_missing_package_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="can't tell the format of the animation"):
        check_animation("a.mp4")
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert check_animation("a.svg") == "svg"
    with pytest.raises(UnavailableError, match="an animation as GIF needs the package `pillow`") as caught:
        check_animation("a.gif")
    assert caught.value.hint == 'pip install "gradcli[plot]"'
