"""Memory is asked for before a factorisation starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import sparse

from threadlift.errors import InputError
from threadlift.tissue import memory
from threadlift.tissue.memory import BYTES_PER_ENTRY, free_bytes, require_memory
from threadlift.tissue.solver import Factorisation


def allow(monkeypatch: pytest.MonkeyPatch, size: int | None) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: size)


def test_a_model_that_fits_exactly_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 1000 * BYTES_PER_ENTRY["pardiso"])
    require_memory(1000, 300, "pardiso")


def test_a_model_that_does_not_fit_is_refused_with_both_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 500 * 2**20)
    with pytest.raises(InputError, match=r"about 801 MiB .* 116,403 unknowns, and 500 MiB are free"):
        require_memory(8_000_000 * 105 // 110, 116_403, "pardiso")


def test_a_factorisation_is_not_begun_without_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 100)
    with pytest.raises(InputError, match="MiB of memory"):
        Factorisation(sparse.csr_array(sparse.eye_array(30)), "superlu")


def test_a_system_that_does_not_tell_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, None)
    require_memory(10**12, 10**9, "superlu")


def test_the_least_of_what_is_known_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    most, used = tmp_path / "max", tmp_path / "current"
    monkeypatch.setattr(memory, "_CONTAINER", (most, used))
    monkeypatch.setattr(memory, "_CONTAINER_STAT", tmp_path / "stat")
    unlimited = free_bytes()
    assert unlimited is not None and unlimited > 0
    most.write_text("3000\n")
    used.write_text("1000\n")
    assert free_bytes() == 2000
    most.write_text("max\n")
    assert free_bytes() != 2000


def test_files_that_a_container_only_keeps_at_hand_do_not_count_as_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, content in (("max", "3000"), ("current", "2900"), ("stat", "anon 100\ninactive_file 2500\n")):
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(memory, "_CONTAINER", (tmp_path / "max", tmp_path / "current"))
    monkeypatch.setattr(memory, "_CONTAINER_STAT", tmp_path / "stat")
    assert memory._container_bytes() == 2600
    (tmp_path / "stat").write_text("anon 100\n")
    assert memory._container_bytes() == 100


def test_all_memory_counts_where_free_memory_is_not_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "none")
    physical = memory._system_bytes()
    assert physical is not None and physical > 2**28
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   7 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    assert memory._system_bytes() == 7 * 1024
