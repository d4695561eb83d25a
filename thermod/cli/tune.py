"""`thermod tune`: from recorded steps of an empty dome to the gains of its inner loop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thermod.errors import ThermodError

if TYPE_CHECKING:
    from controllers.identify import DomeModel, Proposal


def tune(
    records: Annotated[
        list[Path] | None,
        typer.Argument(help="CSV files with the columns at_s, power_pct, air_temp_c."),
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="A journal, for --session.")] = None,
    session: Annotated[
        list[str] | None,
        typer.Option(help="A session of the journal on subject EMPTY… or PHANTOM…"),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Write a picture of the fits here.")] = None,
    json: Annotated[str | None, typer.Option(help="Write all figures here; - is stdout.")] = None,
) -> None:
    """Fit a model to recorded steps of heater power, and propose the gains of the inner loop.

    Record with nobody in the dome, once empty and once with about 70 kg of water. This command
    reads what was recorded; it heats nothing.
    """
    import orjson

    from thermod import tune as tuning
    from thermod.journal_read import JournalReader

    found = [tuning.from_csv(path) for path in records or ()]
    if session and journal is None:
        raise ThermodError("a session needs its journal", where="--session", do="Add --journal.")
    if session and journal is not None:
        found += [tuning.from_journal(JournalReader(journal), name) for name in session]
    if not found:
        raise ThermodError("there is nothing to fit", where="RECORDS", do=tuning.A_GOOD_RECORD)
    models, proposal = tuning.fitted(found)
    if plot is not None:
        draw(plot, models, proposal)
    if json is not None:
        payload = orjson.dumps(tuning.figures(models, proposal), option=orjson.OPT_INDENT_2)
        if json != "-":
            Path(json).write_bytes(payload)
            return
        typer.echo(payload.decode())
        return
    show(models, proposal)
    if plot is not None:
        typer.echo(f"The picture is in {plot}.")


def show(models: Sequence[DomeModel], proposal: Proposal) -> None:
    """The fits and the proposal, as a person reads them."""
    for model in models:
        typer.echo(
            f"{model.name}: fast {model.fast_c_per_pct:.3f} °C/% in {model.fast_s:.0f} s, slow"
            f" {model.slow_c_per_pct:.3f} °C/% in {model.slow_s / 60.0:.0f} min, delay"
            f" {model.delay_s:.0f} s; the fit explains {model.explained_pct:.1f} %, rms"
            f" {model.rms_delta_c:.2f} °C"
        )
    typer.echo(
        f"Proposed inner loop: per_c = {proposal.per_c:.2f} %/°C, per_c_s = {proposal.per_c_s:.4f}"
        f" %/(°C·s), from {proposal.from_record}, closed loop {proposal.closed_loop_s:.0f} s"
        + (", held by a bound" if proposal.bounded else "")
    )
    typer.echo("To use it, put this line into the [[dome]] of thermod.toml and restart control:")
    typer.echo(toml_line(proposal))


def toml_line(proposal: Proposal) -> str:
    """What thermod.toml takes, rounded to what a fit is worth."""
    per_c = round(proposal.per_c, 2)
    per_c_s = per_c * proposal.per_c_s / proposal.per_c
    return f"inner = {{ per_c = {per_c}, per_c_s = {per_c_s:.5g} }}"


def draw(path: Path, models: Sequence[DomeModel], proposal: Proposal) -> None:
    """Each record with its fit, and what the proposed loop would do with each dome."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    from controllers.identify import answer

    titles = [f"{model.name}: air, °C, and its fit" for model in models]
    titles += ["The proposed loop on each: air above its start, °C", "Its power, %"]
    figure = make_subplots(rows=len(models) + 2, cols=1, subplot_titles=titles)
    for row, model in enumerate(models, start=1):
        minutes = [at_s / 60.0 for at_s in model.at_s]
        measured = go.Scatter(x=minutes, y=model.measured_c, name="measured", line_color="#3367a8")
        fit = go.Scatter(x=minutes, y=model.fitted_c, name="fit", line_color="#b3261e")
        figure.add_trace(measured, row=row, col=1)
        figure.add_trace(fit, row=row, col=1)
        at_s, air_c, power_pct = answer(model, proposal)
        minutes = [each / 60.0 for each in at_s]
        row = len(models) + 1
        figure.add_trace(go.Scatter(x=minutes, y=air_c, name=model.name), row=row, col=1)
        figure.add_trace(go.Scatter(x=minutes, y=power_pct, name=model.name), row=row + 1, col=1)
    figure.update_layout(
        title=f"thermod tune: per_c {proposal.per_c:.2f}, per_c_s {proposal.per_c_s:.4f}",
        template="plotly_white",
        height=320 * (len(models) + 2),
    )
    figure.write_html(path, include_plotlyjs=True, full_html=True)
