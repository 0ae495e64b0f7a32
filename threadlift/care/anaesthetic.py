"""Largest dose of local anaesthetic: the lower of mg/kg and absolute limit, all routes and agents together.

Each dose uses a share of its own limit; the shares add up, and 1 is the end. Cream counts in full and without
epinephrine. Exactly at the limit is a caution, above it a stop.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import ValidationError

from threadlift.care.safety_file import Anaesthetic, SafetyPatient
from threadlift.care.safety_finding import finding, name_entries
from threadlift.errors import RuleDataError
from threadlift.files import load_data
from threadlift.finding import Finding, Status
from threadlift.frozen import Frozen
from threadlift.language import Text
from threadlift.screening.answer import Answer
from threadlift.screening.medicine import classify

ROUNDING = 1e-9  # a dose exactly at the limit must not exceed it by a rounding error
REACTS_WITH_EPINEPHRINE = frozenset({"beta_blocker", "tricyclic_or_maoi"})


class Limit(Frozen):
    """Largest dose by weight and in all."""

    mg_per_kg: float
    cap_mg: float


class Agent(Frozen):
    """One local anaesthetic."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str = ""
    name: Text
    plain: Limit
    with_epinephrine: Limit


class Reduction(Frozen):
    """Who gets less: the limit times ``factor``."""

    id: str
    status: Status
    sources: tuple[str, ...]
    reason: str
    factor: float
    from_age_years: float | None = None
    what: Text


class CountedDose(Frozen):
    """One dose and the share of its limit that it uses."""

    agent: str
    route: str
    epinephrine: bool
    dose_mg: float
    limit_mg: float
    share: float


class Remaining(Frozen):
    """What may still be given of one agent, if nothing else is added."""

    agent: str
    epinephrine: bool
    limit_mg: float
    remaining_mg: float
    remaining_ml: dict[str, float]


class DoseCheck(Frozen):
    """Result of the dose check. ``share`` is None when it cannot be counted."""

    dosing_weight_kg: float | None
    weight_basis: Text | None
    factor: float
    reductions: tuple[Text, ...]
    counted: tuple[CountedDose, ...]
    share: float | None
    remaining: tuple[Remaining, ...]
    findings: tuple[Finding, ...]


@cache
def load_limits() -> tuple[dict[str, Agent], dict[str, Reduction], dict[str, dict[str, Any]]]:
    """Agents, reductions and settings by id."""
    content = load_data("threadlift.care", "anaesthetic.toml")
    try:
        agents = {a.id: a for a in map(Agent.model_validate, content["agent"])}
        reductions = {r.id: r for r in map(Reduction.model_validate, content["reduction"])}
    except (ValidationError, KeyError) as error:
        raise RuleDataError(f"care/data/anaesthetic.toml: {error}") from error
    return agents, reductions, {entry["id"]: entry for entry in content["setting"]}


def dosing_weight(patient: SafetyPatient) -> tuple[float, Text] | None:
    """Weight in kg that the dose is counted for, and why; None without a weight."""
    setting = load_limits()[2]["dosing_weight"]
    if patient.weight_kg is None:
        return None
    if patient.height_cm is None or patient.bmi is None:
        most = setting["no_height_max_kg"]
        basis = Text(en="height not known: at most {kg} kg", vi="không biết chiều cao: tối đa {kg} kg")
        return min(patient.weight_kg, most), basis.fill(kg=f"{most:g}")
    if patient.bmi < setting["obese_bmi"]:
        return patient.weight_kg, Text(en="actual weight", vi="cân nặng thực")
    base = setting["ideal_base_kg"]["male" if patient.sex == "male" else "female"]
    ideal = base + setting["ideal_kg_per_cm"] * (patient.height_cm - setting["ideal_base_height_cm"])
    weight = min(patient.weight_kg, max(ideal, setting["lowest_kg"]))
    return weight, Text(en="ideal weight, because of obesity", vi="cân nặng lý tưởng, do béo phì")


def limit_mg(agent: Agent, *, epinephrine: bool, weight_kg: float, factor: float = 1.0) -> float:
    """Largest dose in mg: the lower of mg/kg x weight and the absolute limit, times the reduction."""
    limit = agent.with_epinephrine if epinephrine else agent.plain
    return min(limit.mg_per_kg * weight_kg, limit.cap_mg) * factor


def reductions_for(patient: SafetyPatient) -> tuple[Reduction, ...]:
    """Reductions that apply. What is `unknown` or left out counts as yes, and the words say so."""
    _, reductions, settings = load_limits()
    assumed = Text.model_validate(settings["unanswered_counts_as_yes"]["says"])
    found = []
    for name, answer in _reasons_to_reduce(patient).items():
        if answer == "yes":
            found.append(reductions[name])
        elif answer != "no":
            words = assumed.fill(what=reductions[name].what)
            found.append(reductions[name].model_copy(update={"what": words}))
    return tuple(found)


def _reasons_to_reduce(patient: SafetyPatient) -> dict[str, Answer]:
    from_age = load_limits()[1]["reduction_age"].from_age_years or 0.0
    old: Answer = "unknown"
    if patient.age_years is not None:
        old = "yes" if patient.age_years >= from_age else "no"
    slow = any("cyp_inhibitor" in classify(medicine) for medicine in patient.medicines)
    return {
        "reduction_age": old,
        "reduction_liver": patient.liver_disease or "unknown",
        "reduction_heart": patient.heart_disease or "unknown",
        "reduction_pregnancy": patient.pregnant or ("no" if patient.sex == "male" else "unknown"),
        "reduction_cyp": "yes" if slow else "no",
    }


def check_dose(patient: SafetyPatient, doses: Iterable[Anaesthetic]) -> DoseCheck:
    """Count every dose of the last 24 hours against the limit of this patient."""
    agents, _, settings = load_limits()
    counting = [dose for dose in doses if dose.hours_ago <= settings["dose_window"]["hours"]]
    reductions = reductions_for(patient)
    factor = min((reduction.factor for reduction in reductions), default=1.0)
    weight = dosing_weight(patient)
    findings = [*_about_patient(patient, counting), *_about_doses(patient, counting)]
    if reductions:
        names = Text(en=", ".join(r.what.en for r in reductions), vi=", ".join(r.what.vi for r in reductions))
        findings.append(finding("reduced", percent=f"{factor * 100:.0f}", names=names))
    counted: tuple[CountedDose, ...] = ()
    share = None
    if weight is not None:
        counted = tuple(
            _count(agents[_agent_id(dose)], dose, weight[0], factor)
            for dose in counting
            if _agent_id(dose) in agents and dose.dose_mg is not None
        )
        if len(counted) == len(counting):
            share = sum(dose.share for dose in counted)
            findings.append(_about_share(share))
        findings.append(_rescue(weight[0]))
    return DoseCheck(
        dosing_weight_kg=weight[0] if weight else None,
        weight_basis=weight[1] if weight else None,
        factor=factor,
        reductions=tuple(reduction.what for reduction in reductions),
        counted=counted,
        share=share,
        remaining=_remaining(counting, weight[0], factor, share) if weight and share is not None else (),
        findings=tuple(findings),
    )


def _agent_id(dose: Anaesthetic) -> str:
    """The agent's id: any case, and the spellings in use."""
    name = dose.agent.strip().lower()
    known = load_limits()[0]
    spelled = {text: agent.id for agent in known.values() for text in (agent.name.vi, f"{agent.name.vi}e")}
    return (
        name
        if name in known
        else spelled.get(name, {"lignocaine": "lidocaine", "xylocaine": "lidocaine"}.get(name, name))
    )


def _has_epinephrine(dose: Anaesthetic) -> bool:
    return dose.epinephrine == "yes" and dose.route != "topical"


def _count(agent: Agent, dose: Anaesthetic, weight_kg: float, factor: float) -> CountedDose:
    limit = limit_mg(agent, epinephrine=_has_epinephrine(dose), weight_kg=weight_kg, factor=factor)
    milligrams = dose.dose_mg or 0.0
    return CountedDose(
        agent=agent.id,
        route=dose.route,
        epinephrine=_has_epinephrine(dose),
        dose_mg=milligrams,
        limit_mg=limit,
        share=milligrams / limit,
    )


def _about_share(share: float) -> Finding:
    margin = load_limits()[2]["dose_margin"]["caution_share"]
    rule = "dose_within_limit" if share < margin else "dose_near_limit"
    if share > 1 + ROUNDING:
        rule = "dose_over_limit"
    return finding(
        rule, percent=f"{share * 100:.0f}", value=round(share, 4), threshold=1.0, unit="share of limit"
    )


def _about_patient(patient: SafetyPatient, doses: list[Anaesthetic]) -> Iterable[Finding]:
    if patient.weight_kg is None:
        yield finding("weight_missing")
    elif patient.height_cm is None:
        yield finding("height_missing")
    adult = load_limits()[2]["adult_age"]["from_age_years"]
    if patient.age_years is not None and patient.age_years < adult:
        yield finding("child", value=patient.age_years, threshold=adult, unit="years")
    asked = ["age_years", "liver_disease", "heart_disease", *([] if patient.sex == "male" else ["pregnant"])]
    missing = [name for name in asked if getattr(patient, name) is None]
    if missing:
        yield finding("answers_missing", names=name_entries(missing))
    yield from _about_allergies(patient, doses)


def _about_allergies(patient: SafetyPatient, doses: list[Anaesthetic]) -> Iterable[Finding]:
    if any(allergy.to == "unknown" for allergy in patient.allergies):
        yield finding("allergy_unknown")
    if any(allergy.to == "amide_anaesthetic" for allergy in patient.allergies) and any(
        _agent_id(dose) != "tetracaine" for dose in doses
    ):
        yield finding("amide_allergy")
    if any(allergy.to == "ester_anaesthetic" for allergy in patient.allergies) and any(
        _agent_id(dose) == "tetracaine" for dose in doses
    ):
        yield finding("amide_allergy")


def _about_doses(patient: SafetyPatient, doses: list[Anaesthetic]) -> Iterable[Finding]:
    agents = load_limits()[0]
    for dose in doses:
        agent = agents.get(_agent_id(dose))
        if agent is None:
            yield finding("agent_unknown", agent=dose.agent)
            continue
        if dose.dose_mg is None:
            yield finding("concentration_missing", agent=agent.name)
        if agent.status is Status.UNSOURCED:
            yield finding("agent_unsourced", agent=agent.name)
        if dose.epinephrine == "unknown" and dose.route != "topical":
            yield finding("epinephrine_unknown", agent=agent.name)
        if _is_dilute(dose):
            yield finding("tumescent")
        if agent.id == "prilocaine":
            yield finding("prilocaine_methaemoglobin")
    reacting = {c for medicine in patient.medicines for c in classify(medicine)} & REACTS_WITH_EPINEPHRINE
    allergic = any(allergy.to == "epinephrine" for allergy in patient.allergies)
    if any(_has_epinephrine(dose) for dose in doses) and (
        reacting or allergic or patient.heart_disease != "no"
    ):
        yield finding("epinephrine_heart")


def _is_dilute(dose: Anaesthetic) -> bool:
    limit = load_limits()[2]["tumescent"]["up_to_mg_per_ml"]
    thin = dose.route == "injected" and dose.mg_per_ml is not None and dose.mg_per_ml <= limit
    return dose.route == "tumescent" or thin


def _rescue(weight_kg: float) -> Finding:
    setting = load_limits()[2]["lipid_rescue"]
    return finding(
        "needs_sign_in_dose",
        bolus=f"{setting['bolus_ml_per_kg'] * weight_kg:.0f}",
        infusion=f"{setting['infusion_ml_per_kg_min'] * weight_kg:.0f}",
    )


def _remaining(
    doses: list[Anaesthetic], weight_kg: float, factor: float, share: float
) -> tuple[Remaining, ...]:
    agents = load_limits()[0]
    wanted = dict.fromkeys(["lidocaine", *(_agent_id(dose) for dose in doses)])
    left = max(0.0, 1.0 - share)
    found = []
    for name in wanted:
        given = {dose.mg_per_ml for dose in doses if _agent_id(dose) == name and dose.mg_per_ml}
        strengths = sorted(given | set(load_limits()[2]["shown_strengths"]["mg_per_ml"]))
        for epinephrine in (False, True):
            limit = limit_mg(agents[name], epinephrine=epinephrine, weight_kg=weight_kg, factor=factor)
            found.append(
                Remaining(
                    agent=name,
                    epinephrine=epinephrine,
                    limit_mg=round(limit, 2),
                    remaining_mg=_down(left * limit),
                    remaining_ml={f"{s / 10:g} %": _down(left * limit / s) for s in strengths},
                )
            )
    return tuple(found)


def _down(value: float) -> float:
    """Two decimals, never rounded up: what is left is not overstated."""
    return int(value * 100 + ROUNDING) / 100
