"""`thermod alarms list`, `show` and `pages`: the runbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thermod.errors import ThermodError

app = typer.Typer(no_args_is_help=True)
FOLDER = Path("alarms/runbook")


@app.command("list")
def list_alarms() -> None:
    """Name every alarm, with its priority and what raises it."""
    from alarms import pages

    for page in pages.pages():
        raised = dict(page.facts)["raised"]
        typer.echo(f"{page.alarm_id:24} {page.priority:7} {raised}")


@app.command()
def show(alarm: Annotated[str, typer.Argument(help="Its id, as the screen names it.")]) -> None:
    """Print the page of one alarm: what it means and what to do."""
    from alarms import pages

    page = pages.page_of(alarm)
    if page is None:
        raise ThermodError(
            f"there is no alarm {alarm}", where="thermod alarms show", do="See thermod alarms list."
        )
    typer.echo(pages.markdown(page))


@app.command("pages")
def write(
    folder: Annotated[Path, typer.Option(help="Where the pages go.")] = FOLDER,
) -> None:
    """Write every page anew, and remove those of alarms that are no more."""
    from alarms import pages

    files = pages.files()
    folder.mkdir(parents=True, exist_ok=True)
    for gone in {path.name for path in folder.glob("*.md")} - files.keys():
        (folder / gone).unlink()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    typer.echo(f"{len(files)} pages in {folder}")
