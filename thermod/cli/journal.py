"""`thermod journal sessions`, `explain` and `verify`: what the record says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thermod.errors import ThermodError

if TYPE_CHECKING:
    from thermod.journal_read import JournalReader

app = typer.Typer(no_args_is_help=True)

JournalPath = Annotated[
    Path, typer.Option("--journal", "-j", envvar="THERMOD_JOURNAL", help="The journal file.")
]
DEFAULT = Path("journal.db")


def _reader(path: Path) -> JournalReader:
    from thermod.journal_read import JournalReader

    if not path.is_file():
        do = "Name it with --journal; it is journal.db in the state_dir of thermod.toml."
        raise ThermodError("there is no journal", where=str(path), do=do)
    return JournalReader(path)


@app.command()
def sessions(
    path: JournalPath = DEFAULT,
    dome: Annotated[str | None, typer.Option(help="Only of this dome.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
) -> None:
    """The newest sessions, newest first."""
    for row in _reader(path).sessions(dome, limit):
        ended = row.ended_by or "not over"
        typer.echo(f"{row.session_id}  {row.dome}  {row.subject}  {row.protocol}  {ended}")


@app.command()
def explain(
    session: Annotated[str, typer.Argument(help="Its id, or `last`.")] = "last",
    path: JournalPath = DEFAULT,
) -> None:
    """Tell the story of a session: what happened, what was decided and why."""
    from thermod.story import tell

    reader = _reader(path)
    newest = reader.sessions(None, 1)
    row = (newest[0] if newest else None) if session == "last" else reader.session(session)
    if row is None:
        do = "`thermod journal sessions` lists those that there are."
        raise ThermodError(f"the journal has no session {session}", where=str(path), do=do)
    for sentence in tell(
        row,
        reader.moments(row.session_id),
        reader.events_of(row.session_id),
        reader.alarms_of(row.session_id),
    ):
        typer.echo(f"- {sentence}")


@app.command()
def verify(path: JournalPath = DEFAULT) -> None:
    """Follow the chain of events: was any changed, removed or put in between?"""
    found = _reader(path).verify_chain()
    if not found.holds:
        raise ThermodError(
            f"event {found.broken_at} {found.why}",
            where=str(path),
            do="Keep this file as it is and compare it with a backup.",
        )
    typer.echo(f"{found.events} events: {found.why}")
