"""Colours that carry meaning, for light and dark: risk bands, typologies, charts, and the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app.ui.typologies import TYPOLOGIES, find
from engine.risk_bands import FLOORS, band_of

FONT = "Inter, system-ui, sans-serif"


@dataclass(frozen=True, slots=True)
class RiskBand:
    """A range of scores with a name, a colour by theme, and a Material icon.

    ``floor`` is the lowest score of the band; ``badge`` is Streamlit's name of its colour.
    """

    name: str
    floor: float
    light: str
    dark: str
    badge: str
    icon: str

    def colour(self, dark: bool) -> str:
        """Return the band's colour for the theme."""
        return self.dark if dark else self.light


_FLOORS = dict(FLOORS)

#: From the worst down. A ring becomes an alert at 0.5, where "Medium" begins.
RISK_BANDS = (
    RiskBand("Critical", _FLOORS["Critical"], "#b42318", "#f97066", "red", ":material/error:"),
    RiskBand("High", _FLOORS["High"], "#c4620a", "#f79009", "orange", ":material/warning:"),
    RiskBand("Medium", _FLOORS["Medium"], "#8a6a00", "#e0b93a", "yellow", ":material/info:"),
    RiskBand("Low", _FLOORS["Low"], "#475467", "#98a2b3", "gray", ":material/check_circle:"),
)


@dataclass(frozen=True, slots=True)
class Palette:
    """Surface colours; they repeat the theme of ``.streamlit/config.toml``."""

    text: str
    muted: str
    border: str
    background: str
    header: str
    selected: str
    primary: str
    alert: str


LIGHT = Palette(
    text="#101828",
    muted="#667085",
    border="#d0d7e2",
    background="#ffffff",
    header="#f1f4f9",
    selected="#dbe5fb",
    primary="#1d4ed8",
    alert="#b42318",
)
DARK = Palette(
    text="#e6eaf2",
    muted="#94a3b8",
    border="#263249",
    background="#0b1120",
    header="#141d31",
    selected="#1b2f57",
    primary="#3b82f6",
    alert="#f97066",
)


def is_dark() -> bool:
    """Return whether the viewer's theme is dark."""
    return bool(st.context.theme.type == "dark")


def palette(dark: bool) -> Palette:
    """Return the surface colours of a theme."""
    return DARK if dark else LIGHT


def risk_band(score: float) -> RiskBand:
    """Return the band a score in [0, 1] lies in.

    Raises
    ------
    ValueError
        If the score is outside [0, 1] or not a number.
    """
    name = band_of(score)
    return next(band for band in RISK_BANDS if band.name == name)


def typology_colour(typology: str, dark: bool) -> str:
    """Return the colour of a typology; unknown ones share a neutral grey."""
    return find(typology).colour(dark)


def plotly_template(dark: bool) -> go.layout.Template:
    """Return the Plotly template of the app: compact, thin grid, Inter."""
    surface = palette(dark)
    axis = {
        "gridcolor": surface.border,
        "linecolor": surface.border,
        "zeroline": False,
        "ticks": "",
        "automargin": True,
        "title": {"font": {"size": 12, "color": surface.muted}},
        "tickfont": {"color": surface.muted},
    }
    layout = go.Layout(
        font={"family": FONT, "size": 12, "color": surface.text},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={**axis, "showgrid": False},
        yaxis=axis,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": {"text": ""}},
        hoverlabel={"font": {"family": FONT}},
        colorway=[typology.colour(dark) for typology in TYPOLOGIES.values()],
        bargap=0.25,
    )
    return go.layout.Template(layout=layout)


def grid_params(dark: bool) -> dict[str, Any]:
    """Return the AG Grid theme parameters (base ``quartz``), so that the grid matches the app."""
    surface = palette(dark)
    return {
        "fontFamily": FONT,
        "fontSize": 13,
        "rowHeight": 28,
        "headerHeight": 32,
        "foregroundColor": surface.text,
        "headerTextColor": surface.text,
        "backgroundColor": surface.background,
        "headerBackgroundColor": surface.header,
        "borderColor": surface.border,
        "selectedRowBackgroundColor": surface.selected,
        "accentColor": surface.primary,
        "browserColorScheme": "dark" if dark else "light",
        "wrapperBorderRadius": 6,
        "cellHorizontalPadding": 10,
    }


#: The grid lives in a frame of its own and does not inherit the app's font faces.
GRID_FONT_CSS: dict[str, dict[str, str]] = {
    "@font-face": {
        "font-family": "Inter",
        "font-weight": "100 900",
        "src": "url('/app/static/inter-latin.woff2') format('woff2')",
    }
}
