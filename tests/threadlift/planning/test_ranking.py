"""What a prediction hangs on: variance shared out over the unknowns."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, sobol_indices

from tests.threadlift.planning.builders import LinearModel, template_face
from threadlift.errors import InputError
from threadlift.planning.plan import PlannedThread
from threadlift.planning.ranking import rank_unknowns, samples_needed, sobol_from_samples
from threadlift.planning.sampling import LiftSamples, draw_lift
from threadlift.planning.technique import place_technique
from threadlift.threads import load_catalogue

COG = "pdo_cog_moulded_2_0"


def surface(z: np.ndarray) -> np.ndarray:
    """A curved function of three unknowns (3, n); the third acts only together with the first."""
    return 1.5 * z[0] + 0.8 * z[1] + 0.3 * z[1] ** 2 + 0.5 * z[0] * z[2]


def drawn(samples: int = 600, *, seed: int = 1) -> LiftSamples:
    (thread, *_) = place_technique("jowl_temple", template_face(), "left", kind=COG)
    threads = [PlannedThread.model_validate(thread.model_dump() | {"id": "jowl_temple-L1"})]
    point = np.zeros((1, 3, 3))
    point[0, :, 1] = [1.0, 0.8, 0.01]
    model = LinearModel(("jowl_temple-L1",), ("jowl_l", "nlf_l", "gn"), point)
    kinds = load_catalogue().kinds
    return draw_lift(threads, kinds, model, position_sd_mm=1.0, model_sd_ln=0.1, samples=samples, seed=seed)


def test_indices_are_those_of_saltelli_sampling() -> None:
    rng = np.random.default_rng(2)
    z = rng.standard_normal((3, 2000))
    ours = sobol_from_samples({str(i): row for i, row in enumerate(z)}, surface(z))
    theirs = sobol_indices(func=surface, n=4096, dists=[norm()] * 3, rng=np.random.default_rng(3))
    assert list(ours.first.values()) == pytest.approx(theirs.first_order, abs=0.03)
    assert list(ours.total.values()) == pytest.approx(theirs.total_order, abs=0.03)
    assert ours.rest < 0.02


def test_noise_is_nobodys_share() -> None:
    rng = np.random.default_rng(4)
    z = rng.standard_normal((3, 3000))
    found = sobol_from_samples({str(i): row for i, row in enumerate(z)}, z[0] + rng.standard_normal(3000))
    assert found.first["0"] == pytest.approx(0.5, abs=0.05)
    assert found.first["1"] < 0.01 and found.first["2"] < 0.01
    assert found.rest == pytest.approx(0.5, abs=0.05)


def test_too_few_samples_are_not_ranked() -> None:
    with pytest.raises(InputError, match="too few"):
        sobol_from_samples({"a": np.zeros(5)}, np.zeros(5))
    few = drawn(samples=60)
    assert samples_needed(len(few.drivers)) > 60
    assert rank_unknowns(few, ("jowl",), (0.0, 12.0)) == ()


def test_the_known_shares_of_a_simple_model_come_back() -> None:
    now, later = rank_unknowns(drawn(1500), ("jowl",), (0.0, 12.0))
    assert now.landmarks == ("jowl_l",)
    alone = {one.id: one.alone for one in now.influences}
    skin, pull, model = (0.6 * 0.5) ** 2, 0.35**2, 0.1**2  # variances of the logarithm
    assert alone["young_skin"] / alone["model"] == pytest.approx(skin / model, rel=0.5)
    assert alone["pull"] > alone["model"]
    assert alone["pull"] / alone["young_skin"] == pytest.approx(pull / skin, rel=0.35)
    assert "study" not in alone
    assert sum(alone.values()) + now.rest == pytest.approx(1.0, abs=0.1)
    assert {one.id: one.alone for one in later.influences}["study"] > 0.1
    assert [one.in_all for one in now.influences] == sorted(
        (one.in_all for one in now.influences), reverse=True
    )


def test_without_a_goal_the_places_that_move_are_ranked() -> None:
    (now,) = rank_unknowns(drawn(), (), (0.0,))
    assert now.landmarks == ("jowl_l", "nlf_l")
