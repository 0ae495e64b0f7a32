"""Measures of a face: laxity, proportions beside published spreads, left against right.

They describe; none of them judges beauty or sets a goal. What each is stands in ``data/measures.toml``, the
spreads in ``data/anthropometry.toml``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal

import numpy as np
from pydantic import Field

from threadlift.face.contour import (
    BodySide,
    angle_deg,
    cervicomental_angle_deg,
    jawline_unevenness_mm,
    jowl_descent_mm,
    marionette_depth_mm,
    nasolabial_depth_mm,
)
from threadlift.face.face import Face, FitGrade, Side
from threadlift.face.symmetry import compare_with_mirror, region_masks
from threadlift.face.template import MIDLINE_LANDMARKS, PAIRED_LANDMARKS, load_landmark_facts, load_template
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text

Sex = Literal["female", "male"]
Unit = Literal["mm", "deg", "ratio"]

_USUAL_SD = 2.0  # within two standard deviations lie about 95 of 100 people of a group
_CLEAR_SD = 2.0
_SIDES: tuple[Side, ...] = ("left", "right")
_MIDDLE: tuple[Side, ...] = ("midline",)
_PAIRED_PROFILES: Mapping[str, Callable[[Face, BodySide], float]] = {
    "jowl_descent": jowl_descent_mm,
    "jawline_unevenness": jawline_unevenness_mm,
    "nasolabial_depth": nasolabial_depth_mm,
    "marionette_depth": marionette_depth_mm,
}
_MIDLINE_PROFILES: Mapping[str, Callable[[Face], float]] = {"cervicomental_angle": cervicomental_angle_deg}


class Norm(Frozen):
    """How a value stands in a published group of adults. A description of spread, not a goal."""

    record: str
    population: Text
    sex: Sex
    mean: float
    sd: float = Field(gt=0)
    deviations: float = Field(description="standard deviations above the mean")
    is_usual: bool = Field(description="within two standard deviations")
    status: Status
    sources: tuple[str, ...]


class Measure(Frozen):
    """One measure of the face. ``uncertainty_sd`` is one sigma from where the points may really lie."""

    id: str
    name: Text
    meaning: Text
    unit: Unit
    side: Side
    value: float
    uncertainty_sd: float = Field(ge=0)
    is_laxity: bool
    norms: tuple[Norm, ...] = ()


class LandmarkAsymmetry(Frozen):
    """How far a left landmark lies from the mirror image of the right one, a midline one from its own."""

    landmark: str
    name: Text
    distance_mm: float
    out_mm: float
    up_mm: float
    forward_mm: float
    uncertainty_sd_mm: float
    is_clear: bool = Field(description="more than twice its uncertainty")


class RegionAsymmetry(Frozen):
    """How far the two sides of a region stand apart along the skin's normal."""

    region: str
    name: Text
    mean_mm: float
    p95_mm: float
    left_fuller_mm: float = Field(description="mean by which the left side stands out beyond the right")


class FaceMeasures(Frozen):
    """All measures of one face. ``note`` goes with them wherever they are shown."""

    face: str = Field(description="fingerprint of the face")
    grade: FitGrade
    scale_source: str
    measures: tuple[Measure, ...]
    landmark_asymmetry: tuple[LandmarkAsymmetry, ...]
    region_asymmetry: tuple[RegionAsymmetry, ...]
    note: Text

    def measure(self, name: str, side: Side = "midline") -> Measure:
        """One measure by id and side. Raises ``KeyError`` when there is none."""
        for one in self.measures:
            if (one.id, one.side) == (name, side):
                return one
        raise KeyError((name, side))


NOTE = Text(
    en=(
        "These figures describe the face and how adults of the named groups spread. They are no judgement "
        "and no goal; differences below their uncertainty mean nothing."
    ),
    vi=(
        "Các số liệu này mô tả khuôn mặt và độ dao động ở người trưởng thành thuộc các nhóm nêu tên. "
        "Đây không phải đánh giá đẹp xấu hay mục tiêu; khác biệt nhỏ hơn độ bất định thì không có ý nghĩa."
    ),
)


def measure_face(face: Face, *, sex: Sex | None = None) -> FaceMeasures:
    """Measure a face. With ``sex`` given only that sex's spreads stand beside the values, else both."""
    found = [
        _measure(face, entry, side, sex)
        for entry in _definitions()
        for side in (_SIDES if entry["is_paired"] else _MIDDLE)
    ]
    mirrored = compare_with_mirror(face)
    return FaceMeasures(
        face=face.fingerprint,
        grade=face.quality.grade,
        scale_source=face.quality.scale_source,
        measures=tuple(found),
        landmark_asymmetry=tuple(
            _landmark_asymmetry(face, name, mirrored.landmark_offset_mm[name])
            for name in (*MIDLINE_LANDMARKS, *PAIRED_LANDMARKS)
        ),
        region_asymmetry=_region_asymmetry(mirrored.fullness_mm()),
        note=NOTE,
    )


@cache
def _definitions() -> tuple[dict[str, Any], ...]:
    return tuple(load_data("threadlift.face", "measures.toml")["measure"])


def _measure(face: Face, entry: dict[str, Any], side: Side, sex: Sex | None) -> Measure:
    points = tuple(_on_side(name, side) for name in entry.get("points", ()))
    value = _evaluate(face, entry, points, side)
    return Measure(
        id=entry["id"],
        name=Text(**entry["name"]),
        meaning=Text(**entry["meaning"]),
        unit=entry["unit"],
        side=side,
        value=round(value, 4),
        uncertainty_sd=round(_uncertainty(face, entry, points), 4),
        is_laxity=entry["is_laxity"],
        norms=_norms(entry, value, sex),
    )


def _on_side(name: str, side: Side) -> str:
    return f"{name}_{side[0]}" if name in PAIRED_LANDMARKS else name


def _evaluate(face: Face, entry: dict[str, Any], points: tuple[str, ...], side: Side) -> float:
    at = [face.landmark(name) for name in points]
    if entry["kind"] == "profile":
        if side == "midline":
            return _MIDLINE_PROFILES[entry["profile"]](face)
        return _PAIRED_PROFILES[entry["profile"]](face, side)
    if entry["kind"] == "height":
        return float(at[1][1] - at[0][1])
    if entry["kind"] == "angle":
        return angle_deg(*at)
    length = float(np.linalg.norm(at[0] - at[1]))
    return length / float(np.linalg.norm(at[2] - at[3])) if entry["kind"] == "ratio" else length


def point_sd_mm(face: Face, name: str) -> float:
    """One sigma of where a landmark may really lie: its own definition or the fit, whichever is worse."""
    base = name.removesuffix("_l").removesuffix("_r")
    return max(float(load_landmark_facts()[base]["uncertainty_mm"]), face.quality.position_sd_mm)


def _uncertainty(face: Face, entry: dict[str, Any], points: tuple[str, ...]) -> float:
    """Propagated for independent points; profiles carry a stated one."""
    if entry["kind"] == "profile":
        return float(entry["uncertainty_sd"])
    sds = [point_sd_mm(face, name) for name in points]
    at = [face.landmark(name) for name in points]
    pair = float(np.hypot(sds[0], sds[1]))
    if entry["kind"] == "angle":
        arms = [float(np.linalg.norm(at[i] - at[1])) for i in (0, 2)]
        return float(
            np.degrees(np.hypot(np.hypot(sds[0], sds[1]) / arms[0], np.hypot(sds[2], sds[1]) / arms[1]))
        )
    if entry["kind"] == "ratio":
        over, under = (float(np.linalg.norm(at[i] - at[i + 1])) for i in (0, 2))
        return over / under * float(np.hypot(pair / over, np.hypot(sds[2], sds[3]) / under))
    return pair


def _norms(entry: dict[str, Any], value: float, sex: Sex | None) -> tuple[Norm, ...]:
    points = [name.removesuffix("_l").removesuffix("_r") for name in entry.get("points", ())]
    data = load_data("threadlift.face", "anthropometry.toml")
    if entry["kind"] == "distance":
        unit = "mm"
        records = [r for r in data["distance"] if sorted((r["from"], r["to"])) == sorted(points)]
    elif entry["kind"] == "angle":
        unit = "deg"
        records = [r for r in data["angle"] if r["points"] == points]
    else:
        return ()
    return tuple(
        _norm(record, one, record[one][f"mean_{unit}"], record[one][f"sd_{unit}"], value)
        for record in records
        if not record.get("is_doubtful", False)
        for one in ((sex,) if sex else ("female", "male"))
    )


def _norm(record: dict[str, Any], sex: Any, mean: float, sd: float, value: float) -> Norm:
    deviations = (value - mean) / sd
    return Norm(
        record=record["id"],
        population=Text(**record["population"]),
        sex=sex,
        mean=mean,
        sd=sd,
        deviations=round(deviations, 2),
        is_usual=abs(deviations) <= _USUAL_SD,
        status=Status(record["status"]),
        sources=tuple(record["sources"]),
    )


def _landmark_asymmetry(face: Face, name: str, offset: Any) -> LandmarkAsymmetry:
    distance = float(np.linalg.norm(offset))
    points = (name,) if name in MIDLINE_LANDMARKS else (f"{name}_l", f"{name}_r")
    sd = float(np.hypot.reduce([point_sd_mm(face, point) for point in points]))
    return LandmarkAsymmetry(
        landmark=name,
        name=Text(**load_landmark_facts()[name]["name"]),
        distance_mm=round(distance, 3),
        out_mm=round(float(offset[0]), 3),
        up_mm=round(float(offset[1]), 3),
        forward_mm=round(float(offset[2]), 3),
        uncertainty_sd_mm=round(sd, 3),
        is_clear=distance > _CLEAR_SD * sd,
    )


def _region_asymmetry(fullness: Any) -> tuple[RegionAsymmetry, ...]:
    template = load_template()
    masks = region_masks(template)
    found = []
    for entry in load_data("threadlift.face", "measures.toml")["region"]:
        own = fullness[masks[entry["id"]] & template.masks["left"]]
        found.append(
            RegionAsymmetry(
                region=entry["id"],
                name=Text(**entry["name"]),
                mean_mm=round(float(np.abs(own).mean()), 3),
                p95_mm=round(float(np.percentile(np.abs(own), 95)), 3),
                left_fuller_mm=round(float(own.mean()), 3),
            )
        )
    return tuple(found)
