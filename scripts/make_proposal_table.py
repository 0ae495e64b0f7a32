"""Writes docs/explanation/proposals.md: what is proposed to made-up people, and what it lifts.

Run ``python scripts/make_proposal_table.py``; it fits both demonstration scans and takes some minutes. Read
the table as a doctor would before a change of the choice, the limits or the tissue model is kept.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from threadlift.anatomy import Anatomy
from threadlift.case.planned import place_patient_anatomy
from threadlift.face.fit import fit_face
from threadlift.face.scan import read_scan
from threadlift.finding import Severity
from threadlift.planning.cable import simulate_threads
from threadlift.planning.clearance import check_plan
from threadlift.planning.path import resolve_thread
from threadlift.planning.plan import Plan
from threadlift.planning.prediction import Prediction, predict
from threadlift.planning.proposal import Proposal
from threadlift.planning.propose import propose_plan
from threadlift.planning.restraint import restrain_proposal
from threadlift.screening import Intake, screen
from threadlift.tissue import Lift, TissueModel, build_tissue

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "explanation" / "proposals.md"
DEMO = ROOT / "examples" / "demo"
ON = date(2026, 11, 23)
REGIONS = ("upper_face", "brow", "midface", "nasolabial", "marionette", "jowl", "jawline", "chin", "neck")
PEOPLE: dict[str, dict[str, Any]] = {
    "woman, 47": {"scan": "scan.ply", "sex": "female", "age_years": 47, "height_cm": 158, "weight_kg": 54},
    "man, 62": {"scan": "scan_metres.ply", "sex": "male", "age_years": 62, "height_cm": 172, "weight_kg": 72},
}
BOTH = ("jowl", "nasolabial")
ALL = ("jowl", "jawline", "midface", "nasolabial", "marionette", "brow", "double_chin", "neck")
# Goals, laxity of every region, whether PDO is ruled out by an allergy.
CASES: tuple[tuple[tuple[str, ...], int, bool], ...] = (
    *((BOTH, grade, False) for grade in (1, 2, 3, 4)),
    (BOTH, 2, True),
    (("jowl",), 2, False),
    (("jowl",), 3, False),
    (("jowl",), 2, True),
    (("jawline",), 2, False),
    (("nasolabial",), 2, False),
    (("midface", "nasolabial"), 1, False),
    (("midface",), 2, False),
    (("marionette",), 2, False),
    (("jowl", "marionette"), 3, False),
    (("brow",), 2, False),
    (("double_chin",), 2, False),
    (("crow_feet", "skin_quality"), 2, False),
    (ALL, 2, False),
)
INTRODUCTION = """# What is proposed to whom

Written by `scripts/make_proposal_table.py`; do not edit. Made-up people on the two demonstration scans, every
region of the same laxity (grade of 4). Threads are those of one side, both sides are alike. Lift is at the
left landmark, middle and 80 % band in mm, now and at 12 months; *most* is the farthest that any skin moves in
the nominal model, *stretch* the largest strain of any skin, right at a needle's entry included. Not validated
in people. Reading help: 3D pictures showed the nasolabial fold 2.3 mm flatter on average right after barbed
threads, and 1.5 mm or more left in 30 % of people at week 8; 3 to 8 mm at once, as often told, has no source.
"""
THOUGHTS = """
## How the choice is made

1. The smallest set of published techniques that serves every wish at its laxity grade: first the fewest that
   hold in the same skin, then the fewest known from general knowledge only, then the fewest threads a side.
   Prices do not enter; fewer threads are cheaper.
2. A floating thread must keep half of its rear barbs in the tissue. Else its path ends up to 10 mm earlier,
   or its entry in the temple lies up to 25 mm farther back in the hair; only then is it tied, which meets a
   stop at the temple (`docs/reference/technique-findings.md`).
3. A technique of which no thread can be cleared gives way to the next one.
4. The lift is simulated once. Over-stretched skin (15 % over a patch of 5 mm radius), bunching (30 %) or
   motion beyond 4.4 mm lowers the pull near that place, not under 0.5 N; then the pair that lifts least goes,
   as long as the published number remains. An entry dragged more than 1.2 times as far as the front of the
   threads is lifted costs a pair only if that helps. What remains is said, and so is a goal of which less
   than a millimetre may be expected.

Double chin and neck have no plan because the only described technique passes the great auricular nerve; the
brow is lifted by half a millimetre in the model. Both are told, not hidden.
"""


def main() -> None:
    """Write the page."""
    rows = [INTRODUCTION]
    for person, facts in PEOPLE.items():
        rows += [
            f"\n## {person.capitalize()}\n",
            "| Goals | Laxity | Threads a side | Stops | Most, mm | Stretch "
            "| Jowl now | 12 months | Fold now | 12 months | Changed and said |",
            "|---|---|---|---|---|---|---|---|---|---|---|",
        ]
        first = _intake(facts, BOTH, 2, no_pdo=False)
        face = fit_face(read_scan(DEMO / facts["scan"])).face
        anatomy = place_patient_anatomy(face, first)
        model = build_tissue(anatomy)
        for goals, grade, no_pdo in CASES:
            intake = _intake(facts, goals, grade, no_pdo=no_pdo)
            rows.append(_row(intake, goals, grade, no_pdo, anatomy, model))
            print(rows[-1], flush=True)
    PAGE.write_text("\n".join(rows) + "\n" + THOUGHTS, encoding="utf-8")


def _intake(facts: dict[str, Any], goals: tuple[str, ...], grade: int, *, no_pdo: bool) -> Intake:
    answers = tomllib.loads((DEMO / "intake.toml").read_text(encoding="utf-8"))
    answers["goals"] = list(goals)
    answers["laxity"] = {region: {"scale": "LAX", "grade": grade} for region in REGIONS}
    answers["patient"] |= {key: value for key, value in facts.items() if key != "scan"}
    if no_pdo:
        answers |= {"has_allergies": "yes", "allergies": [{"to": "thread_material", "material": "PDO"}]}
    return Intake.model_validate(answers)


def _row(
    intake: Intake, goals: tuple[str, ...], grade: int, no_pdo: bool, anatomy: Anatomy, model: TissueModel
) -> str:
    def simulate(plan: Plan) -> Lift:
        return simulate_threads(model, [resolve_thread(thread, anatomy) for thread in plan.threads])

    proposal = propose_plan(intake, screen(intake, on=ON), anatomy)
    proposal = restrain_proposal(proposal, simulate, anatomy)
    wish = ("all" if goals == ALL else ", ".join(goals).replace("_", " ")) + (", no PDO" if no_pdo else "")
    if not proposal.plan.threads:
        told = "; ".join(f"{entry.goal}: {entry.rule}" for entry in proposal.not_planned)
        return f"| {wish} | {grade} | none | | | | | | | | {told} |".replace("_", " ")
    lift = simulate(proposal.plan)
    prediction = predict(proposal.plan, model, lift, seed=1)
    stops = sum(one.severity is Severity.STOP for one in check_plan(proposal.plan, anatomy, market="VN"))
    stretch = 100 * float(np.max(lift.strain_max[lift.modelled]))
    cells = [
        _threads(proposal),
        str(stops),
        f"{lift.largest_mm:.1f}",
        f"{stretch:.0f} %",
        *(_band(prediction, place, month) for place in ("jowl_l", "nlf_l") for month in (0, 12)),
        _said(proposal),
    ]
    return f"| {wish} | {grade} | " + " | ".join(cells) + " |"


def _threads(proposal: Proposal) -> str:
    count: dict[str, int] = {}
    for thread in proposal.plan.threads:
        if thread.side == "left":
            name = f"{thread.technique} {thread.kind} {thread.anchoring}, {thread.tension_n:g} N"
            count[name] = count.get(name, 0) + 1
    return "; ".join(f"{number} x {name}" for name, number in count.items()).replace("_", " ")


def _band(prediction: Prediction, place: str, month: float) -> str:
    entry = next(one for one in prediction.landmark(place).months if one.month == month)
    if entry.held_mm is None:
        return entry.grade.word
    return f"{entry.held_mm.median:.1f} ({entry.held_mm.low10:.1f} to {entry.held_mm.high90:.1f})"


def _said(proposal: Proposal) -> str:
    words = [entry.rule for entry in (*proposal.adjustments, *proposal.not_planned)]
    words += [
        reason.rule
        for reason in proposal.reasons
        if reason.rule in ("passed_over", "goal_small", "sides_differ", "rear_hold_short", "thread_too_short")
    ]
    return ", ".join(dict.fromkeys(words)).replace("_", " ")


if __name__ == "__main__":
    main()
