"""Live responses on disk: whole or absent, never wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.threadlift.tissue.live.builders import small_part, small_threads
from threadlift.errors import InputError
from threadlift.tissue import memory, nominal_parameters
from threadlift.tissue.live import CancelledError, LivePlan, LiveResponse, live_key
from threadlift.tissue.live import response as live_response
from threadlift.tissue.live.operators import eliminate
from threadlift.tissue.live.store import evict, live_path, load_live, store_live
from threadlift.tissue.verification.demonstration import demonstration_anatomy

PART = small_part()
FACE = live_response.compute_live(PART, "float32")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often a response was computed."""
    calls: list[str] = []

    def compute(part: object, precision: str, *rest: object) -> object:
        calls.append(precision)
        return FACE

    monkeypatch.setattr(live_response, "compute_live", compute)
    return calls


def moved(response: LiveResponse) -> np.ndarray:
    return LivePlan(response, small_threads(2)).frame().displacement_mm


def test_a_stored_response_is_mapped_and_answers_the_same(tmp_path: Path, counted: list[str]) -> None:
    first = moved(LiveResponse.of_part(PART, "a", tmp_path))
    again = LiveResponse.of_part(PART, "a", tmp_path)
    assert len(counted) == 1
    assert np.array_equal(moved(again), first)
    base = again.face.operators.fronts[0].inverse
    while base.base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    assert again.face.restraints.ids == PART.restraints.ids
    assert [path.suffix for path in tmp_path.iterdir()] == [".bin"]


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "text", "longer", "header"])
def test_a_damaged_file_is_computed_again(tmp_path: Path, counted: list[str], damage: str) -> None:
    before = moved(LiveResponse.of_part(PART, "a", tmp_path))
    path = live_path(tmp_path, "a", "float32")
    content = bytearray(path.read_bytes())
    if damage == "changed":
        content[len(content) // 2] ^= 0x01
    damaged = {
        "cut": content[:-5000],
        "changed": content,
        "empty": b"",
        "text": b"hello",
        "longer": content + b"x",
        "header": content.replace(b'"checksum"', b'"checksim"', 1),
    }
    path.write_bytes(damaged[damage])
    assert np.array_equal(moved(LiveResponse.of_part(PART, "a", tmp_path)), before)
    assert len(counted) == 2
    assert load_live(tmp_path, "a", "float32") is not None


def test_a_file_of_another_face_in_its_place_is_not_used(tmp_path: Path, counted: list[str]) -> None:
    LiveResponse.of_part(PART, "a", tmp_path)
    live_path(tmp_path, "a", "float32").rename(live_path(tmp_path, "b", "float32"))
    assert load_live(tmp_path, "b", "float32") is None
    LiveResponse.of_part(PART, "b", tmp_path)
    assert len(counted) == 2


def test_face_parameters_and_extent_are_part_of_the_key() -> None:
    anatomy, nominal = demonstration_anatomy(), nominal_parameters()
    keys = {
        live_key(anatomy, nominal, "left"),
        live_key(anatomy, nominal, "full"),
        live_key(anatomy, nominal.times(young_fat=1.1), "left"),
    }
    assert len(keys) == 3 and live_key(anatomy, nominal, "left") in keys


def test_a_stored_face_opens_without_a_solver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anatomy, nominal = demonstration_anatomy(), nominal_parameters()
    key = live_key(anatomy, nominal, "left")
    store_live(tmp_path, key, "float32", FACE)
    monkeypatch.setattr(live_response, "layered_mesh", lambda *_: PART.mesh)
    monkeypatch.setattr(live_response, "build_part", lambda *_: pytest.fail("was built again"))
    opened = LiveResponse.open(anatomy, nominal, tmp_path, extent="left")
    assert np.abs(moved(opened)).max() > 0.1


def test_a_folder_that_cannot_be_written_leaves_the_response_in_memory(
    tmp_path: Path, counted: list[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    assert np.abs(moved(LiveResponse.of_part(PART, "a", blocked / "live"))).max() > 0.1


def test_a_folder_that_may_only_be_read_answers_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    store_live(tmp_path, "a", "float32", FACE)
    monkeypatch.setattr(os, "utime", refused)
    assert load_live(tmp_path, "a", "float32") is not None


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert store_live(tmp_path, "a", "float32", FACE) is None
    assert not list(tmp_path.iterdir())


def test_cancelling_writes_nothing_and_tells_so(tmp_path: Path) -> None:
    shares: list[float] = []
    with pytest.raises(CancelledError, match="cancelled"):
        LiveResponse.of_part(PART, "a", tmp_path, progress=shares.append, cancel=lambda: len(shares) >= 3)
    assert len(shares) == 3 and 0 < shares[0] < shares[2] < 1
    assert not list(tmp_path.iterdir())
    LiveResponse.of_part(PART, "a", tmp_path, progress=shares.append)
    assert shares[-1] == 1.0 and shares[3:] == sorted(shares[3:])


def test_a_process_killed_while_it_writes_leaves_a_folder_that_heals(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from tests.threadlift.tissue.live.builders import small_part\n"
        "from threadlift.tissue.live import LiveResponse\n"
        "os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)\n"
        "LiveResponse.of_part(small_part(), 'a', Path(sys.argv[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=120)
    assert done.returncode != 0
    (left,) = tmp_path.iterdir()
    assert ".part-" in left.name
    assert load_live(tmp_path, "a", "float32") is None
    store_live(tmp_path, "b", "float32", FACE)
    assert left.exists()  # it may still be written
    os.utime(left, (1000, 1000))
    live_path(tmp_path, "b", "float32").unlink()
    store_live(tmp_path, "a", "float32", FACE)
    assert [path.name for path in tmp_path.iterdir()] == ["live-a-float32.bin"]


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    for age, key in enumerate("abc"):
        store_live(tmp_path, key, "float32", FACE)
        os.utime(live_path(tmp_path, key, "float32"), (1000 + age, 1000 + age))
    size = live_path(tmp_path, "a", "float32").stat().st_size
    load_live(tmp_path, "a", "float32")  # now the newest
    evict(tmp_path, most_bytes=2 * size)
    assert {path.name[5] for path in tmp_path.iterdir()} == {"a", "c"}
    evict(tmp_path, keep=live_path(tmp_path, "c", "float32"), most_bytes=1)
    assert {path.name[5] for path in tmp_path.iterdir()} == {"c"}


def test_too_little_memory_is_refused_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: 3_000_000)
    with pytest.raises(InputError, match="MiB are free"):
        live_response.compute_live(PART, "float32")
    monkeypatch.setattr(memory, "free_bytes", lambda: 300_000_000)
    assert live_response.compute_live(PART, "float32").operators.unknowns == 192 * 21


def test_a_singular_model_is_refused() -> None:
    from scipy import sparse

    from threadlift.tissue.live.dissection import Front

    front = Front(np.array([0]), np.array([], dtype=np.int64), -1, (), 1)
    loose = sparse.csr_array(np.array([[1.0, -1.0], [-1.0, 1.0 - 1e-9]]))
    with pytest.raises(InputError, match="singular"):
        eliminate(loose, [front], lambda columns: np.arange(2 * len(columns)), np.float64)
