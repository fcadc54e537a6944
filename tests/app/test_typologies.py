"""Typologies can be told apart: by their names, and by their colours for every kind of vision."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from app.ui.theme import palette
from app.ui.typologies import TYPOLOGIES, find

#: Linear RGB as it is seen without red, green, and blue cones (Machado et al., IEEE TVCG 2009).
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]
    ),
    "deuteranopia": np.array(
        [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]
    ),
    "tritanopia": np.array(
        [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]
    ),
}
#: Linear RGB to CIE XYZ over the white point D65.
XYZ = np.array([[0.4339, 0.3762, 0.1899], [0.2127, 0.7152, 0.0722], [0.0178, 0.1095, 0.8727]])
DARK = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Return CIELAB, in which a distance of 2.3 is just noticed side by side."""
    x, y, z = np.cbrt(np.clip(XYZ @ np.clip(rgb, 0, 1), 0.0089, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    low, high = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


@DARK
@pytest.mark.parametrize("vision", VISION)
def test_colours_differ_clearly_for_every_kind_of_vision(vision: str, dark: bool) -> None:
    seen = {name: lab(VISION[vision] @ linear(t.colour(dark))) for name, t in TYPOLOGIES.items()}
    distance = {
        (one, other): float(np.linalg.norm(seen[one] - seen[other]))
        for one, other in combinations(seen, 2)
    }
    closest = min(distance, key=lambda pair: distance[pair])
    assert distance[closest] > 15, closest


@DARK
def test_colours_stand_out_from_the_page_as_graphics_must(dark: bool) -> None:
    background = palette(dark).background
    faint = [n for n, t in TYPOLOGIES.items() if contrast(t.colour(dark), background) < 3]
    assert faint == []


def test_names_are_unique_and_every_typology_is_explained() -> None:
    assert len({typology.name for typology in TYPOLOGIES.values()}) == len(TYPOLOGIES)
    assert all(typology.meaning.endswith(".") for typology in TYPOLOGIES.values())


def test_a_typology_that_is_not_known_keeps_a_readable_name() -> None:
    assert find("new_kind").name == "New-kind"
