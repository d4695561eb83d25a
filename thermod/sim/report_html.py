"""A run as one HTML file that needs no network: curves, distributions, and the tables beside them.

Simulation throughout. What was published of people stands in a table of its own, to calibrate the
dome by; nothing compares it with ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from thermod.sim.delay import FULL_POWER
from thermod.sim.score import IN_BAND_C, METRICS, Course
from thermod.sim.simulate import Run, protocol_named

OURS = "thermod"
COLOURS = ("#b3261e", "#3367a8", "#c77700", "#5f6b3a")
EVERY_POINTS = 4  # of 30 s: a curve needs no more, and a file of 800 curves stays small
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 68rem; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { border-bottom: 1px solid #d0d4da; padding: .25rem .75rem; text-align: right }
th:first-child, td:first-child { text-align: left }
.people td { text-align: left }
"""
NOTE = (
    "Simulation: simulated bodies under a simulated dome. For research and engineering, not a"
    " certified medical device. Nothing here is a result on people."
)


class Published(NamedTuple):
    """A figure of people, with its source."""

    source: str
    figure: str


PUBLISHED = (
    Published(
        "Mason et al. 2021, Int J Hyperthermia 38:1529; dome, head outside, rectal, n = 25",
        "38.5 °C reached by 25 of 25 in 82.12 ± 11.3 min (61-110); ended after two consecutive"
        " minutes at target; at most 110 min",
    ),
    Published(
        "Hanusch and Janssen 2019, review",
        "mean length of a session 66 min (42.55-140)",
    ),
    Published("J Athl Train 2012, chamber at 73 °C, 30 min", "rectal temperature up by 0.8 °C"),
    Published(
        "Atencio 2025, ventilated far-infrared cabin at 45-65 °C, 45 min",
        "rectal temperature up by 0.0 °C",
    ),
)


def write(
    path: Path,
    run: Run,
    courses: Sequence[Course],
    plain: Mapping[str, Sequence[Course]],
    figures: Mapping[str, Any],
) -> None:
    """Write the file. `figures` is what `simulate.report` returns for the same run."""
    methods = {OURS: courses, **plain}
    target_c = protocol_named(run.protocol).target_c
    title = f"thermod simulation: {len(courses)} sessions, {run.bodies.title}, {run.protocol}"
    parts = (
        f"<h1>{escape(title)}</h1><p>{NOTE}</p>",
        f"<p>Seeds {run.seed} to {run.seed + run.patients - 1}, {figures['wall_s']} s.</p>",
        "<h2>Core temperature of every patient</h2>"
        "<p>A click on a name in the legend shows or hides a method.</p>",
        _html(_curves(methods, target_c)),
        "<h2>Highest core over target, with 30 min of cool-down</h2>",
        _html(_spread(methods, "peak_overshoot_after_c", "°C over target")),
        f"<h2>Minutes from the first heat to {target_c - 0.1:.1f} °C</h2>",
        _html(_spread(methods, "time_to_38_4_min", "min")),
        f"<h2>The same bodies, method by method</h2>{_table(figures)}{_delay(figures)}",
        "<h2>Published figures of people</h2><p>They calibrate the simulated dome.</p>",
        _published(),
    )
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><script>{get_plotlyjs()}</script></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )
    path.write_text(page, encoding="utf-8")


def _curves(methods: Mapping[str, Sequence[Course]], target_c: float) -> go.Figure:
    """Ours are shown at first; a method is one line with gaps, which draws fast."""
    figure = go.Figure()
    figure.add_hrect(target_c - IN_BAND_C, target_c + IN_BAND_C, fillcolor="#2e7d32", opacity=0.12)
    for (name, courses), colour in zip(methods.items(), COLOURS, strict=False):
        at_min: list[float | None] = []
        core_c: list[float | None] = []
        for course in courses:
            points = course.points[::EVERY_POINTS]
            at_min += [*(round(point.at_min, 1) for point in points), None]
            core_c += [*(round(point.core_temp_c, 3) for point in points), None]
        visible = True if name == OURS else "legendonly"
        line = {"color": colour, "width": 1}
        figure.add_scatter(
            x=at_min, y=core_c, name=name, mode="lines", line=line, opacity=0.6, visible=visible
        )
    figure.update_layout(height=520, showlegend=True)
    figure.update_xaxes(title_text="minutes since the first heat")
    figure.update_yaxes(title_text="true core, °C")
    return figure


def _spread(methods: Mapping[str, Sequence[Course]], metric: str, unit: str) -> go.Figure:
    figure = go.Figure()
    for (name, courses), colour in zip(methods.items(), COLOURS, strict=False):
        values = [getattr(course.score, metric) for course in courses]
        known = [value for value in values if value is not None]
        figure.add_box(x=known, name=name, boxpoints="all", jitter=0.5, marker_color=colour)
    figure.update_layout(height=120 + 80 * len(methods), showlegend=False)
    figure.update_xaxes(title_text=unit)
    return figure


def _html(figure: go.Figure) -> str:
    figure.update_layout(template="plotly_white", margin={"t": 20})
    return str(figure.to_html(full_html=False, include_plotlyjs=False))


def _table(figures: Mapping[str, Any]) -> str:
    """Median / p95 / worst of each figure; p95 and worst are its bad end."""
    summaries = {OURS: figures["summary"], **figures["baselines"]}
    head = "".join(f"<th>{escape(name)}</th>" for name in summaries)
    rows = []
    for metric in METRICS:
        cells = "".join(f"<td>{_cell(summary[metric])}</td>" for summary in summaries.values())
        rows.append(f"<tr><td>{metric}</td>{cells}</tr>")
    return (
        "<p>Simulation. Median / p95 / worst; in brackets how many have no such figure.</p>"
        f"<table><tr><th>figure</th>{head}</tr>{''.join(rows)}</table>"
    )


def _cell(found: Mapping[str, float | None]) -> str:
    told = " / ".join("-" if found[key] is None else f"{found[key]:g}" for key in _RANKS)
    return f"{told} ({found['missing']})" if found["missing"] else told


_RANKS = ("median", "p95", "worst")


def _delay(figures: Mapping[str, Any]) -> str:
    delay = figures["delay_min"]
    if delay is None:
        return f"<p>For the delay against full power add <code>--baseline {FULL_POWER}</code>.</p>"
    told = " / ".join("-" if delay[key] is None else f"{delay[key]:g}" for key in _RANKS)
    return (
        f"<p>Delay to 38.4 °C against full power ({FULL_POWER}) on the same body, over the"
        f" {delay['reached']} that reach it both ways: {told} min. Not reached by us but by full"
        f" power: {delay['ours_missing']}; not by full power: {delay['full_power_missing']}.</p>"
    )


def _published() -> str:
    rows = "".join(
        f"<tr><td>{escape(row.source)}</td><td>{escape(row.figure)}</td></tr>" for row in PUBLISHED
    )
    return f'<table class="people"><tr><th>source</th><th>figure</th></tr>{rows}</table>'
