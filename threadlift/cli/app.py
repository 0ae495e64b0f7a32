"""Entry point: registers the commands and turns errors into exit codes.

Exit code 0 = done, 1 = done with a finding that stops, 2 = unusable input, 70 = a fault of ours.
"""

from __future__ import annotations

import json
import signal
import sys
import traceback
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from threadlift import __version__
from threadlift.errors import InputError, ThreadliftError

STOPPED = 130  # what typer makes of Ctrl-C
COMMANDS = (
    "aftercare",
    "bench",
    "check",
    "compare",
    "evidence",
    "fit",
    "learn",
    "optimise",
    "plan",
    "quote",
    "safety",
    "screen",
    "serve",
    "simulate",
    "triage",
    "validate",
)


def load_command(name: str) -> Any:
    """The command of that name as its module gives it, ready to be run or described."""
    single = typer.Typer(add_completion=False)
    single.command(name)(import_module(f"threadlift.cli.{name}").command)
    return typer.main.get_command(single)


class CommandGroup(TyperGroup):
    """The commands, each read from its module when it is asked for: a short answer needs no mesh reader.

    Contexts and commands are of types that typer keeps to itself, hence ``Any``.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        return load_command(cmd_name) if cmd_name in COMMANDS else None


app = typer.Typer(
    name="threadlift",
    cls=CommandGroup,
    help="Screen, plan, check, predict and price a collagen thread lift.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"threadlift {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Decision support for a licensed physician. Not a cleared medical device; no autonomous decisions."""


def main() -> None:
    """Run the command line and exit with the documented code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: what is half-written goes
    try:
        code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        if code == STOPPED:
            typer.echo("threadlift: stopped; nothing was written", err=True)
        sys.exit(code)
    except ThreadliftError as error:
        _tell(error, error.code)
        sys.exit(error.exit_code)
    except typer.TyperException as error:  # an unknown option or a value that it cannot take
        usage = InputError(
            error.format_message(),
            where="command line",
            remedy="`threadlift COMMAND --help` shows what it takes.",
        )
        _tell(usage, "threadlift.usage")
        sys.exit(usage.exit_code)
    except Exception as error:  # the process edge: nothing else may catch this broadly
        frames = [
            f"{frame.name} ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        fault = ThreadliftError(
            f"a fault of ours: {type(error).__name__} in {' < '.join(reversed(frames[-4:]))}",
            remedy="Please report this line; it holds no patient data.",
        )
        _tell(fault, "threadlift.fault")
        sys.exit(fault.exit_code)


def _tell(error: ThreadliftError, code: str) -> None:
    """One line on standard error, or one JSON value on standard output where that was asked for."""
    if "--json" in sys.argv:
        value = {"code": code, "message": error.message, "where": error.where, "remedy": error.remedy}
        typer.echo(json.dumps({"error": value}, ensure_ascii=False))
    else:
        typer.echo(f"threadlift: {error}", err=True)
