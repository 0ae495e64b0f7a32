"""The synthetic demonstration patients: shapes invented from the template's morphs, no real people."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field

from threadlift.errors import InputError
from threadlift.face.face import Face
from threadlift.face.morph import shape_face
from threadlift.files import load_data
from threadlift.finding import Status
from threadlift.frozen import Frozen
from threadlift.language import Text


class DemoPatient(Frozen):
    """An invented person: ``morphs`` name to strength, ``scale`` against the template."""

    id: str
    name: Text
    sex: Literal["female", "male"]
    age_years: int = Field(ge=18, le=100)
    scale: float = Field(ge=0.7, le=1.4)
    morphs: dict[str, float]
    status: Status
    sources: tuple[str, ...] = ()
    reason: str


@cache
def load_demo_patients() -> dict[str, DemoPatient]:
    """All demonstration patients by id."""
    entries = load_data("threadlift.face", "demo.toml")["patient"]
    return {patient.id: patient for patient in map(DemoPatient.model_validate, entries)}


def shape_demo_face(patient: str) -> Face:
    """The true face of a demonstration patient. Raises ``InputError`` for an unknown id."""
    known = load_demo_patients()
    if patient not in known:
        raise InputError(
            f"no demonstration patient {patient!r}", where="demo", remedy=f"Known: {', '.join(known)}."
        )
    return shape_face(known[patient].morphs, known[patient].scale)
