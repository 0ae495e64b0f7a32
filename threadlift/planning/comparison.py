"""The prediction beside published measurements: what was measured, what the model says, whether they agree.

Most of these figures were known when the parameters were set, so agreement proves little; disagreement is
shown as it is. None of this is validation in people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.special import nctdtr, stdtrit

from threadlift.finding import Status
from threadlift.language import Text, figure
from threadlift.planning.assumption import load_assumptions
from threadlift.planning.sampling import LiftSamples
from threadlift.threads import retention
from threadlift.threads.retention import WEEKS_PER_MONTH, sample_retention

Values = NDArray[np.float64]
Agreement = Literal["agrees", "does_not_agree", "cannot_be_said"]


class Comparison(BaseModel):
    """One study beside the model. ``used``: its figure was known when the parameters were set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    study: Text
    measured: Text
    model: Text | None = Field(description="None when this plan does not do what the study did")
    caution: Text | None = None
    agreement: Agreement
    used: bool
    status: Status
    sources: tuple[str, ...]


class Answer(BaseModel):
    """What the model says to one study: names for the sentences, and whether it agrees."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agreement: Agreement
    names: dict[str, str | Text] = {}


def compare_with_studies(
    drawn: LiftSamples, samples: int, seed: int, *, in_mm: bool
) -> tuple[Comparison, ...]:
    """Every study that concerns this plan. Without ``in_mm`` those that need millimetres say nothing."""
    materials = {material for material, _ in drawn.now_mm}
    rows = []
    for entry in load_assumptions().comparisons:
        if entry["kind"] in ("odds_below", "graded_ratio") and not materials & set(entry["materials"]):
            continue
        answer = _answer(entry, drawn, samples, seed)
        needs_mm = entry["kind"] in ("share_above", "mean_now", "thread_number")
        told = answer.names and (in_mm or not needs_mm)
        rows.append(
            Comparison(
                id=entry["id"],
                study=Text(**entry["study"]),
                measured=Text(**entry["measured"]).fill(**_interval(entry)),
                model=Text(**entry["model"]).fill(**answer.names) if told else None,
                caution=Text(**entry["caution"]) if "caution" in entry else None,
                agreement=answer.agreement if told else "cannot_be_said",
                used=entry["used"],
                status=Status(entry["status"]),
                sources=tuple(entry["sources"]),
            )
        )
    return tuple(rows)


def _answer(entry: Mapping[str, Any], drawn: LiftSamples, samples: int, seed: int) -> Answer:
    match entry["kind"]:
        case "share_above":
            return _share_above(entry, drawn)
        case "mean_now":
            return _mean_now(entry, drawn)
        case "retained":
            return _retained(entry, drawn)
        case "odds_below":
            return _odds_below(entry, drawn)
        case "graded_ratio":
            return _graded_ratio(entry, samples, seed)
        case _:
            return _thread_number(entry, drawn)


def _places(entry: Mapping[str, Any], drawn: LiftSamples) -> list[int]:
    """Columns of the landmarks of the study, if this plan lifts them half as much as any other."""
    now = np.median(drawn.held_mm([0.0])[:, 0], axis=0)
    least = load_assumptions().spreads["comparability"]["least_share"] * now.max(initial=0.0)
    return [
        column
        for column, name in enumerate(drawn.landmarks)
        if name.rsplit("_", 1)[0] in entry["places"] and now[column] >= least
    ]


def _interval(entry: Mapping[str, Any]) -> dict[str, str]:
    if entry["kind"] != "share_above":
        return {}
    low, high = wilson_interval(entry["events"], entry["people"])
    return {"low": _percent(low), "high": _percent(high)}


def wilson_interval(events: int, people: int) -> tuple[float, float]:
    """95 % interval of a share by Wilson's formula."""
    z = 1.959964
    centre = (events + z**2 / 2) / (people + z**2)
    half = z / (people + z**2) * np.sqrt(events * (people - events) / people + z**2 / 4)
    return float(centre - half), float(centre + half)


def _share_above(entry: Mapping[str, Any], drawn: LiftSamples) -> Answer:
    columns = _places(entry, drawn)
    if not columns:
        return Answer(agreement="cannot_be_said")
    month = entry["week"] / WEEKS_PER_MONTH
    held = drawn.held_mm([month], material=entry["materials"][0])[:, 0][:, columns]
    share = float((held >= entry["above_mm"]).mean(axis=0).max())
    low, high = wilson_interval(entry["events"], entry["people"])
    return Answer(agreement=_agree(low <= share <= high), names={"value": _percent(share)})


def _mean_now(entry: Mapping[str, Any], drawn: LiftSamples) -> Answer:
    columns = _places(entry, drawn)
    if not columns:
        return Answer(agreement="cannot_be_said")
    low, high = np.quantile(drawn.held_mm([0.0])[:, 0][:, columns].mean(axis=1), [0.1, 0.9])
    return Answer(
        agreement=_agree(bool(low <= entry["mean_mm"] <= high)),
        names={"low": figure(low, ".1f"), "high": figure(high, ".1f")},
    )


def _retained(entry: Mapping[str, Any], drawn: LiftSamples) -> Answer:
    held = drawn.held_mm([0.0, entry["month"]])
    best = int(np.median(held[:, 0], axis=0).argmax())
    share = held[:, 1, best] / held[:, 0, best]
    low, middle, high = np.quantile(share, [0.1, 0.5, 0.9])
    least, most = entry["range"]
    return Answer(
        agreement=_agree(bool(least <= middle <= most)),
        names={"low": _percent(low), "value": _percent(middle), "high": _percent(high)},
    )


def _odds_below(entry: Mapping[str, Any], drawn: LiftSamples) -> Answer:
    change = drawn.change_mm([entry["month"]])[:, 0]
    odds = float((change >= drawn.threshold_mm[:, None]).mean(axis=0).max())
    return Answer(agreement=_agree(odds < entry["limit"]), names={"value": _percent(odds)})


def _graded_ratio(entry: Mapping[str, Any], samples: int, seed: int) -> Answer:
    """Grade at 12 months over grade at 1 month for fixed threads of the material."""
    nominal, least, most = load_assumptions().spreads["graded_link"]["kappa"]
    rng = np.random.default_rng(seed)
    kappa = rng.triangular(least, nominal, most, samples)[:, None]
    share = sample_retention(entry["materials"][0], "fixed", [1.0, 12.0], samples=samples, seed=seed + 1)
    early, late = grade_of_share(share, kappa).T
    low, high = np.quantile(late / early, [0.1, 0.9])
    curve = retention(entry["materials"][0], "fixed", [1.0, 12.0], samples=2, seed=seed)
    first, last = grade_of_share(np.array(curve.nominal), np.array(nominal))
    measured = entry["measured_ratios"]
    return Answer(
        agreement=_agree(bool(low <= max(measured) and high >= min(measured))),
        names={"value": figure(last / first, ".2f"), "low": figure(low, ".2f"), "high": figure(high, ".2f")},
    )


def grade_of_share(share: Values, kappa: Values) -> Values:
    """How a rater's grade follows the retained share: 0 at 0, 1 at 1, falling late."""
    return np.asarray((1 - np.exp(-kappa * share)) / (1 - np.exp(-kappa)))


def _thread_number(entry: Mapping[str, Any], drawn: LiftSamples) -> Answer:
    """Lift of few and of many like threads a side, and how surely such a trial would tell them apart."""
    month = entry["day"] / 7 / WEEKS_PER_MONTH
    same_study = np.zeros(len(drawn.study_effect))
    held = drawn.held_mm([month], study_effect=same_study)[:, 0]
    best = int(np.median(held, axis=0).argmax())
    side = {"_l": "left", "_r": "right"}.get(drawn.landmarks[best][-2:])
    number = drawn.sides.count(side or "")
    if number == 0:
        return Answer(agreement="cannot_be_said")
    each = held[:, best] / number
    few, many = entry["fewer"] * each, entry["more"] * each
    power = power_of_trial(
        float(many.mean() - few.mean()),
        float(np.sqrt((few.var() + many.var()) / 2 + entry["noise_mm"] ** 2)),
        entry["arm"],
        entry["significance"],
    )
    return Answer(
        agreement="does_not_agree" if power >= entry["clear_power"] else "cannot_be_said",
        names={
            "few": figure(float(np.median(few)), ".1f"),
            "many": figure(float(np.median(many)), ".1f"),
            "power": _percent(power),
        },
    )


def power_of_trial(difference: float, sd: float, arm: int, significance: float) -> float:
    """Power of a two-sided t test of two arms of ``arm`` people each."""
    freedom = 2 * arm - 2
    shift = difference / (sd * np.sqrt(2 / arm))
    critical = stdtrit(freedom, 1 - significance / 2)
    return float(1 - nctdtr(freedom, shift, critical) + nctdtr(freedom, shift, -critical))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _agree(condition: bool) -> Agreement:
    return "agrees" if condition else "does_not_agree"
