"""Hand-written files are refused by name; results are never half-written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from threadlift.errors import InputError, RuleDataError
from threadlift.files import (
    check_file,
    check_output,
    folder_at_once,
    load_data,
    read_document,
    read_model,
    write_bytes,
    write_text,
)


class Sample(BaseModel):
    model_config = ConfigDict(extra="forbid")
    age_years: int
    pulse: float = 60


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.toml", b"age_years = ", "not valid TOML or JSON"),
        ("a.json", b'{"age_years": NaN}', "age_years: is not a finite number"),
        ("a.json", b'{"pulse": 1e999}', "pulse: is not a finite number"),
        ("a.toml", b"pulse = nan", "pulse: is not a finite number"),
        ("a.toml", b"[a]\nb = [1.0, -inf]", r"a\.b\.1: is not a finite number"),
        ("a.json", b"[1]", "must hold named values"),
        ("a.toml", b"\xff\xfe\x00", "not UTF-8"),
        ("a.json", b"[" * 100_000, "not valid TOML or JSON"),
        ("a.json", b'{"a":' + b"[" * 700 + b"1" + b"]" * 700 + b"}", "not valid TOML or JSON|unknown key"),
        ("a.toml", b"age_years = 3\nage_year = 4", "age_year: unknown key"),
        ("a.toml", b"age_years = 'many'", "age_years:"),
        ("a.toml", b"pulse = 3", "age_years: is missing"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_key(
    tmp_path: Path, name: str, content: bytes, fault: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=fault) as caught:
        read_model(path, Sample)
    assert caught.value.where == name
    assert "many" not in str(caught.value), "the value itself is not repeated: it may be about a patient"


def test_missing_and_oversized_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_document(tmp_path / "absent.toml")
    with pytest.raises(InputError, match="is a folder"):
        read_document(tmp_path)
    big = tmp_path / "big.toml"
    big.write_bytes(b"#" * 5_000_001)
    with pytest.raises(InputError, match="larger than 5 MB"):
        read_document(big)


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.toml"
    path.write_text("age_years = 3")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"a\.toml: cannot be read \(Permission denied\)"):
        check_file(path)


def test_toml_and_json_read_alike(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("\ufeffage_years = 3")
    (tmp_path / "a.json").write_text('{"age_years": 3}')
    assert (
        read_model(tmp_path / "a.toml", Sample)
        == read_model(tmp_path / "a.json", Sample)
        == Sample(age_years=3)
    )


def test_project_data_that_is_missing_names_the_file() -> None:
    with pytest.raises(RuleDataError, match=r"threadlift\.evidence/data/none\.toml"):
        load_data("threadlift.evidence", "none.toml")


@pytest.mark.control("C-21")
def test_a_failed_write_leaves_the_old_file_and_no_crumbs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "result.json"
    write_text(path, "old")

    def fail(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_bytes(path, b"new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["result.json"]


@pytest.mark.control("C-21")
def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "case"
    with pytest.raises(RuntimeError, match="stop"), folder_at_once(target, marker="case.json") as work:
        (work / "case.json").write_text("{}")
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []
    with folder_at_once(target, marker="case.json") as work:
        (work / "case.json").write_text("1")
    with folder_at_once(target, marker="case.json") as work:
        (work / "case.json").write_text("2")
    assert (target / "case.json").read_text() == "2"
    assert [entry.name for entry in tmp_path.iterdir()] == ["case"]


@pytest.mark.control("C-21")
def test_a_folder_that_cannot_be_put_in_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "case"
    target.mkdir()
    (target / "case.json").write_text("old")
    move = Path.replace

    def fail(self: Path, to: Path) -> Path:
        if self.name.startswith(".case.") and self.name != ".case.old":
            raise OSError("disk full")
        return move(self, to)

    monkeypatch.setattr(Path, "replace", fail)
    with (
        pytest.raises(OSError, match="disk full"),
        folder_at_once(target, marker="case.json") as work,
    ):
        (work / "case.json").write_text("new")
    assert (target / "case.json").read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["case"]


def test_a_folder_of_somebody_else_is_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "photos"
    target.mkdir()
    (target / "cat.jpg").write_bytes(b"x")
    with (
        pytest.raises(InputError, match="not a folder made by this command"),
        folder_at_once(target, marker="case.json"),
    ):
        pass
    assert (target / "cat.jpg").exists()
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(InputError), folder_at_once(file, marker="case.json"):
        pass


def test_what_is_written_may_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        with folder_at_once(tmp_path / "case", marker="case.json") as work:
            write_text(work / "case.json", "{}")
    finally:
        os.umask(before)
    assert (tmp_path / "case").stat().st_mode & 0o077 == 0
    assert (tmp_path / "case" / "case.json").stat().st_mode & 0o077 == 0


def test_toml_numbers_with_separators_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("pulse = 1_000.5")
    assert read_document(tmp_path / "a.toml") == {"pulse": 1000.5}


def test_an_error_names_the_folder_but_not_the_way_to_it(tmp_path: Path) -> None:
    target = tmp_path / "somebody" / "photos"
    target.mkdir(parents=True)
    (target / "cat.jpg").write_bytes(b"x")
    with pytest.raises(InputError) as caught, folder_at_once(target, marker="case.json"):
        pass
    assert "photos" in str(caught.value)
    assert "somebody" not in str(caught.value)


def test_a_folder_in_the_place_of_an_output_is_refused_before_and_at_writing(tmp_path: Path) -> None:
    for write in (check_output, lambda path: write_text(path, "x")):
        with pytest.raises(InputError, match="folder"):
            write(tmp_path)
    assert list(tmp_path.parent.glob(f".{tmp_path.name}.*")) == []


def test_an_output_below_a_file_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match=r"plan\.json"):
        check_output(tmp_path / "file" / "plan.json")
    check_output(tmp_path / "new" / "plan.json")
    assert not (tmp_path / "new").exists()
