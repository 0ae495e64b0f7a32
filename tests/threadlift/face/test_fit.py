"""The whole way from a scan to a face, with the truth known, and every refusal on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.threadlift.face.heads import (
    HAS_DETECTOR,
    NEEDS_DETECTOR,
    head,
    true_landmarks,
    turned,
    write,
)
from threadlift.errors import InputError, MissingExtraError
from threadlift.face import detector_litert
from threadlift.face.face import Vectors
from threadlift.face.fit import FitResult, fit_face
from threadlift.face.landmark_file import read_landmarks
from threadlift.face.registration import align_exactly
from threadlift.face.scan import Scan, read_scan
from threadlift.language import Text

needs_detector = pytest.mark.skipif(not HAS_DETECTOR, reason=NEEDS_DETECTOR)
HAND = ("ex_l", "ex_r", "en_l", "en_r", "ch_l", "ch_r", "prn", "gn", "n", "sn", "al_l", "al_r", "t_l", "t_r")


def _scan(folder: Path, vertices: Vectors, name: str = "head.ply", **how: object) -> Scan:
    return read_scan(write(folder / name, vertices, head()[1]), **how)  # type: ignore[arg-type]


def _errors(result: FitResult) -> Vectors:
    """Landmark errors in mm after a rigid motion onto the truth."""
    truth = true_landmarks()
    found = np.array([result.face.landmarks_mm[name] for name in truth])
    wanted = np.array(list(truth.values()))
    return np.linalg.norm(align_exactly(found, wanted, scale=1.0).apply(found) - wanted, axis=1)


@pytest.fixture(scope="module")
def turned_in_metres(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scan, FitResult, list[float]]:
    """A scan in metres, in a random orientation, inside out."""
    folder = tmp_path_factory.mktemp("scan")
    vertices, triangles = head()
    path = write(folder / "head.stl", vertices @ turned(11).T / 1000, triangles[:, ::-1])
    told: list[float] = []
    scan = read_scan(path)
    return scan, fit_face(scan, progress=lambda text, share: told.append(share)), told


@needs_detector
def test_a_turned_inside_out_scan_in_metres_is_fitted_below_a_millimetre(
    turned_in_metres: tuple[Scan, FitResult, list[float]],
) -> None:
    _, result, told = turned_in_metres
    quality = result.face.quality
    assert quality.grade == "good"
    assert quality.core_p95_mm < 1.0
    assert quality.scale_factor == 1000.0
    assert quality.scale_source == "unit_recognised"
    assert result.face.source == "scan"
    said = " ".join(note.en for note in (*quality.notes, *result.scan_report.notes))
    assert "in m." in said
    assert "inside out" in said
    assert "did not stand upright" in said
    assert told == sorted(told)
    assert told[-1] == 1.0


@needs_detector
def test_landmarks_lie_near_the_truth_and_the_residual_is_reported(
    turned_in_metres: tuple[Scan, FitResult, list[float]],
) -> None:
    result = turned_in_metres[1]
    assert np.median(_errors(result)) < 2.0
    assert result.face.quality.landmark_residual_median_mm < 3.0
    assert result.face.quality.position_sd_mm > 2.0


@needs_detector
def test_the_face_frame_is_kept_and_the_transform_carries_both_ways(
    turned_in_metres: tuple[Scan, FitResult, list[float]],
) -> None:
    scan, result, _ = turned_in_metres
    marks = result.face.landmarks_mm
    assert abs(marks["prn"][0]) < 2
    assert marks["ex_l"][0] > 30 > -30 > marks["ex_r"][0]
    assert np.mean([marks["or_l"][1], marks["or_r"][1]]) == pytest.approx(
        np.mean([marks["t_l"][1], marks["t_r"][1]]), abs=3.0
    )
    assert marks["prn"][2] > marks["t_l"][2] + 60
    in_file = result.landmarks_in_file()["prn"]
    assert np.linalg.norm(scan.vertices - in_file, axis=1).min() < 0.003
    assert np.allclose(result.transform.apply(in_file), marks["prn"])


@needs_detector
@pytest.mark.control("C-04")
def test_a_stated_distance_sets_the_size_of_a_scan_of_unknown_unit(tmp_path: Path) -> None:
    vertices = head()[0] * 0.0271
    with pytest.raises(InputError, match="size of the scan is unknown") as caught:
        fit_face(_scan(tmp_path, vertices))
    assert "--scale-mm" in caught.value.remedy
    assert "--unit" in caught.value.remedy
    truth = true_landmarks()
    wide = float(np.linalg.norm(truth["ex_l"] - truth["ex_r"]))
    result = fit_face(_scan(tmp_path, vertices, scale_mm=wide))
    assert result.face.quality.scale_factor == pytest.approx(1 / 0.0271, rel=0.06)
    assert result.face.quality.scale_source == "distance_stated"
    marks = result.face.landmarks_mm
    assert np.linalg.norm(marks["ex_l"] - marks["ex_r"]) == pytest.approx(wide, abs=1.5)


@needs_detector
@pytest.mark.parametrize(
    ("how", "what"),
    [({"unit": "cm"}, "eye corners would lie"), ({"scale_mm": 30.0}, "eye corners would lie")],
)
@pytest.mark.control("C-04")
def test_a_contradictory_size_is_refused(tmp_path: Path, how: dict[str, object], what: str) -> None:
    with pytest.raises(InputError, match=what):
        fit_face(_scan(tmp_path, head()[0], **how))


@needs_detector
def test_a_distance_between_landmarks_that_were_not_found_asks_for_them(tmp_path: Path) -> None:
    scan = _scan(tmp_path, head()[0], scale_mm=110.0, scale_between=("go_l", "go_r"))
    with pytest.raises(InputError, match="go_l, go_r is not among the landmarks") as caught:
        fit_face(scan)
    assert "ch_l" in caught.value.remedy


@needs_detector
def test_half_a_face_is_refused_either_way(tmp_path: Path) -> None:
    vertices, triangles = head()
    half = triangles[vertices[triangles].mean(axis=1)[:, 0] > -5]
    scan = read_scan(write(tmp_path / "half.ply", vertices, half))
    try:
        assert fit_face(scan).face.quality.grade == "refused"
    except InputError as error:
        assert "face" in error.message


def test_without_a_detector_enough_landmarks_by_hand_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detector_litert, "find_spec", lambda name: None)
    detector_litert._interpreter.cache_clear()
    scan = _scan(tmp_path, head()[0] / 10)
    with pytest.raises(MissingExtraError, match="landmarks") as caught:
        fit_face(scan)
    assert "5 landmarks" in caught.value.remedy
    truth = true_landmarks()
    result = fit_face(scan, landmarks={name: truth[name] / 10 for name in HAND})
    assert result.engine == ""
    assert result.face.quality.grade == "good"
    assert np.median(_errors(result)) < 2.0
    four = {name: truth[name] / 10 for name in HAND[:4]}
    with pytest.raises(MissingExtraError):
        fit_face(scan, landmarks=four)


@needs_detector
def test_a_landmark_corrected_by_hand_wins_over_the_detected_one(tmp_path: Path) -> None:
    scan = _scan(tmp_path, head()[0])
    truth = true_landmarks()
    wanted = truth["ch_l"] + np.array([-3.0, 0.0, 0.5])
    result = fit_face(scan, landmarks={"ch_l": wanted})
    assert np.linalg.norm(result.landmarks_in_file()["ch_l"] - wanted) < 1.5
    assert "1 landmarks were set by hand" in " ".join(note.en for note in result.scan_report.notes)


def test_a_landmark_beside_the_scan_is_refused_by_name(tmp_path: Path) -> None:
    scan = _scan(tmp_path, head()[0])
    with pytest.raises(InputError, match="prn: not on the scan"):
        fit_face(scan, landmarks={"prn": np.array([0.0, 0.0, 300.0])})


@needs_detector
def test_what_the_progress_raises_ends_the_work(tmp_path: Path) -> None:
    def stop(text: Text, share: float) -> None:
        if share > 0:
            raise KeyboardInterrupt(text.vi)

    with pytest.raises(KeyboardInterrupt):
        fit_face(_scan(tmp_path, head()[0]), progress=stop)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("[landmarks]\nnose = [1, 2, 3]\n", "unknown landmark nose"),
        ("[landmarks]\nprn = [1, 2]\n", "landmarks.prn"),
        ("[landmarks]\nprn = [1, 2, nan]\n", r"landmarks\.prn\.2: is not a finite"),
        ("[landmarks]\n", "landmarks"),
        ("[points]\nprn = [1, 2, 3]\n", "unknown key"),
        ("landmarks = [", "not valid TOML"),
    ],
)
def test_a_wrong_landmark_file_is_refused_by_key(tmp_path: Path, content: str, what: str) -> None:
    path = tmp_path / "marks.toml"
    path.write_text(content)
    with pytest.raises(InputError, match=what):
        read_landmarks(path)


def test_landmark_files_are_read_as_toml_and_json(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[landmarks]\nprn = [1, 2.5, -3]\n")
    (tmp_path / "a.json").write_text('{"landmarks": {"prn": [1, 2.5, -3]}}')
    for name in ("a.toml", "a.json"):
        assert read_landmarks(tmp_path / name)["prn"].tolist() == [1, 2.5, -3]
