"""What is not known about the tissue of a face, as a joint distribution of parameter factors."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from threadlift.files import load_data
from threadlift.language import Text
from threadlift.tissue.parameter import parameter_spread

Floats = NDArray[np.float64]
LARGEST_SD = 2.5  # draws are cut there: beyond it parameters leave what the literature thinks possible


@cache
def prior_spread() -> dict[str, float]:
    """Standard deviation of the natural logarithm of every sampled parameter, those of the tissue first."""
    return {**parameter_spread(), **{name: float(entry["sd_ln"]) for name, entry in _extra().items()}}


@cache
def parameter_names() -> dict[str, Text]:
    """What each sampled parameter is called."""
    entries = {entry["id"]: entry for entry in load_data("threadlift.tissue", "parameters.toml")["parameter"]}
    return {
        name: Text.model_validate((_extra() | entries)[name].get("name", {"en": name, "vi": name}))
        for name in prior_spread()
    }


def draw_logs(samples: int, seed: int) -> Floats:
    """Logarithms (samples, parameters) of parameter factors, in the order of ``prior_spread``."""
    spread = np.array(list(prior_spread().values()))
    normal = np.random.default_rng(seed).standard_normal((samples, len(spread)))
    return np.asarray(spread * normal.clip(-LARGEST_SD, LARGEST_SD))


def draw_people(samples: int, people: int, seed: int) -> tuple[Floats, tuple[Floats, ...]]:
    """What is common to several people (samples, parameters) as standard normals, and the logarithms
    (samples, parameters) of each. One person has everything in common with himself.
    """
    spread = np.array(list(prior_spread().values()))
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((samples, len(spread)))
    share = 1.0
    if people > 1:
        share = float(load_data("threadlift.tissue", "reduced.toml")["people"][0]["shared"])
    drawn = []
    for _ in range(people):
        own = rng.standard_normal((samples, len(spread)))
        mixed = np.sqrt(share) * common + np.sqrt(1 - share) * own
        drawn.append(np.asarray(spread * mixed.clip(-LARGEST_SD, LARGEST_SD)))
    return common, tuple(drawn)


def reduction_error() -> float:
    """Standard deviation of the logarithm of reduced over full lift."""
    return float(load_data("threadlift.tissue", "reduced.toml")["error"][0]["sd_ln"])


def _extra() -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in load_data("threadlift.tissue", "reduced.toml")["parameter"]}
