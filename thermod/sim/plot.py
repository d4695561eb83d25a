"""A picture of simulated sessions: core with its band, air, skin and power, in one HTML file that
needs no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from thermod.sim.score import IN_BAND_C, Course
from thermod.sim.simulate import protocol_named

CORE, SKIN, AIR, POWER = "#b3261e", "#c77700", "#3367a8", "#6b7280"


def draw(path: Path, courses: Sequence[Course], protocol: str) -> None:
    """Write the picture. Dome, skin and power are drawn for the first patient, the core for all."""
    target_c = protocol_named(protocol).target_c
    figure = make_subplots(
        rows=3,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.06,
        row_heights=[0.5, 0.3, 0.2],
        subplot_titles=("Core, °C", "Dome air and hottest skin, °C", "Heater power, %"),
    )
    figure.add_hrect(
        target_c - IN_BAND_C, target_c + IN_BAND_C, row=1, col=1, fillcolor="#2e7d32", opacity=0.12
    )
    for course in courses:
        figure.add_trace(_line(course, "core_temp_c", course.score.name, CORE), row=1, col=1)
    first = courses[0]
    figure.add_trace(_line(first, "air_temp_c", "air", AIR), row=2, col=1)
    figure.add_trace(_line(first, "skin_temp_c", "skin", SKIN), row=2, col=1)
    figure.add_trace(_line(first, "power_pct", "power", POWER), row=3, col=1)
    figure.update_xaxes(title_text="minutes since the first heat", row=3, col=1)
    figure.update_layout(
        title=f"thermod simulation: {len(courses)} session(s), {protocol}",
        template="plotly_white",
        showlegend=False,
        height=860,
    )
    figure.write_html(path, include_plotlyjs=True, full_html=True)


def _line(course: Course, name: str, title: str, colour: str) -> go.Scatter:
    return go.Scatter(
        x=[point.at_min for point in course.points],
        y=[getattr(point, name) for point in course.points],
        name=title,
        mode="lines",
        line={"color": colour, "width": 1.5},
        hovertemplate="%{y:.2f} at %{x:.0f} min<extra>" + title + "</extra>",
    )
