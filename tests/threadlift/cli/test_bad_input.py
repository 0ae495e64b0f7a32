"""What people really hand in, through the command line: each a clear refusal or a result with a note.

Scans are the demonstration scan, transformed. The rooms test their own readers; here the whole way is shown,
with exit code, one line of explanation, and nothing left behind.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fast_simplification
import numpy as np
import pytest
import trimesh

from tests.threadlift.case.demo import ON, copy_of, intake_with, plan
from tests.threadlift.cli.runner import DEMO_INTAKE, DEMO_SCAN, ROOT, Answer, assert_refused, run
from tests.threadlift.face.heads import HAS_DETECTOR, NEEDS_DETECTOR
from threadlift.case import build
from threadlift.face.storage import load_face

Mesh = tuple[np.ndarray, np.ndarray]
NEEDS_FINDING = pytest.mark.skipif(not HAS_DETECTOR, reason=NEEDS_DETECTOR)


@cache
def demo_mesh() -> Mesh:
    """Vertices in mm and triangles of the demonstration scan."""
    mesh = trimesh.load(DEMO_SCAN, process=False)
    return np.array(mesh.vertices), np.array(mesh.faces)


@cache
def coarse_mesh() -> Mesh:
    """The same with a sixth of the triangles: as good for what is refused, and faster."""
    vertices, triangles = demo_mesh()
    made = fast_simplification.simplify(
        vertices.astype(np.float32), triangles.astype(np.int32), target_count=10_000
    )
    return np.asarray(made[0], float), np.asarray(made[1], np.int64)


def write(path: Path, vertices: np.ndarray, triangles: np.ndarray) -> Path:
    """A mesh file in the format of its ending."""
    trimesh.Trimesh(vertices, triangles, process=False).export(path)
    return path


def refuse_scan(tmp_path: Path, scan: Path, *words: str, options: tuple[object, ...] = ()) -> None:
    """``threadlift plan`` refuses ``scan`` in these words and leaves nothing beside it."""
    before = sorted(path.name for path in tmp_path.iterdir())
    assert_refused(plan(tmp_path / "case", *options, scan=scan), *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def _nothing(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    content = DEMO_SCAN.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _text(path: Path) -> None:
    path.write_text("A letter, not a scan.\n" * 50)


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("scan.txt", "x" * 1000)


def _picture(path: Path) -> None:
    path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40)


def _one_triangle(path: Path) -> None:
    write(path, np.eye(3) * 100, np.array([[0, 1, 2]]))


def _no_numbers(path: Path) -> None:
    vertices, triangles = coarse_mesh()
    write(path, vertices * np.nan, triangles)


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("none.ply", lambda path: None, ["no such file", "Check the path"]),
        ("folder.ply", Path.mkdir, ["is a folder", "Name the file"]),
        ("blank.ply", _nothing, ["the file is empty", "Export the scan again"]),
        ("cut.ply", _cut, ["truncated", "Export the scan again"]),
        ("letter.ply", _text, ["no mesh", "PLY, OBJ, STL or GLB"]),
        ("archive.glb", _zip, ["no mesh", "PLY, OBJ, STL or GLB"]),
        ("photo.obj", _picture, ["no mesh", "PLY, OBJ, STL or GLB"]),
        ("tiny.ply", _one_triangle, ["too coarse", "500 triangles"]),
        ("nan.ply", _no_numbers, ["no usable triangles", "Export the scan again"]),
    ],
)
@pytest.mark.control("C-21")
def test_a_file_that_is_no_scan_is_refused_by_what_it_is(
    tmp_path: Path, name: str, make: Callable[[Path], None], words: list[str]
) -> None:
    make(tmp_path / name)
    refuse_scan(tmp_path, tmp_path / name, name, *words)


@NEEDS_FINDING
@pytest.mark.control("C-04")
@pytest.mark.parametrize("size", [0.37, 1 / 88])
def test_a_scan_of_unknown_size_is_asked_about_not_guessed(tmp_path: Path, size: float) -> None:
    vertices, triangles = coarse_mesh()
    scan = write(tmp_path / "scan.ply", vertices * size, triangles)
    refuse_scan(tmp_path, scan, "size of the scan is unknown", "--unit", "--scale-mm")


@NEEDS_FINDING
@pytest.mark.control("C-04")
def test_a_wrongly_stated_unit_is_refused_with_what_was_measured(tmp_path: Path) -> None:
    scan = write(tmp_path / "scan.ply", *coarse_mesh())
    refuse_scan(tmp_path, scan, "unit", options=("--unit", "cm"))


@NEEDS_FINDING
def test_a_ball_shows_no_face(tmp_path: Path) -> None:
    ball = trimesh.creation.icosphere(subdivisions=4, radius=90.0)
    scan = write(tmp_path / "ball.ply", np.asarray(ball.vertices), np.asarray(ball.faces))
    refuse_scan(tmp_path, scan, "no face was found", "--landmarks")


@NEEDS_FINDING
@pytest.mark.control("C-05")
def test_half_a_face_carries_no_plan(tmp_path: Path) -> None:
    vertices, triangles = coarse_mesh()
    across = vertices[triangles].mean(axis=1)[:, 0]
    scan = write(tmp_path / "half.ply", vertices, triangles[across > np.median(across)])
    answer = plan(tmp_path / "case", scan=scan)
    assert answer.code == 2, answer
    assert "cannot carry a plan" in answer.err and "worse half of the face" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["half.ply"]


@NEEDS_FINDING
def test_a_scan_with_every_fault_that_can_be_mended_is_fitted_and_each_is_noted(tmp_path: Path) -> None:
    vertices, triangles = demo_mesh()
    damaged = vertices * [1, -1, 1] / 1000  # upside down, mirrored and so inside out, in metres
    damaged[::700] = np.nan
    thrice = np.vstack([triangles, [[*triangles[0, :2], 5000]]])  # an edge with three triangles
    scan = write(tmp_path / "scan.ply", damaged, thrice)
    answer = run("fit", scan, "-o", tmp_path / "face.npz", "--json")
    assert answer.code == 0, answer
    notes = " ".join(note["en"] for note in answer.json["report"]["notes"])
    for words in ("upright", "without a usable position", "inside out", "more than two triangles", "mirror"):
        assert words in notes, words
    scale = " ".join(note["en"] for note in answer.json["quality"]["notes"])
    assert "in m." in scale
    assert load_face(tmp_path / "face.npz").quality.grade in ("good", "usable")


@pytest.mark.slow
@NEEDS_FINDING
def test_two_million_triangles_are_reduced_with_a_note(tmp_path: Path) -> None:
    vertices, triangles = demo_mesh()
    for _ in range(3):
        vertices, triangles = trimesh.remesh.subdivide(vertices, triangles)
    fine = fast_simplification.simplify(
        vertices.astype(np.float32), triangles.astype(np.int32), target_count=2_000_000
    )
    scan = write(tmp_path / "scan.ply", fine[0], fine[1])
    answer = run("fit", scan, "-o", tmp_path / "face.npz", "--json")
    assert answer.code == 0, answer
    report = answer.json["report"]
    assert report["triangles_read"] > 1_990_000 and report["triangles_kept"] < 500_000
    assert any("reduced" in note["en"] for note in report["notes"])
    assert answer.json["quality"]["core_p95_mm"] < 0.5


@pytest.mark.control("C-19")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"age_years": "300"}, ["patient.age_years", "0 and 120"]),
        ({"age_years": '"47 years"'}, ["patient.age_years", "number"]),
        ({"systolic_mmhg": "70"}, ["vital_signs", "systolic_mmhg", "diastolic_mmhg"]),
        ({"temperature_c": "97.9"}, ["vital_signs.temperature_c", "Celsius"]),
        ({"height_cm": "1.58"}, ["patient.height_cm", "not metres"]),
        ({"weight_kg": "nan"}, ["patient.weight_kg"]),
        ({"answered_on": "2027-11-20"}, ["answered_on", "after the day"]),
        ({"measured_on": '"yesterday"'}, ["vital_signs.measured_on", "date"]),
        ({"smokes": "'perhaps'"}, ["habits.smokes", "unknown"]),
        ({"smokes = 1\nsmokers": "1"}, ["habits.smokers", "unknown key"]),
        ({"goals": '["jowls"]'}, ["goals.0", "jowl"]),
        ({"market": '"Vietnam"'}, ["patient.market", "VN"]),
        ({"schema": '"threadlift.intake/9"'}, ["schema", "threadlift.intake/1"]),
    ],
)
def test_an_intake_that_cannot_be_is_refused_by_its_key_before_the_scan_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], words: list[str]
) -> None:
    monkeypatch.setattr(build, "read_scan", None)
    intake = _changed_intake(tmp_path / "intake.toml", changes)
    for answer in (plan(tmp_path / "case", intake=intake), run("screen", intake, "--on", ON)):
        assert_refused(answer, *words)
    assert [path.name for path in tmp_path.iterdir()] == ["intake.toml"]


def _changed_intake(path: Path, changes: dict[str, str]) -> Path:
    if any("\n" in key for key in changes):
        text = DEMO_INTAKE.read_text(encoding="utf-8").replace("smokes = ", "smokers = ")
        path.write_text(text, encoding="utf-8")
        return path
    return intake_with(path, **changes)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("intake.toml", b"[patient\n", ["not valid TOML or JSON", "line 1"]),
        ("intake.json", b'{"patient": {"age_years": 47}', ["not valid TOML or JSON"]),
        ("intake.json", b"[]", ["named values"]),
        ("intake.toml", b"\xff\xfe\x00\x01", ["not UTF-8"]),
        ("intake.toml", b"", ["schema"]),
        ("intake.toml", b"age_years = 47\nage_years = 48\n", ["not valid TOML or JSON"]),
    ],
)
def test_a_malformed_intake_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes, words: list[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    assert_refused(plan(tmp_path / "case", intake=tmp_path / name), name, *words)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.fixture
def edited(demo_case: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the demonstration case with its first thread changed by hand."""

    def edit(**changes: Any) -> Path:
        case = copy_of(demo_case, tmp_path / "case")
        value = json.loads((case / "plan.json").read_text(encoding="utf-8"))
        value["threads"][0].update(changes)
        (case / "plan.json").write_text(json.dumps(value), encoding="utf-8")
        return case

    return edit


@pytest.mark.control("C-20")
def test_an_unknown_thread_stops_the_check_and_is_refused_where_a_number_is_needed(
    edited: Callable[..., Path],
) -> None:
    case = edited(kind="pdo_magic")
    checked = run("check", case, "--json")
    assert checked.code == 1
    assert any("pdo_magic" in f["what"]["en"] for f in checked.json["findings"] if f["severity"] == "stop")
    for command in ("simulate", "quote"):
        assert_refused(run(command, case), "pdo_magic", "Did you mean")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"path": [{"landmark": "nose"}, {"landmark": "ch"}]}, ["nose", "landmark"]),
        ({"path": [{"landmark": "t"}]}, ["threads.0.path", "2 items"]),
        ({"path": [{"at_mm": [1e9, 0, 0]}, {"landmark": "ch"}]}, ["threads.0.path.0.at_mm"]),
        ({"tension_n": -1}, ["threads.0.tension_n"]),
        ({"tension_n": 500}, ["threads.0.tension_n"]),
        ({"plane": "bone"}, ["threads.0.plane", "sub_smas"]),
        ({"side": "middle"}, ["threads.0.side", "left"]),
        ({"colour": "red"}, ["threads.0.colour", "unknown key"]),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_its_key(
    edited: Callable[..., Path], changes: dict[str, Any], words: list[str]
) -> None:
    case = edited(**changes)
    for command in ("check", "simulate"):
        assert_refused(run(command, case), *words)


def test_an_entry_off_the_face_is_a_stop_in_check_and_simulate(
    edited: Callable[..., Path], demo_case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threadlift.cli.simulate.simulate_threads", _no_lift)
    value = json.loads((demo_case / "plan.json").read_text(encoding="utf-8"))
    case = edited(path=[{"at_mm": [300.0, 0.0, 0.0]}, *value["threads"][0]["path"][1:]])
    for command in ("check", "simulate"):
        answer = run(command, case, "--json")
        assert answer.code == 1
        findings = answer.json["findings"] if command == "check" else answer.json["lift"]["findings"]
        off = next(finding for finding in findings if finding["rule"] == "entry_off_face")
        assert off["severity"] == "stop" and "off the skin" in off["what"]["en"]


def _no_lift(model: Any, threads: object) -> Any:
    return model.lift([])


@pytest.mark.control("C-24")
def test_a_thread_without_a_price_is_refused_by_name(tmp_path: Path, demo_case: Path) -> None:
    prices = tmp_path / "prices.toml"
    blocks = re.split(r"(?m)^(?=\[\[)", (ROOT / "examples/prices.toml").read_text(encoding="utf-8"))
    kept = [block for block in blocks if not block.startswith("[[thread]]") or "T-PDO-MONO" in block]
    assert len(kept) < len(blocks)
    prices.write_text("".join(kept), encoding="utf-8")
    kind = json.loads((demo_case / "plan.json").read_text(encoding="utf-8"))["threads"][0]["kind"]
    assert_refused(run("quote", demo_case, "--prices", prices), "price", kind)


@pytest.mark.control("C-11")
@pytest.mark.parametrize("months", ["25", "60"])
def test_nothing_is_expected_past_24_months(tmp_path: Path, months: str) -> None:
    wish = tmp_path / "safety.toml"
    wish.write_text(
        f'schema = "threadlift.safety/1"\n[expectation]\nmonths = {months}\nmaterial = "pcl"\n',
        encoding="utf-8",
    )
    answer = run("safety", wish, "--json")
    assert answer.code == 1 and answer.json["worst"] == "stop"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["aftercare", DEMO_INTAKE, "--date", "2026-02-30"], ["--date"]),
        (["screen", DEMO_INTAKE, "--on", "2026-02-30"], ["--on"]),
        (["quote", "CASE", "--currency", "doge"], ["--currency", "VND"]),
        (["quote", "CASE", "--laxity", "9"], ["--laxity"]),
        (["quote", "CASE", "--since", DEMO_INTAKE], ["intake.toml"]),
        (["compare", "CASE", "--lang", "fr"], ["--lang"]),
        (["triage", DEMO_INTAKE], ["intake.toml", "schema"]),
        (["safety", DEMO_INTAKE], ["intake.toml", "schema"]),
        (["screen", ROOT / "examples/prices.toml"], ["prices.toml", "schema"]),
        (["check", DEMO_INTAKE, "--face", "CASE/face.npz"], ["intake.toml"]),
        (["check", "CASE", "--face", DEMO_SCAN], ["scan.ply", "not a face file"]),
        (["simulate", "CASE", "--intake", "CASE/plan.json"], ["plan.json"]),
        (["serve", "CASE/kept"], ["report.html"]),
    ],
)
def test_options_and_files_in_the_wrong_place_are_refused(
    demo_case: Path, arguments: list[object], words: list[str]
) -> None:
    answer: Answer = run(*(str(word).replace("CASE", str(demo_case)) for word in arguments))
    assert_refused(answer, *words)
