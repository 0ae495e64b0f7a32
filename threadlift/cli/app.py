"""Entry point: registers the commands and turns errors into exit codes.

Exit code 0 = done, 1 = done with a finding that stops, 2 = unusable input, 70 = a fault of ours.
"""

from __future__ import annotations

import json
import sys
import traceback

import typer

from threadlift import __version__
from threadlift.cli import (
    aftercare,
    bench,
    check,
    compare,
    evidence,
    fit,
    plan,
    quote,
    safety,
    screen,
    serve,
    simulate,
    triage,
)
from threadlift.errors import ThreadliftError

app = typer.Typer(
    name="threadlift",
    help="Screen, plan, check, predict and price a collagen thread lift.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("check")(check.command)
app.command("bench")(bench.command)
app.command("evidence")(evidence.command)
app.command("fit")(fit.command)
app.command("plan")(plan.command)
app.command("quote")(quote.command)
app.command("screen")(screen.command)
app.command("serve")(serve.command)
app.command("simulate")(simulate.command)
app.command("compare")(compare.command)
app.command("aftercare")(aftercare.command)
app.command("safety")(safety.command)
app.command("triage")(triage.command)


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
    wants_json = "--json" in sys.argv
    try:
        app()
    except ThreadliftError as error:
        if wants_json:
            fault = {
                "code": error.code,
                "message": error.message,
                "where": error.where,
                "remedy": error.remedy,
            }
            typer.echo(json.dumps({"error": fault}, ensure_ascii=False))
        else:
            typer.echo(f"threadlift: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("threadlift: stopped; nothing was written", err=True)
        sys.exit(130)
    except Exception as error:  # the process edge: nothing else may catch this broadly
        frames = [
            f"{frame.name} ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        typer.echo(
            f"threadlift: a fault of ours: {type(error).__name__} in {' < '.join(reversed(frames[-4:]))}",
            err=True,
        )
        typer.echo("Please report this line; it holds no patient data.", err=True)
        sys.exit(70)
