"""``threadlift fit``: answers, exit codes, nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.threadlift.face.heads import HAS_DETECTOR, NEEDS_DETECTOR, head, true_landmarks, write
from threadlift.cli import fit as command
from threadlift.cli.app import app
from threadlift.errors import InputError
from threadlift.face.face import Face, FaceQuality
from threadlift.face.fit import FitResult
from threadlift.face.registration import Similarity
from threadlift.face.scan import Scan
from threadlift.face.storage import load_face
from threadlift.face.template import load_template

HAND = ("ex_l", "ex_r", "ch_l", "ch_r", "prn", "gn", "n", "t_l", "t_r")


def _run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["fit", *map(str, arguments)], catch_exceptions=False)
    return result.exit_code, result.stdout


@pytest.mark.skipif(not HAS_DETECTOR, reason=NEEDS_DETECTOR)
def test_a_scan_is_fitted_and_the_json_tells_quality_report_and_landmarks(tmp_path: Path) -> None:
    scan = write(tmp_path / "head.ply", *head())
    marks = tmp_path / "marks.json"
    places = {name: list(point) for name, point in true_landmarks().items() if name in HAND}
    marks.write_text(json.dumps({"landmarks": places}))
    code, text = _run(scan, "-o", tmp_path / "face.npz", "--unit", "mm", "--landmarks", marks, "--json")
    assert code == 0
    answer = json.loads(text)
    assert answer["quality"]["grade"] == "good"
    assert answer["report"]["file_format"] == "ply"
    assert set(answer["landmarks_mm"]) == set(answer["landmarks_in_file"]) == set(load_template().landmarks)
    saved = load_face(tmp_path / "face.npz")
    assert np.allclose(saved.landmarks_mm["prn"], answer["landmarks_mm"]["prn"], atol=0.02)


def _refused(scan: Scan, **_: object) -> FitResult:
    template = load_template()
    quality = FaceQuality(grade="refused", scale_source="unit_stated", position_sd_mm=2.0)
    face = Face(
        template.vertices_mm,
        template.place_landmarks(template.vertices_mm),
        "scan",
        template.version,
        quality,
    )
    return FitResult(face, scan.report, Similarity(np.eye(3), np.zeros(3)), {}, "")


@pytest.mark.parametrize(("language", "word"), [("en", "refused"), ("vi", "từ chối")])
def test_a_refused_fit_ends_with_1_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    monkeypatch.setattr(command, "fit_face", _refused)
    scan = write(tmp_path / "head.ply", *head())
    code, text = _run(scan, "-o", tmp_path / "face.npz", "--lang", language)
    assert code == 1
    assert word in text
    assert [path.name for path in tmp_path.iterdir()] == ["head.ply"]


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--unit", "miles"], "unknown unit"),
        (["--scale-mm", "88", "--scale-between", "ex_l"], "two landmark ids"),
        (["--scale-mm", "-1"], "no distance"),
        (["--lang", "fr"], "unknown language"),
        (["--landmarks", "none.toml"], "no such file"),
    ],
)
def test_wrong_options_are_unusable_input(tmp_path: Path, arguments: list[str], what: str) -> None:
    scan = write(tmp_path / "head.ply", *head())
    with pytest.raises(InputError, match=what):
        _run(scan, "-o", tmp_path / "face.npz", *arguments)
    assert not (tmp_path / "face.npz").exists()
