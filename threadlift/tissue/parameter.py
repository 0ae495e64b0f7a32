"""Parameters of the tissue model, read from ``data/parameters.toml``; inside in MPa and mm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, Literal, get_args

from threadlift.errors import InputError
from threadlift.files import load_data
from threadlift.units import mpa_from_kpa

LigamentAction = Literal["one_way", "two_way"]


@dataclass(frozen=True)
class TissueParameters:
    """One set of material and support parameters.

    Moduli and tensions in MPa, foundation stiffness in MPa/mm (tangential, normal), lengths in mm, density in
    g/cm3. The ``thickness_*_factor`` multiply the placed layers; ``ligament_factor`` multiplies every
    ligament. ``glide`` (region to factor, 1 elsewhere) multiplies the shear modulus of the plane on which the
    superficial layers slide. ``ligament_action`` says whether ligaments only pull, and hang the face up
    against its weight, or hold both ways like springs at rest.
    """

    young_skin: float
    young_smas: float
    young_fat: float
    young_deep: float
    young_muscle: float
    poisson_ratio: float
    skin_tension: float
    ligament_factor: float
    thickness_skin_factor: float
    thickness_fat_factor: float
    thickness_smas_factor: float
    thickness_deep_factor: float
    barb_ball_radius: float
    ligament_radius: float
    rim_length: float
    eye_rim_stiffness: float
    ligament_piece: float
    density: float
    base: Mapping[str, tuple[float, float]]
    smas_muscle_share: Mapping[str, float]
    deep_muscle_share: Mapping[str, float]
    glide: Mapping[str, float]
    ligament_action: LigamentAction = "one_way"

    def __post_init__(self) -> None:
        for name in self.scalar_names():
            value = getattr(self, name)
            may_be_zero = name in ("skin_tension", "ligament_factor")
            if not (value > 0 or (may_be_zero and value == 0)) or value == float("inf"):
                raise InputError(f"{name} must be above zero", where="tissue parameters")
        if self.poisson_ratio >= 0.4999:
            raise InputError("poisson_ratio must stay below 0.4999", where="tissue parameters")
        for kind, pair in self.base.items():
            if min(pair) <= 0:
                raise InputError(f"the base {kind!r} needs a stiffness above zero", where="tissue parameters")
        for region, factor in self.glide.items():
            if not 0 < factor <= 1:
                raise InputError(
                    f"the glide of {region!r} must lie above 0, up to 1", where="tissue parameters"
                )
        if self.ligament_action not in get_args(LigamentAction):
            raise InputError("ligament_action must be one_way or two_way", where="tissue parameters")

    @classmethod
    def scalar_names(cls) -> tuple[str, ...]:
        """Names of the parameters that are single numbers."""
        return tuple(field.name for field in fields(cls) if field.type == "float")

    def times(self, **factors: float) -> TissueParameters:
        """The same set with some numbers multiplied: ``parameters.times(young_skin=1.3)``."""
        unknown = set(factors) - set(self.scalar_names())
        if unknown:
            raise InputError(f"unknown parameter {sorted(unknown)[0]!r}", where="tissue parameters")
        changed: dict[str, Any] = {name: getattr(self, name) * factor for name, factor in factors.items()}
        return replace(self, **changed)


@cache
def nominal_parameters() -> TissueParameters:
    """The nominal set of the data file."""
    data = load_data("threadlift.tissue", "parameters.toml")
    numbers: dict[str, Any] = {
        entry["id"]: _inside(entry["value"], entry["unit"]) for entry in data["parameter"]
    }
    return TissueParameters(
        **numbers,
        base={
            entry["base"]: (
                mpa_from_kpa(entry["tangential_kpa_per_mm"]),
                mpa_from_kpa(entry["normal_kpa_per_mm"]),
            )
            for entry in data["base"]
        },
        smas_muscle_share={entry["region"]: entry["smas_share"] for entry in data["region_muscle"]},
        deep_muscle_share={entry["region"]: entry["deep_share"] for entry in data["region_muscle"]},
        glide={entry["region"]: entry["shear_factor"] for entry in data.get("glide", [])},
    )


def parameter_spread() -> dict[str, float]:
    """Standard deviation of the natural logarithm of each sampled parameter."""
    data = load_data("threadlift.tissue", "parameters.toml")
    return {entry["id"]: entry["sd_ln"] for entry in data["parameter"] if entry["sd_ln"] > 0}


def _inside(value: float, unit: str) -> float:
    return mpa_from_kpa(value) if unit.startswith("kPa") else value


@cache
def thread_defaults() -> dict[str, float]:
    """Numbers about threads that no catalogue gives, by the id of their record."""
    return {
        entry["id"]: entry["value"] for entry in load_data("threadlift.tissue", "parameters.toml")["thread"]
    }
