"""Hand-made threads on the symmetric test face."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from tests.threadlift.anatomy.builders import anatomy_of
from threadlift.anatomy import Anatomy, Plane
from threadlift.finding import Finding, Severity
from threadlift.planning.clearance import check_plan
from threadlift.planning.plan import PathPoint, Plan, PlannedThread
from threadlift.planning.technique import place_technique

KIND = "plcl_cog_long"
SEVERITY = {None: 0, Severity.NOTE: 1, Severity.CAUTION: 2, Severity.STOP: 3}
Point = tuple[float, float, float]


def thread(*path: PathPoint | Point | str, **values: Any) -> PlannedThread:
    """A left thread just superficial to the SMAS through landmarks, coordinates or path points."""
    points = tuple(_point(one) for one in path)
    return PlannedThread(
        **{
            "id": "T1",
            "kind": KIND,
            "side": "left",
            "plane": Plane.SUPRA_SMAS,
            "tension_n": 1.0,
            "path": points,
            **values,
        }
    )


def _point(one: PathPoint | Point | str) -> PathPoint:
    if isinstance(one, PathPoint):
        return one
    return PathPoint(landmark=one) if isinstance(one, str) else PathPoint(at_mm=one)


def mirrored(one: PlannedThread) -> PlannedThread:
    """The same thread on the other side of a symmetric face."""
    path = tuple(
        point if point.at_mm is None else point.model_copy(update={"at_mm": _flip(point.at_mm)})
        for point in one.path
    )
    side = "right" if one.side == "left" else "left"
    return one.model_copy(update={"side": side, "path": path, "id": f"{one.id}m"})


def _flip(at: Point) -> Point:
    return (-at[0], at[1], at[2])


def check(*threads: PlannedThread, anatomy: Anatomy | None = None, **values: Any) -> tuple[Finding, ...]:
    """The findings of a plan of these threads."""
    return check_plan(Plan(threads=threads), anatomy or anatomy_of(), **values)


def rules_fired(findings: tuple[Finding, ...]) -> set[str]:
    """The ids of the rules among them."""
    return {finding.rule for finding in findings}


def severities(findings: tuple[Finding, ...]) -> dict[tuple[str, str], int]:
    """The worst severity (0 to 3) for each structure and side."""
    worst: dict[tuple[str, str], int] = {}
    for finding in findings:
        if finding.where.structure is not None:
            key = (finding.where.structure, str(finding.where.side))
            worst[key] = max(worst.get(key, 0), SEVERITY[finding.severity])
    return worst


def technique(name: str, side: Literal["left", "right"] = "left", **values: Any) -> tuple[PlannedThread, ...]:
    """The threads of a published technique on the test face."""
    return place_technique(name, anatomy_of().face, side, kind=KIND, **values)


def near(landmark: str, lat: float = 0.0, up: float = 0.0, depth_mm: float | None = None) -> PathPoint:
    """A point near a landmark."""
    offset = {"lat": lat, "up": up}
    return PathPoint.model_validate({"landmark": landmark, "offset_mm": offset, "depth_mm": depth_mm})


def on_skin(place: np.ndarray) -> Point:
    """Coordinates as a plan writes them."""
    x, y, z = (float(value) for value in place)
    return (x, y, z)
