"""Options: doubles, thinning, cliques; and wishes that hold in most samples."""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from threadlift.planning.optimise.option import Option, drop_alike, gather_cliques, keep_useful, make_options
from threadlift.planning.optimise.robust import needed_lift, sample_lift_factors


def candidate(
    design: str, kind: str, side: str = "left", *, rank: int = 0, barbs: tuple[float, ...] = (1.0, 2.0)
) -> Any:
    published = design.startswith("published")
    return SimpleNamespace(
        design=(design, 0.0, 0.0, 0.0, "supra_smas", "floating"),
        kind=SimpleNamespace(id=kind),
        thread=SimpleNamespace(side=side),
        cable=SimpleNamespace(barbs_mm=barbs, rear_barbs_mm=()),
        rank=rank,
        departs_mm=0.0 if published else 5.0,
    )


def test_a_symmetric_plan_pairs_each_thread_with_its_mirror_image() -> None:
    both = [
        candidate("a", "x"),
        candidate("a", "x", "right"),
        candidate("a", "y"),
        candidate("b", "x", "right"),
    ]
    pairs = make_options(both, symmetric=True)
    assert [[one.thread.side for one in pair.members] for pair in pairs] == [["left", "right"]]
    assert len(make_options(both, symmetric=False)) == 4


def test_of_threads_with_the_same_barbs_the_preferred_or_the_cheapest_is_kept() -> None:
    first, second = candidate("a", "x", rank=1), candidate("a", "y", rank=0)
    other = candidate("a", "z", barbs=(3.0,))
    options = make_options([first, second, other], symmetric=False)
    price = {"x": 1.0, "y": 2.0, "z": 9.0}
    assert [one.first.kind.id for one in drop_alike(options, lambda one: 0.0)] == ["y", "z"]
    assert [one.first.kind.id for one in drop_alike(options, lambda one: price[one.first.kind.id])] == [
        "x",
        "z",
    ]


def test_thinning_keeps_published_threads_and_the_best_for_every_wish() -> None:
    names = ["published", *(f"own-{i}" for i in range(9))]
    options = [
        cast(Option, option) for option in make_options([candidate(n, "x") for n in names], symmetric=False)
    ]
    gain = np.zeros((2, 10))
    gain[0], gain[1] = np.linspace(0.1, 1.0, 10), np.linspace(0.9, 0.0, 10)
    gain[:, 9] = 0.0
    kept = keep_useful(options, gain, np.zeros(10), 4)
    assert len(kept) == 4
    assert {0, 8, 4} <= set(kept)  # published and best for the second wish, best for the first, for both
    assert 9 not in keep_useful(options, gain, np.zeros(10), 10)


@pytest.mark.parametrize("seed", range(4))
def test_cliques_cover_every_conflict_and_no_other_pair(seed: int) -> None:
    random = np.random.default_rng(seed)
    pairs = [pair for pair in combinations(range(14), 2) if random.random() < 0.4]
    cliques = gather_cliques(14, pairs)
    covered = {pair for members in cliques for pair in combinations(sorted(members), 2)}
    assert covered == set(pairs)
    assert len(cliques) < len(pairs)


def test_one_wish_is_asked_for_at_its_own_quantile() -> None:
    factors = np.random.default_rng(1).lognormal(0.0, 0.4, (500, 1))
    needed = needed_lift(np.array([1.0]), factors, 0.8)
    assert (needed * factors >= 1.0 - 1e-12).mean() == pytest.approx(0.8, abs=0.003)


def test_several_wishes_hold_together_in_so_many_samples() -> None:
    factors = np.random.default_rng(2).lognormal(0.0, 0.4, (500, 3))
    wish = np.array([1.0, 2.0, 0.5])
    needed = needed_lift(wish, factors, 0.8)
    held = (needed * factors >= wish - 1e-12).all(axis=1).mean()
    assert 0.8 <= held < 0.83
    alone = np.array([needed_lift(wish[i : i + 1], factors[:, i : i + 1], 0.8)[0] for i in range(3)])
    assert (needed > alone).all()


def test_factors_belong_to_landmarks_and_the_seed() -> None:
    factors = sample_lift_factors(("jowl_l", "jowl_r", "nlf_l", "bt_l"), 200, 5)
    assert factors.shape == (200, 4)
    assert (factors[:, 0] == factors[:, 1]).all()
    assert (factors[:, 0] != factors[:, 2]).any()
    assert (factors == sample_lift_factors(("jowl_l", "jowl_r", "nlf_l", "bt_l"), 200, 5)).all()
    assert 0.7 < np.median(factors[:, 0]) < 1.4
