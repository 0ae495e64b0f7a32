"""The atlas as written in the data files, checked when it is read."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from threadlift.anatomy.control_point import Laying
from threadlift.anatomy.plane import Plane
from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text

Kind = Literal["nerve_motor", "nerve_sensory", "artery", "vein", "gland", "duct"]
Geometry = Literal["polyline", "point", "point_with_fan", "polygon", "ellipsoid"]
Millimetres = Annotated[float, Field(ge=0, le=100)]
Pair = tuple[float, float]


class AtlasPoint(Frozen):
    """A control point: landmark weights, offset (lateral, up, anterior) and depth below the skin [mean, sd],
    mm.
    """

    weights: dict[str, float]
    offset_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    depth_mm: Pair = (0.0, 0.0)
    laid: Laying = "closest"
    note: str = ""

    @model_validator(mode="after")
    def _weights_add_up(self) -> AtlasPoint:
        if abs(sum(self.weights.values()) - 1.0) > 1e-6:
            raise ValueError("weights must add up to 1")
        return self


class AtlasStructure(Frozen):
    """A structure that a thread can injure."""

    id: str
    kind: Kind
    geometry: Geometry
    name: Text
    consequence: Text
    lies: Text
    segment_planes: tuple[tuple[Plane, ...], ...]
    doubtful_planes: tuple[tuple[Plane, ...], ...] = ()
    corridor_half_width_mm: Millimetres
    stop_mm: Millimetres
    caution_mm: Millimetres
    depth_margin_mm: Millimetres
    semi_axes_mm: tuple[float, float, float] | None = None
    low_course_mm: Millimetres | None = None
    depth_status: Status
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    facts: tuple[str, ...] = ()
    point: tuple[AtlasPoint, ...]

    @model_validator(mode="after")
    def _one_entry_per_segment(self) -> AtlasStructure:
        is_line = self.geometry in ("polyline", "point_with_fan")
        segments = max(1, len(self.point) - 1) if is_line else 1
        if len(self.segment_planes) != segments or len(self.doubtful_planes) not in (0, segments):
            raise ValueError(f"needs planes for {segments} segments")
        if self.stop_mm > self.caution_mm:
            raise ValueError("stop_mm may not exceed caution_mm")
        if (self.geometry == "ellipsoid") != (self.semi_axes_mm is not None):
            raise ValueError("an ellipsoid, and nothing else, has semi_axes_mm")
        return self


class AtlasLigament(Frozen):
    """A retaining ligament; ``stiffness_n_per_mm`` is the total along it, known to ``stiffness_factor``
    either way.
    """

    id: str
    name: Text
    stiffness_n_per_mm: float
    stiffness_factor: float
    stiffness_status: Status
    stiffness_reason: str = ""
    penetration_n: Pair | None = None
    rank: str = ""
    extent_mm: dict[str, float | Pair] = Field(default={})
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    facts: tuple[str, ...] = ()
    point: tuple[AtlasPoint, ...]


class AnchorWindow(Frozen):
    """Where a fixed thread may go down to the deep temporal fascia."""

    id: str
    name: Text
    what: Text
    front_of_tragus_mm: Pair
    above_brow_tail_mm: float
    note: str = ""
    status: Status
    sources: tuple[str, ...]
    reason: str = ""


class AtlasCheck(Frozen):
    """A distance between a control point of the atlas and a landmark, which the placed atlas must show."""

    id: str
    what: str
    structure: str
    point: int
    landmark: str
    scale: Literal["length", "height"]
    reference_mm: float
    expected_mm: Pair
    status: Status
    sources: tuple[str, ...]
    reason: str = ""


class Atlas(Frozen):
    """Everything of ``data/`` that is placed by landmarks."""

    structures: tuple[AtlasStructure, ...]
    windows: tuple[AnchorWindow, ...]
    ligaments: tuple[AtlasLigament, ...]
    checks: tuple[AtlasCheck, ...]
    reference_head: dict[str, tuple[float, float, float]]


@cache
def load_atlas() -> Atlas:
    """The atlas. Raises ``RuleDataError`` naming the file and key that is wrong."""
    structures = load_data("threadlift.anatomy", "structures.toml")
    checks = load_data("threadlift.anatomy", "checks.toml")
    content: dict[str, Any] = {
        "structures": structures.get("structure", []),
        "windows": structures.get("window", []),
        "ligaments": load_data("threadlift.anatomy", "ligaments.toml").get("ligament", []),
        "checks": checks.get("check", []),
        "reference_head": checks.get("reference_head", {}),
    }
    try:
        return Atlas.model_validate(content)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise RuleDataError(f"threadlift.anatomy/data: {place}: {fault['msg']}") from error
