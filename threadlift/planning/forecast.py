"""A prediction as it is kept and shown: bands in mm or grades in words, by month. Not validated in people."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from threadlift.face.face import Side
from threadlift.language import Text
from threadlift.planning.comparison import Comparison
from threadlift.planning.sentence import Reason
from threadlift.threads import RetentionCurve

Form = Literal["mm", "words", "refused"]
Grade = Literal["none", "slight", "clear"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Band(_Strict):
    """10th percentile, median and 90th percentile."""

    low10: float
    median: float
    high90: float


class GradeOdds(_Strict):
    """Odds (0 to 1) of no visible, a slight and a clear change; ``word`` is the one in the middle."""

    none: float
    slight: float
    clear: float
    word: Grade


class MonthPrediction(_Strict):
    """One landmark at one month. Bands in mm are None when the prediction is in words.

    ``held`` is what the threads hold, ``change`` the lift against today's face, which sags on meanwhile.
    ``measured``: millimetres of every material in the plan were published as late as that; else hatched.
    """

    month: float
    held_mm: Band | None
    change_mm: Band | None
    odds_visible: float = Field(
        ge=0, le=1, description="odds that the change is visible (about 1 mm or more)"
    )
    grade: GradeOdds
    measured: bool
    extrapolated: bool


class LandmarkPrediction(_Strict):
    """One landmark over the months; ``nominal_mm`` is the lift now with every parameter nominal."""

    landmark: str
    side: Side
    form: Literal["mm", "words"]
    nominal_mm: float | None
    months: tuple[MonthPrediction, ...]


class ThreadPrediction(_Strict):
    """One lifting thread: its planned pull, the odds that it slips, and what it then carries, in N."""

    thread: str
    kind: str
    material: str
    tension_n: float
    holding_n: tuple[float, float]
    odds_slip: float
    carried_n: Band


class Influence(_Strict):
    """An unknown and the share (0 to 1) of the spread of the lift that it makes, alone and in company."""

    id: str
    name: Text
    alone: float
    in_all: float


class HangsOn(_Strict):
    """What the lift at ``landmarks`` (those of the goals) hangs on at a month, the strongest first.

    ``alone`` and ``in_all`` are first-order and total Sobol indices of the logarithm of the lift; ``rest`` is
    what none of the unknowns explains: differences between single threads, and how retention differs.
    """

    month: float
    landmarks: tuple[str, ...]
    influences: tuple[Influence, ...]
    rest: float


class SkinQuality(_Strict):
    """What is known of an effect on the skin itself: graded evidence, never millimetres."""

    grade: str
    evidence: Reason


class Prediction(_Strict):
    """Schema ``threadlift.prediction/1``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    format: Literal["threadlift.prediction/1"] = Field(default="threadlift.prediction/1", alias="schema")
    form: Form
    why: tuple[Reason, ...] = Field(description="why not in millimetres; empty when it is")
    validated_in_people: Literal[False] = False
    samples: int
    seed: int
    assumptions_version: str
    landmarks: tuple[LandmarkPrediction, ...]
    threads: tuple[ThreadPrediction, ...]
    retention: tuple[RetentionCurve, ...]
    skin_quality: tuple[SkinQuality, ...]
    comparisons: tuple[Comparison, ...]
    hangs_on: tuple[HangsOn, ...] = ()
    notes: tuple[Reason, ...]

    def landmark(self, name: str) -> LandmarkPrediction:
        """The prediction at a landmark. Raises ``KeyError`` for one that is not predicted."""
        for entry in self.landmarks:
            if entry.landmark == name:
                return entry
        raise KeyError(name)
