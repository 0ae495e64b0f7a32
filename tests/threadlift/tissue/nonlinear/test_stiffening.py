"""The parameters of stiffening."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.tissue.mesh import Layer
from threadlift.tissue.nonlinear import stiffening
from threadlift.tissue.nonlinear.stiffening import nominal_stiffening


def tangent_modulus(b: float, stretch: float) -> float:
    """Of an incompressible bar over its shear modulus: d/da of exp(b (I1 - 3)) (a - a^-2)."""

    def stress(a: float) -> float:
        return float(np.exp(b * (a * a + 2 / a - 3)) * (a - a**-2))

    return (stress(stretch + 1e-5) - stress(stretch - 1e-5)) / 2e-5


def test_skin_is_ten_times_as_stiff_at_40_per_cent_as_at_10() -> None:
    skin = nominal_stiffening()[Layer.SKIN]
    assert tangent_modulus(skin, 1.4) / tangent_modulus(skin, 1.1) == pytest.approx(10, rel=0.02)


def test_smas_is_ten_times_as_stiff_at_30_per_cent_as_at_rest() -> None:
    assert tangent_modulus(nominal_stiffening()[Layer.SMAS], 1.3) / 3 == pytest.approx(10, rel=0.02)


def test_every_layer_lies_within_its_range() -> None:
    for entry in load_data("threadlift.tissue", "nonlinear.toml")["stiffening"]:
        assert entry["range"][0] <= entry["value"] <= entry["range"][1]


def test_a_layer_left_out_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data: dict[str, Any] = load_data("threadlift.tissue", "nonlinear.toml")
    data["stiffening"].pop()
    monkeypatch.setattr(stiffening, "load_data", lambda *names: data)
    with pytest.raises(RuleDataError, match="each layer"):
        nominal_stiffening.__wrapped__()
