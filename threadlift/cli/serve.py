"""``threadlift serve``: show a finished case in the browser, on this machine only."""

from __future__ import annotations

import errno
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import typer

from threadlift.cli.output import console
from threadlift.errors import InputError

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".ics": "text/calendar; charset=utf-8",
    ".npz": "application/octet-stream",
}
LOCAL_NAMES = {"localhost", "127.0.0.1"}
PORTS_TRIED = 20


class CaseHandler(BaseHTTPRequestHandler):
    """Gives the files of one case folder, nothing beside it, to this machine only."""

    server_version = "threadlift"
    sys_version = ""

    def __init__(self, *args: object, folder: Path) -> None:
        self.folder = folder
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a file of the folder, the report for ``/``, or 404."""
        # A foreign host name means that another web page made the browser ask (DNS rebinding).
        if (self.headers.get("Host") or "").rsplit(":", 1)[0] not in LOCAL_NAMES:
            self.send_error(HTTPStatus.FORBIDDEN, "This address is for this machine only")
            return
        name = unquote(urlsplit(self.path).path).lstrip("/") or "report.html"
        path = self.folder / name
        if "/" in name or name.startswith(".") or path.suffix not in CONTENT_TYPES or not path.is_file():
            self.send_error(HTTPStatus.NOT_FOUND, "No such file in this case")
            return
        content = path.read_bytes()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPES[path.suffix])
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header(
            "Content-Security-Policy",
            "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'",
        )
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: an access log would be a record about a patient."""


def open_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of ``folder`` on localhost, on ``port`` or the next free one.

    Raises ``InputError`` when the folder holds no report or no port is free.
    """
    if not (folder / "report.html").is_file():
        raise InputError(
            "holds no report.html", where=folder.name, remedy="Make one with: threadlift plan ... -o FOLDER"
        )
    for candidate in [port] if port == 0 else range(port, min(port + PORTS_TRIED, 65536)):
        try:
            return ThreadingHTTPServer(
                ("127.0.0.1", candidate), partial(CaseHandler, folder=folder.resolve())
            )
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    raise InputError(
        f"ports {port} to {port + PORTS_TRIED - 1} are taken", remedy="Name another with --port."
    )


def command(
    case: Path = typer.Argument(..., help="A folder written by `threadlift plan`."),
    port: int = typer.Option(
        8000, min=0, max=65535, help="Port on localhost; the next free one is taken. 0 = any."
    ),
) -> None:
    """Show a finished case report on localhost until Ctrl-C."""
    server = open_server(case, port)
    console.print(
        f"Report: http://localhost:{server.server_address[1]}/   (Ctrl-C ends it)",
        markup=False,
        soft_wrap=True,
    )
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            console.print("\nStopped.")
