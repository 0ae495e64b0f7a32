"""Options out of candidates: pairs for a symmetric plan, doubles dropped, the most useful kept, conflicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from threadlift.planning.clearance_between import check_between
from threadlift.planning.clearance_rule import load_clearance_rules
from threadlift.planning.optimise.candidate import Candidate

Floats = NDArray[np.float64]
_CONFLICTS = ("threads_cross", "threads_close")


@dataclass(frozen=True, eq=False)
class Option:
    """Threads that are used together: one, or a left one with its mirror image."""

    members: tuple[Candidate, ...]

    @property
    def first(self) -> Candidate:
        """The left thread of a pair, or the only one."""
        return self.members[0]

    @property
    def is_published(self) -> bool:
        """Whether course and plane are those of a published technique."""
        return self.first.departs_mm < 0.05 and self.first.design[2:4] == (0.0, 0.0)

    def count(self, side: str) -> int:
        """Threads on ``side``."""
        return sum(one.thread.side == side for one in self.members)


def make_options(candidates: Sequence[Candidate], *, symmetric: bool) -> list[Option]:
    """Every candidate by itself, or every left one with the right one of the same design and kind."""
    if not symmetric:
        return [Option((one,)) for one in candidates]
    right = {(one.design, one.kind.id): one for one in candidates if one.thread.side == "right"}
    return [
        Option((one, right[one.design, one.kind.id]))
        for one in candidates
        if one.thread.side == "left" and (one.design, one.kind.id) in right
    ]


def drop_alike(options: Sequence[Option], price: Callable[[Option], float]) -> list[Option]:
    """Of options with the same course, hold and barbs the cheapest, among equals that of the preferred
    material."""
    best: dict[tuple[object, ...], Option] = {}
    for option in sorted(options, key=lambda one: (price(one), one.first.rank)):
        cable = option.first.cable
        key = (option.first.design, option.first.thread.side, cable.barbs_mm, cable.rear_barbs_mm)
        best.setdefault(key, option)
    kept = set(map(id, best.values()))
    return [option for option in options if id(option) in kept]


def keep_useful(options: Sequence[Option], gain: Floats, mouth: Floats, most_threads: int) -> list[int]:
    """Numbers of the options kept: the published ones, then in turn the best of each list.

    ``gain`` (p, n) is the share of each wish that an option reaches per newton, ``mouth`` (n,) the motion of
    the mouth corner in mm per newton. Lists: by each wish, by the wish served least, by lift less mouth
    motion. Options that serve no wish are left out.
    """
    allowed = most_threads // max(len(option.members) for option in options)
    useful = gain.max(axis=0) > 0.01
    lists = [np.argsort(-row, kind="stable") for row in gain]
    lists.append(np.argsort(-gain.min(axis=0), kind="stable"))
    lists.append(np.argsort(-(gain.mean(axis=0) - mouth), kind="stable"))
    kept = dict.fromkeys(
        number for number, option in enumerate(options) if option.is_published and useful[number]
    )
    for place in range(len(options)):
        for order in lists:
            if len(kept) >= allowed:
                return sorted(kept)[:allowed]
            if useful[order[place]]:
                kept[int(order[place])] = None
    return sorted(kept)


def find_conflicts(options: Sequence[Option]) -> list[tuple[int, int]]:
    """Pairs of options that cannot be used together: their threads cross or end too near each other."""
    rules = load_clearance_rules()
    known: dict[tuple[object, object, object], bool] = {}

    def clash(a: Candidate, b: Candidate) -> bool:
        if a.thread.side != b.thread.side:
            return False
        key = (a.design, b.design, a.thread.side)
        if key not in known:
            found = check_between((a.resolved, b.resolved), rules)
            known[key] = a.design == b.design or any(finding.rule in _CONFLICTS for finding in found)
        return known[key]

    return [
        (i, j)
        for i, j in combinations(range(len(options)), 2)
        if any(clash(a, b) for a in options[i].members for b in options[j].members)
    ]


def gather_cliques(size: int, pairs: Sequence[tuple[int, int]]) -> tuple[frozenset[int], ...]:
    """Sets of options of which at most one may be used, together covering every conflict ``pairs``.

    Larger sets make the linear relaxation tighter: each uncovered pair is grown greedily as far as it goes.
    """
    beside = np.zeros((size, size), dtype=bool)
    for i, j in pairs:
        beside[i, j] = beside[j, i] = True
    open_pairs, cliques = beside.copy(), []
    for i in range(size):
        while open_pairs[i].any():
            members = [i, int(np.argmax(open_pairs[i]))]
            common = beside[members[0]] & beside[members[1]]
            while common.any():
                fresh = np.where(common, open_pairs[members].sum(axis=0) + 1, 0)
                members.append(int(np.argmax(fresh)))
                common &= beside[members[-1]]
            open_pairs[np.ix_(members, members)] = False
            cliques.append(frozenset(members))
    return tuple(cliques)
