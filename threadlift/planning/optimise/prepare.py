"""The search made ready: options thinned out, their conflicts, and their influence on all that counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from threadlift.errors import InputError
from threadlift.planning.optimise.candidate import Supply
from threadlift.planning.optimise.check import MOUTH
from threadlift.planning.optimise.goal import Goal, optimiser_record
from threadlift.planning.optimise.option import (
    Option,
    drop_alike,
    find_conflicts,
    gather_cliques,
    keep_useful,
    make_options,
)
from threadlift.planning.optimise.price import Prices
from threadlift.planning.optimise.reading import Reading
from threadlift.planning.optimise.search import Search, member_matrix
from threadlift.planning.optimise.target import Target
from threadlift.planning.technique import find_technique
from threadlift.tissue import TissueModel

_DEPARTURE_MM = 20.0  # a departure that counts as a whole tie-break


@dataclass(frozen=True, eq=False)
class Choice:
    """The search made ready, and how many options fell away before it."""

    search: Search
    alike: int
    thinned: int
    conflicts: int


def prepare_search(
    goal: Goal, target: Target, model: TissueModel, supply: Supply, prices: Prices | None
) -> Choice:
    """Options thinned out, their conflicts, and their influence on everything that is limited or wished."""

    def price(option: Option) -> float:
        if prices is None:
            return 0.0
        return sum(prices.each(one.kind, one.resolved.length_mm) for one in option.members)

    every = make_options(supply.candidates, symmetric=goal.symmetric)
    if not every:
        _refuse_all("every thread that could be laid for these wishes is refused", supply)
    options = drop_alike(every, price if goal.minimise == "cost" else lambda option: 0.0)
    alike = len(every) - len(options)
    reading = Reading(model, [one for option in options for one in option.members])
    search = _search(goal, target, model, options, (), price, prices, reading.taking(range(reading.count)))
    search.reading.add(
        search.reading.motion([model.anatomy.face.landmark(name) for name in (*target.landmarks, *MOUTH)])
    )
    gain = search.lift_per_n() / target.needed_mm[:, None]
    mouth = np.linalg.norm(search.mouth_per_n(), axis=1).max(axis=0)
    kept = keep_useful(options, gain, mouth, int(optimiser_record("thinning")["most"]))
    if not kept:
        _refuse_all("no thread that may be laid lifts any of these places", supply)
    left = [options[number] for number in kept]
    pairs = find_conflicts(left)
    columns = np.flatnonzero(search.members[:, kept].any(axis=1))
    cliques = gather_cliques(len(left), pairs)
    search = _search(goal, target, model, left, cliques, price, prices, reading.taking(columns))
    search.prepare()
    return Choice(search, alike, len(options) - len(left), len(pairs))


def _search(
    goal: Goal,
    target: Target,
    model: TissueModel,
    options: Sequence[Option],
    cliques: tuple[frozenset[int], ...],
    price: Callable[[Option], float],
    prices: Prices | None,
    reading: Reading,
) -> Search:
    count = np.array([float(len(option.members)) for option in options])
    money = np.array([price(option) for option in options])
    tie = optimiser_record("search")["tie_break"]
    depart = [_departure(option) for option in options]
    use = {"threads": count, "cost": money / max(money.mean(), 1e-9), "tension": 0.0 * count}[goal.minimise]
    pull = count if goal.minimise == "tension" else tie * count
    rows = [np.array([float(option.count(side)) for option in options]) for side in ("left", "right")]
    at_most = [float(goal.maximum_threads_per_side)] * 2
    if goal.budget is not None and prices is not None:
        sides = 2 if goal.symmetric else len({one.thread.side for o in options for one in o.members})
        scale = max(money.mean(), 1e-9)
        rows.append(money / scale)
        at_most.append((goal.budget - prices.session(sides)) / scale)
    return Search(
        goal=goal,
        target=target,
        model=model,
        options=options,
        cliques=cliques,
        use_cost=use + tie * count * np.array(depart),
        pull_cost=pull,
        count_rows=np.array(rows),
        at_most=np.array(at_most),
        reading=reading,
        members=member_matrix(options),
    )


def _refuse_all(what: str, supply: Supply) -> NoReturn:
    rules = ", ".join(f"{rule} ({count})" for rule, count in supply.refused.items()) or "none"
    raise InputError(
        f"{what}; {supply.generated} candidates, refused by: {rules}",
        where="lift",
        remedy="Wish for other places, or allow more areas or kinds.",
    )


def _departure(option: Option) -> float:
    """How far an option is from published technique and preferred material, as a tie-break: 1 is much."""
    first = option.first
    plane = float(first.thread.plane != find_technique(first.design[0]).plane)
    return first.departs_mm / _DEPARTURE_MM + plane + first.rank / 4
