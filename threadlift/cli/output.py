"""How a command speaks: one JSON value with ``--json``, else words and tables in the language asked for."""

from __future__ import annotations

import typer
from pydantic import BaseModel
from rich.console import Console

console = Console(highlight=False)
progress_console = Console(stderr=True, highlight=False)


def print_json(value: BaseModel) -> None:
    """The one documented JSON value of a command, on standard output."""
    typer.echo(value.model_dump_json(indent=2))
