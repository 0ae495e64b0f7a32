"""What an optimised plan shall reach: landmarks and millimetres, and what it may use. Hand-writable."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from threadlift.face.template import load_template
from threadlift.files import load_data, read_model
from threadlift.planning.choice import Wanted
from threadlift.planning.proposal import load_proposal_data
from threadlift.screening.answer import Area
from threadlift.screening.intake import Intake
from threadlift.threads import load_catalogue
from threadlift.tissue.validity import threshold_of

Direction = Literal["up", "outwards", "backwards", "along"]
Minimise = Literal["threads", "cost", "tension"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wish(_Strict):
    """A lift at one place. ``jowl`` means both sides, ``jowl_l`` the person's left alone."""

    landmark: str = Field(description="landmark, with or without its side")
    mm: float = Field(gt=0, allow_inf_nan=False, description="lift in the tissue model at least, right after")
    direction: Direction = Field(
        default="up", description="`along`: towards the entry of the published technique that ends nearest"
    )
    at_most_mm: float | None = Field(default=None, gt=0, allow_inf_nan=False, description="no more than that")
    weight: float = Field(default=1.0, gt=0, le=100, description="importance when not all can be reached")

    @field_validator("landmark")
    @classmethod
    def _is_known(cls, name: str) -> str:
        known = load_template().landmarks
        if name not in known and f"{name}_l" not in known:
            plain = sorted({one.removesuffix("_l").removesuffix("_r") for one in known})
            near = get_close_matches(name[:40], plain, n=3, cutoff=0.4) or plain
            raise ValueError(f"no such landmark; known: {', '.join(near)}")
        return name

    @model_validator(mode="after")
    def _can_be_answered(self) -> Wish:
        most = threshold_of("LIFT-LARGE")
        if self.mm > most:
            raise ValueError(f"mm: the tissue model answers for {most:g} mm at most")
        if self.at_most_mm is not None and self.at_most_mm < self.mm:
            raise ValueError("at_most_mm: lies below mm")
        return self

    def landmarks(self) -> tuple[str, ...]:
        """The landmarks of the template that are meant: one, or one for each side."""
        known = load_template().landmarks
        return (self.landmark,) if self.landmark in known else (f"{self.landmark}_l", f"{self.landmark}_r")


class Goal(_Strict):
    """What to reach, with what, at which expense. Schema ``threadlift.goal/1``."""

    format: Literal["threadlift.goal/1"] = Field(default="threadlift.goal/1", alias="schema")
    lift: tuple[Wish, ...] = Field(min_length=1, max_length=20)
    minimise: Minimise = "threads"
    maximum_threads_per_side: int = Field(
        default_factory=lambda: most_threads_a_side(), ge=1, description="not above what a proposal may use"
    )
    budget: int | None = Field(
        default=None, gt=0, description="most that the whole session may cost, in the price list's currency"
    )
    kinds: tuple[str, ...] = Field(
        default=(), description="kinds of thread allowed; none named: those that a proposal may use"
    )
    areas: tuple[Area, ...] = Field(
        default=(), description="areas that threads may run through; none named: all that screening allows"
    )
    symmetric: bool = Field(default=True, description="the same threads on both sides")
    robust: bool = Field(
        default=False, description="reached in 80 % of sampled tissues, not in the middle one"
    )
    mouth_mm: float = Field(
        default_factory=lambda: threshold_of("LIFT-MOUTH"),
        gt=0,
        le=5,
        description="most that a corner of the mouth may move; not a wish",
    )

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @field_validator("maximum_threads_per_side")
    @classmethod
    def _within_proposals(cls, count: int) -> int:
        most = most_threads_a_side()
        if count > most:
            raise ValueError(f"a proposal may use {most} threads a side at most")
        return count

    @field_validator("kinds")
    @classmethod
    def _kinds_lift(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        catalogue = load_catalogue()
        able = sorted(
            kind.id
            for kind in catalogue.find_kinds(can_lift=True)
            if catalogue.is_absorbable(kind.id) and kind.holding_force_n is not None and kind.form == "cog"
        )
        for name in names:
            if name not in able:
                near = get_close_matches(name[:60], able, n=3, cutoff=0.4) or able
                raise ValueError(f"no absorbable barbed kind of that id; known: {', '.join(near)}")
        return names

    @model_validator(mode="after")
    def _wishes_agree(self) -> Goal:
        seen: set[tuple[str, str]] = set()
        for wish in self.lift:
            for name in wish.landmarks():
                if (name, wish.direction) in seen:
                    raise ValueError(f"lift: {name} is wished for twice in the same direction")
                seen.add((name, wish.direction))
        one_sided = any(len(w.landmarks()) == 1 and w.landmark[-2:] in ("_l", "_r") for w in self.lift)
        if self.symmetric and one_sided:
            raise ValueError("symmetric: a wish for one side alone needs symmetric = false")
        mouth = [wish for wish in self.lift if wish.landmark.startswith("ch") and wish.mm > self.mouth_mm]
        if mouth:
            raise ValueError("mouth_mm: lies below the wish for the mouth corner itself")
        return self


def most_threads_a_side() -> int:
    """The most threads a side that a proposal may use."""
    return int(load_proposal_data().limits["threads_a_side"]["most"])


def optimiser_record(table: str) -> dict[str, Any]:
    """The one record of a table of ``data/optimise.toml``."""
    record: dict[str, Any] = load_data("threadlift.planning", "optimise.toml")[table][0]
    return record


def read_goal(path: Path) -> Goal:
    """A goal from TOML or JSON. ``InputError`` names every key at fault and never its value."""
    return read_model(path, Goal)


def derive_goal(intake: Intake, wanted: Wanted) -> Goal:
    """A goal from what the intake asks for, with the wished millimetres of the data file.

    A number of millimetres that the patient named is followed as far as the record allows.
    """
    record, goals = optimiser_record("wish"), load_proposal_data().goals
    named = intake.wish.lift_mm
    mm = min(max(named, record["least_mm"]), record["most_mm"]) if named else record["mm"]
    places = dict.fromkeys(goals[goal].place for goal in wanted)
    return Goal(lift=tuple(Wish(landmark=place, mm=mm, direction=record["direction"]) for place in places))
