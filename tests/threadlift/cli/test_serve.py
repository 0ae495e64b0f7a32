"""The report is shown to this machine only, and nothing beside the case folder is."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from threadlift.cli.serve import open_server
from threadlift.errors import InputError


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "report.html").write_text("<p>report</p>")
    (folder / "verdict.json").write_text("{}")
    (folder / ".hidden.json").write_text("{}")
    (tmp_path / "secret.json").write_text("{}")
    server = open_server(folder, 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


def get(port: int, path: str, host: str = "localhost") -> tuple[int, bytes, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path, headers={"Host": f"{host}:{port}"})
    answer = connection.getresponse()
    result = answer.status, answer.read(), answer.headers.get("Content-Security-Policy", "")
    connection.close()
    return result


def test_the_report_is_the_first_page_and_may_load_nothing_from_elsewhere(port: int) -> None:
    status, body, policy = get(port, "/")
    assert (status, body) == (200, b"<p>report</p>")
    assert policy.startswith("default-src 'none'")
    assert get(port, "/verdict.json")[0] == 200


@pytest.mark.parametrize(
    "path", ["/../secret.json", "/%2e%2e/secret.json", "/.hidden.json", "/absent.json", "/..%2fsecret.json"]
)
@pytest.mark.control("C-26")
def test_nothing_outside_the_case_is_given(port: int, path: str) -> None:
    assert get(port, path)[0] == 404


@pytest.mark.control("C-26")
def test_a_request_under_a_foreign_name_is_refused(port: int) -> None:
    assert get(port, "/", host="evil.example")[0] == 403


def test_a_folder_without_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no report\.html"):
        open_server(tmp_path, 0)


def test_a_taken_port_gives_way_to_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("x")
    first = open_server(tmp_path, 18431)
    second = open_server(tmp_path, int(first.server_address[1]))
    assert second.server_address[1] > first.server_address[1]
    first.server_close()
    second.server_close()
