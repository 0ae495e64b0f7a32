"""Writes docs/reference/technique-findings.md: what clearance says of the published techniques.

Run ``python scripts/make_technique_table.py``; ``--check`` only tells whether the page is current.
"""

from __future__ import annotations

import sys
from pathlib import Path

from threadlift.anatomy import Anatomy, Plane, place_anatomy
from threadlift.anatomy.geometry_check import check_face, check_reference_head
from threadlift.face.face import Face, FaceQuality
from threadlift.face.template import load_template
from threadlift.finding import Finding, Severity
from threadlift.planning.clearance import check_plan
from threadlift.planning.plan import Plan
from threadlift.planning.technique import Technique, load_techniques, place_technique
from threadlift.threads import load_catalogue

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "technique-findings.md"
MARK = {Severity.STOP: "**stop**", Severity.CAUTION: "caution", Severity.NOTE: "note"}
KIND = "plcl_cog_long"
INTRODUCTION = """# What clearance says of the published techniques

Written by `scripts/make_technique_table.py`; do not edit. The seven techniques, with as many threads a side
as are published at most, on the template head as if it had been scanned (a woman of 45 years, body mass
index 23), left side. Distances are along the skin, in mm, from the course of the structure, the nearest of
the threads.

*Stop* = the path may enter the plane in which the structure lies, within its margin. *Caution* = it passes
over or under it within the margin, or the plane is uncertain. *Note* = it passes beside it in another plane.
An empty cell = not near; that is not "safe". Depths of nearly all nerves have no source: see the standing in
the atlas (`threadlift evidence fn_buccal`).
"""
THOUGHTS = """## Where a published technique is stopped, and why

- **Brow, fixed.** The knot is tied to the deep temporal fascia or galea 56 mm in front of the tragus. The
needle passes the temporoparietal fascia there, in which the frontal branch of the superficial temporal
artery runs (artery-free is only the band 10 to 30 mm in front of the tragus). Left floating in the fat, the
brow thread is a caution. No series reports the technique.
- **Neck.** One thread a side behind the ear injured the great auricular nerve for two months. The nerve is
not covered by the platysma and is nearest the surface 65 mm below the ear canal (McKinney's point); there
the fat just superficial to the platysma counts as its own plane. Just under the skin the path gives cautions
only.
- **Temple techniques, fixed.** The temple entry lies inside the fan of the temporal branch of the facial
nerve, outside the window. Floating threads stay above that plane; a fixed one goes through it.
- **Facial artery at the nasolabial fold.** Towards the nose the artery lies among or above the muscles, so
its plane is uncertain for a thread that stops lateral to the fold (caution), and it is stopped when it
crosses it.
"""
DISTANCES = """## Distances of the placed atlas

The points of the atlas were placed to satisfy these distances, so they prove names, signs and mirroring, not
anatomy. *Reference head*: before laying on the skin, to 0.25 mm. *Template*: left side, against the range of
the sources scaled by the template's own length (outer canthus to tragion) or height (nasion to gnathion);
*unscaled* compares with the range as measured in people.

| Distance | Reference head | Template | Range, scaled | Range in people | scaled | unscaled |
|---|---|---|---|---|---|---|"""


def template_anatomy() -> Anatomy:
    """The atlas on the template head."""
    template = load_template()
    quality = FaceQuality(grade="good", scale_source="template", position_sd_mm=2.0)
    landmarks = template.place_landmarks(template.vertices_mm)
    face = Face(template.vertices_mm, landmarks, "scan", template.version, quality)
    return place_anatomy(face, sex="female", age_years=45.0, bmi=23.0)


def make_page() -> str:
    """The whole page."""
    anatomy = template_anatomy()
    variants = [variant for technique in load_techniques().values() for variant in _variants(technique)]
    findings = [_findings(anatomy, *variant) for variant in variants]
    parts = [INTRODUCTION, _key(variants), _table(anatomy, findings), THOUGHTS, _others(variants, findings)]
    return "\n".join([*parts, _geometry(anatomy)])


Variant = tuple[Technique, Plane, str]


def _variants(technique: Technique) -> list[Variant]:
    published = [(technique, technique.plane, anchoring) for anchoring in technique.anchoring]
    floating = [] if "floating" in technique.anchoring else [(technique, technique.plane, "floating")]
    return [*published, *floating, (technique, Plane.SMAS, "floating")]


def _findings(anatomy: Anatomy, technique: Technique, plane: Plane, anchoring: str) -> list[Finding]:
    threads = place_technique(
        technique.id,
        anatomy.face,
        "left",
        kind=KIND,
        count=technique.per_side[1],
        plane=plane,
        anchoring="fixed" if anchoring == "fixed" else "floating",
    )
    kinds = {finding.rule for finding in load_catalogue().judge(KIND, "other")}
    ignored = {*kinds, "plan_one_sided", "scope"}
    return [one for one in check_plan(Plan(threads=threads), anatomy) if one.rule not in ignored]


def _key(variants: list[Variant]) -> str:
    rows = ["| # | Technique | Plane | Anchor | |", "|---|---|---|---|---|"]
    for number, (technique, plane, anchoring) in enumerate(variants, 1):
        is_published = plane is technique.plane and anchoring in technique.anchoring
        standing = "published" if is_published else "for comparison"
        rows.append(f"| {number} | {technique.name.en} | {plane.value} | {anchoring} | {standing} |")
    return "\n".join([*rows, ""])


def _table(anatomy: Anatomy, findings: list[list[Finding]]) -> str:
    head = [f"| Structure | {' | '.join(str(number) for number in range(1, len(findings) + 1))} |"]
    head.append("|---" * (len(findings) + 1) + "|")
    rows = []
    for structure in (one for one in anatomy.structures if one.side == "left"):
        cells = [_cell([one for one in found if one.where.structure == structure.id]) for found in findings]
        rows.append(f"| {structure.name.en} | {' | '.join(cells)} |")
    return "\n".join([*head, *rows, ""])


def _cell(found: list[Finding]) -> str:
    if not found:
        return ""
    worst = min(found, key=lambda one: list(Severity).index(one.severity))
    nearest = min(one.where.distance_mm or 0.0 for one in found if one.severity is worst.severity)
    return f"{MARK[worst.severity]} {nearest:.0f}"


def _others(variants: list[Variant], findings: list[list[Finding]]) -> str:
    rows = []
    for number, found in enumerate(findings, 1):
        if variants[number - 1][1] is Plane.SMAS:
            continue
        rules = sorted({f"{one.rule} ({one.severity.value})" for one in found if not one.where.structure})
        rows.append(f"| {number} | {', '.join(rules)} |")
    return "\n".join(["## Other findings", "", "| # | Rules |", "|---|---|", *rows, ""])


def _geometry(anatomy: Anatomy) -> str:
    reference = {one.check.id: one for one in check_reference_head() if one.side == "left"}
    rows = []
    for one in (found for found in check_face(anatomy) if found.side == "left"):
        low, high = one.check.expected_mm
        on_head = reference[one.check.id]
        cells = (
            one.check.what,
            f"{on_head.measured_mm:.1f} ({_word(on_head.holds)})",
            f"{one.measured_mm:.1f}",
            f"{one.expected_mm[0]:.1f}-{one.expected_mm[1]:.1f}",
            f"{low:g}-{high:g}",
            _word(one.holds),
            _word(low <= one.measured_mm <= high),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([DISTANCES, *rows, ""])


def _word(holds: bool) -> str:
    return "holds" if holds else "**misses**"


if __name__ == "__main__":
    page = make_page()
    if "--check" in sys.argv:
        sys.exit(
            0 if PAGE.read_text(encoding="utf-8") == page else f"{PAGE.name} is out of date; run this script"
        )
    PAGE.write_text(page, encoding="utf-8")
