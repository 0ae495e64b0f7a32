"""Why a proposal is as it is: techniques, material, skin and sides, each with its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from threadlift.anatomy import Anatomy
from threadlift.face.measure import measure_face
from threadlift.language import figure
from threadlift.planning.choice import Chosen
from threadlift.planning.proposal import MaterialChoice, ProposalData
from threadlift.planning.sentence import Reason
from threadlift.screening.intake import Intake
from threadlift.screening.verdict import Verdict
from threadlift.threads import Catalogue


def explain_techniques(chosen: Sequence[Chosen], data: ProposalData) -> list[Reason]:
    """Each technique with its facts, its weakness and its number of threads."""
    reasons = []
    for entry in chosen:
        technique = entry.technique
        name = technique.name
        goals = {language: ", ".join(_goal_names(entry.goals, data, language)) for language in ("en", "vi")}
        reasons.append(
            data.say(
                "technique_chosen",
                status=technique.status,
                sources=technique.sources,
                technique=name,
                goals=name.model_copy(update=goals),
                facts=technique.facts,
            )
        )
        reasons.append(
            data.say("technique_weak", status=technique.status, technique=name, weakness=technique.weakness)
        )
        if entry.grade is None:
            reasons.append(data.say("laxity_not_graded", technique=name, count=entry.count))
        else:
            known = data.goals.get(entry.region or "")
            region = known.name if known else name
            reasons.append(
                data.say(
                    "count_from_laxity", technique=name, count=entry.count, grade=entry.grade, region=region
                )
            )
            if entry.grade >= 3:
                reasons.append(data.say("laxity_severe", technique=name))
        if "double_chin" in entry.goals:
            reasons.append(data.say("double_chin_fat"))
    return [*reasons, data.say("more_is_not_better")]


def _goal_names(goals: Sequence[str], data: ProposalData, language: str) -> list[str]:
    return [getattr(data.goals[goal].name, language) for goal in goals]


def explain_material(
    intake: Intake, verdict: Verdict, material: MaterialChoice, catalogue: Catalogue, data: ProposalData
) -> list[Reason]:
    """Why this material, which ones are left out, and what is beside it."""
    reasons = [
        data.say("material_chosen", status=material.status, sources=material.sources, why=material.why)
    ]
    by_polymer = {choice.polymer: choice.material for choice in data.materials}
    for entry in verdict.restrictions.materials:
        name = catalogue.material(by_polymer[entry.what]).name if entry.what in by_polymer else entry.what
        reasons.append(data.say("material_excluded", material=name))
    wish = intake.wish.duration_months
    if wish is not None and verdict.durations and all(r.meets_wish is False for r in verdict.durations):
        reasons.append(data.say("wish_longer_than_material", wish=wish))
    if material.polymer == "PDO":
        for past in intake.history:
            if past.kind == "ha_filler" and past.area != "body":
                reasons.append(data.say("filler_nearby", area=data.areas[past.area]))
    return reasons


def explain_skin(intake: Intake, data: ProposalData) -> list[Reason]:
    """What thin skin asks for."""
    return [data.say("thin_skin_shows")] if intake.skin.thickness == "thin" else []


def compare_sides(anatomy: Anatomy, data: ProposalData) -> Reason:
    """That both sides get the same threads, or that the scan shows them to differ beyond its uncertainty."""
    face = anatomy.face
    if face.source == "scan":
        measures = measure_face(face)
        for left in (one for one in measures.measures if one.is_laxity and one.side == "left"):
            right = measures.measure(left.id, "right")
            doubt = 1.96 * hypot(left.uncertainty_sd, right.uncertainty_sd)
            if left.unit == "mm" and abs(left.value - right.value) > doubt:
                return data.say(
                    "sides_differ",
                    measure=left.name,
                    left=figure(left.value, ".1f"),
                    right=figure(right.value, ".1f"),
                    doubt=figure(doubt, ".1f"),
                )
    return data.say("sides_alike")
