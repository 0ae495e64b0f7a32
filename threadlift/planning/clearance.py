"""Every thread of a plan checked along its whole path on one face.

**Stop**: the path may enter the plane in which a structure lies, within its margin, or cannot be checked at
all. **Caution**: it passes in another plane within the margin, or its depth is uncertain. **Note**: worth
knowing. That nothing is found never means that a path is safe; the last finding always says what was checked
and what was not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from threadlift.anatomy.placement import Anatomy
from threadlift.finding import Finding, Severity, Where
from threadlift.language import Text
from threadlift.planning.clearance_between import check_between
from threadlift.planning.clearance_depth import check_depth
from threadlift.planning.clearance_feature import check_features
from threadlift.planning.clearance_place import check_on_skin, check_place, sides_touched
from threadlift.planning.clearance_rule import ClearanceRules, load_clearance_rules
from threadlift.planning.clearance_structure import check_structures
from threadlift.planning.clearance_thread import check_thread
from threadlift.planning.path import ResolvedThread, resolve_thread
from threadlift.planning.plan import Plan
from threadlift.threads import Catalogue, load_catalogue

_WORST_FIRST = {severity: rank for rank, severity in enumerate(Severity)}
_FACE_SOURCES = {
    "photo": Text(en="photographs", vi="ảnh chụp"),
    "template": Text(en="the template, not this person", vi="khuôn mặt mẫu, không phải người này"),
    "scan": Text(en="a scan of limited quality", vi="bản quét chất lượng hạn chế"),
}


def check_plan(
    plan: Plan,
    anatomy: Anatomy,
    catalogue: Catalogue | None = None,
    *,
    market: str = "other",
    step_mm: float | None = None,
) -> tuple[Finding, ...]:
    """All findings about ``plan`` on the face of ``anatomy``, worst first.

    ``market`` is where the threads would be placed (cleared use), ``step_mm`` overrides how finely paths are
    sampled. Raises ``InputError`` for a landmark that the face does not have.
    """
    rules, catalogue = load_clearance_rules(), catalogue or load_catalogue()
    widen_mm = widening(anatomy, rules)
    threads = tuple(resolve_thread(thread, anatomy, rules=rules, step_mm=step_mm) for thread in plan.threads)
    findings = [
        finding for one in threads for finding in check_alone(one, anatomy, catalogue, widen_mm, rules)
    ]
    findings += check_between(threads, rules)
    findings += _judge_kinds(plan, catalogue, market)
    findings += _check_face(plan, anatomy, widen_mm, rules)
    findings.sort(key=lambda finding: _WORST_FIRST[finding.severity])
    structures = len({structure.id for structure in anatomy.structures})
    scope = rules.finding("scope", where=Where(), value=str(len(threads)), structures=structures)
    return (*findings, scope)


def check_placement(plan: Plan, threads: Sequence[ResolvedThread], anatomy: Anatomy) -> tuple[Finding, ...]:
    """Only what makes ``plan`` meaningless on this face: made for another one, or lying off its skin."""
    rules = load_clearance_rules()
    off = (finding for thread in threads for finding in check_on_skin(thread, rules))
    return (*_check_origin(plan, anatomy, rules), *off)


def widening(anatomy: Anatomy, rules: ClearanceRules | None = None) -> float:
    """What is added to every margin in mm for the uncertain position of anatomy on this face.

    On a scan, the part of the position's deviation that the margins of the atlas do not cover; on
    photographs and the template all of it.
    """
    rules = rules or load_clearance_rules()
    sigmas = rules.limit("anatomy_approximate", "sigmas")
    covered = rules.limit("anatomy_approximate", "covered_sd_mm") if anatomy.face.source == "scan" else 0.0
    return sigmas * max(anatomy.face.quality.position_sd_mm - covered, 0.0)


def check_alone(
    resolved: ResolvedThread, anatomy: Anatomy, catalogue: Catalogue, widen_mm: float, rules: ClearanceRules
) -> Iterator[Finding]:
    """Findings about one thread by itself; ``widen_mm`` is what ``widening`` gives for the face."""
    kind = catalogue.kinds.get(resolved.thread.kind)
    sides = sides_touched(resolved, anatomy.face, rules)
    near = tuple(structure for structure in anatomy.structures if structure.side in sides)
    yield from check_structures(resolved, near, widen_mm, rules)
    yield from check_place(resolved, anatomy, rules)
    yield from check_features(resolved, anatomy.face, rules)
    smooth = kind is not None and kind.form != "unknown" and not kind.can_lift
    yield from check_depth(resolved, anatomy, rules, lifts=not smooth)
    yield from check_thread(resolved, kind, rules)


def _judge_kinds(plan: Plan, catalogue: Catalogue, market: str) -> Iterator[Finding]:
    """Material and cleared use, once for each kind in the plan."""
    for kind in dict.fromkeys(thread.kind for thread in plan.threads):
        if kind in catalogue.kinds:
            yield from catalogue.judge(kind, market)


def _check_origin(plan: Plan, anatomy: Anatomy, rules: ClearanceRules) -> Iterator[Finding]:
    if plan.face is not None and plan.face != anatomy.face.fingerprint:
        yield rules.finding("plan_of_other_face", where=Where())


def _check_face(plan: Plan, anatomy: Anatomy, widen_mm: float, rules: ClearanceRules) -> Iterator[Finding]:
    yield from _check_origin(plan, anatomy, rules)
    if anatomy.face.source != "scan" or widen_mm > 0.0:
        yield rules.finding(
            "anatomy_approximate",
            where=Where(),
            value=round(widen_mm, 1),
            threshold=0.0,
            unit="mm",
            source=_FACE_SOURCES[anatomy.face.source],
        )
    if anatomy.face.quality.grade not in ("good", "usable"):
        yield rules.finding("fit_weak", where=Where(), value=anatomy.face.quality.grade)
    for note in anatomy.notes:
        yield rules.finding("layers_doubtful", where=Where(), note=note)
