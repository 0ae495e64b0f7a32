"""The plan: which thread enters where, runs how deep, ends where. Hand-writable and re-checkable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from threadlift.anatomy.plane import Plane as Plane
from threadlift.files import read_model

Millimetres3 = tuple[float, float, float]
Coordinate = Annotated[float, Field(ge=-400, le=400, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Offset(_Strict):
    """Displacement from a landmark: lateral (away from the midline), up, anterior; mm."""

    lat: float = Field(default=0.0, ge=-150, le=150)
    up: float = Field(default=0.0, ge=-150, le=150)
    ant: float = Field(default=0.0, ge=-150, le=150)


class PathPoint(_Strict):
    """A point of a thread, given on the skin: coordinates in the face frame or a landmark with an offset.

    ``depth_mm`` below the skin; without it the depth follows from the thread's plane on this face.
    """

    at_mm: tuple[Coordinate, Coordinate, Coordinate] | None = None
    landmark: str | None = None
    offset_mm: Offset = Offset()
    depth_mm: float | None = Field(default=None, ge=0, le=40)

    @model_validator(mode="after")
    def _one_way_of_saying_where(self) -> PathPoint:
        if (self.at_mm is None) == (self.landmark is None):
            raise ValueError("give either at_mm or landmark")
        return self


class PlannedThread(_Strict):
    """One thread: kind, side, plane and path. ``path[0]`` is the skin entry, ``path[-1]`` the far end."""

    id: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")
    kind: str = Field(description="id of a thread kind in the catalogue")
    side: Literal["left", "right"]
    technique: str | None = Field(
        default=None, description="id of a published technique, or none for free hand"
    )
    plane: Plane
    anchoring: Literal["fixed", "floating"] = "floating"
    tension_n: float = Field(default=1.0, ge=0, le=20, description="pull at the entry when it is set")
    path: tuple[PathPoint, ...] = Field(min_length=2, max_length=50)


class Plan(_Strict):
    """All threads of one session on one face. Schema ``threadlift.plan/1``."""

    format: Literal["threadlift.plan/1"] = Field(default="threadlift.plan/1", alias="schema")
    face: str | None = Field(default=None, description="fingerprint of the face the plan was made on")
    goals: tuple[str, ...] = Field(default=(), description="ids of goals from the intake")
    origin: Literal["technique", "optimiser", "hand"] = "hand"
    threads: tuple[PlannedThread, ...] = Field(max_length=200)

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @model_validator(mode="after")
    def _ids_differ(self) -> Plan:
        names = [thread.id for thread in self.threads]
        repeated = {name for name in names if names.count(name) > 1}
        if repeated:
            raise ValueError(f"thread id {sorted(repeated)[0]!r} is used twice")
        return self


def read_plan(path: Path) -> Plan:
    """A plan from TOML or JSON. ``InputError`` names every key at fault and never its value."""
    return read_model(path, Plan)
