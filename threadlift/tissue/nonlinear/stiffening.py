"""How much each layer stiffens with strain, from ``data/nonlinear.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.tissue.mesh import Layer, TissueMesh
from threadlift.tissue.wedge import Floats

Stiffening = Mapping[Layer, float]
NO_STIFFENING: Stiffening = dict.fromkeys(Layer, 0.0)


@cache
def nominal_stiffening() -> Stiffening:
    """b of each layer in psi = mu / (2 b) (exp(b (I1bar - 3)) - 1)."""
    entries = load_data("threadlift.tissue", "nonlinear.toml")["stiffening"]
    found = {Layer[entry["layer"].upper()]: float(entry["value"]) for entry in entries}
    if set(found) != set(Layer) or min(found.values()) < 0:
        raise RuleDataError("tissue/data/nonlinear.toml: each layer needs one stiffening of zero or more")
    return found


def wedge_stiffening(mesh: TissueMesh, stiffening: Stiffening) -> Floats:
    """b of each wedge (m,)."""
    by_layer = np.array([stiffening[layer] for layer in sorted(Layer)])
    return np.asarray(by_layer[mesh.layer])
