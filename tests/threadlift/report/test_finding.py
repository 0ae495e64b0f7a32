from tests.threadlift.report.cases import a_case, a_stop
from threadlift.finding import Finding, Severity, Status, Where
from threadlift.language import Text
from threadlift.report.block import Entries, Fold
from threadlift.report.citation import Bibliography
from threadlift.report.context import Context
from threadlift.report.section.finding import group_findings, marks_on_face, tell_findings
from threadlift.report.wording import Wording


def _finding(
    severity: Severity, *, distance_mm: float | None, thread: str = "L1", side: str = "left"
) -> Finding:
    return Finding(
        rule="structure_other_plane",
        rule_version="2026.11.1",
        severity=severity,
        what=Text(en="Passes over it.", vi="Đi phía trên."),
        where=Where.model_validate(
            {
                "structure": "facial_vein" if distance_mm is not None else None,
                "side": side,
                "thread": thread,
                "distance_mm": distance_mm,
                "at_mm": (40.0, -40.0, 10.0) if distance_mm is not None else None,
            }
        ),
        status=Status.UNSOURCED,
    )


def test_stops_come_first_then_the_whole_plan_then_the_nearest() -> None:
    near = _finding(Severity.CAUTION, distance_mm=1.0)
    whole = _finding(Severity.CAUTION, distance_mm=None)
    note = _finding(Severity.NOTE, distance_mm=0.0)
    groups = group_findings([note, near, a_stop(), whole])
    assert [group.members[0] for group in groups] == [a_stop(), whole, near, note]
    assert [group.number for group in groups] == [1, 2, 3, 4]


def test_the_same_finding_about_several_threads_is_told_once_with_the_nearest_in_front() -> None:
    far, near = (_finding(Severity.CAUTION, distance_mm=d, thread=t) for d, t in ((4.0, "L2"), (1.0, "L1")))
    groups = group_findings([far, near])
    assert len(groups) == 1
    assert groups[0].members == (near, far)


def test_a_stop_and_a_caution_about_one_structure_stay_apart() -> None:
    groups = group_findings([_finding(s, distance_mm=1.0) for s in (Severity.STOP, Severity.CAUTION)])
    assert [group.severity for group in groups] == [Severity.STOP, Severity.CAUTION]


def test_no_finding_is_lost_by_grouping() -> None:
    case = a_case()
    assert case.treatment is not None
    groups = group_findings(case.treatment.findings)
    assert sum(len(group.members) for group in groups) == len(case.treatment.findings)


def test_each_side_gets_its_own_mark_and_notes_get_none() -> None:
    sides = [_finding(Severity.CAUTION, distance_mm=1.0, side=side) for side in ("left", "right")]
    note = _finding(Severity.NOTE, distance_mm=1.0)
    marks = marks_on_face(group_findings([*sides, note]))
    assert [(mark.kind, mark.number) for mark in marks] == [("caution", "1"), ("caution", "1")]


def test_a_structure_is_told_with_side_distance_consequence_way_out_and_weakness() -> None:
    say = Wording("en")
    part = tell_findings(Context(a_case(with_stop=True), say, Bibliography(say)))
    entry = next(block for block in part.blocks if isinstance(block, Entries)).items[0]
    assert entry.mark.word == "Stop"
    assert entry.title == "1. Parotid duct"
    assert entry.facts == ("left", "0.5\u00a0mm away", "limit 8.0\u00a0mm")
    assert "Saliva leaks." in entry.lines
    assert "Way out: Move it 5 mm away." in entry.lines
    assert entry.basis is not None
    assert entry.basis.words == "Unsourced: general knowledge"


def test_stops_and_cautions_are_never_folded_away() -> None:
    say = Wording("en")
    part = tell_findings(Context(a_case(with_stop=True), say, Bibliography(say)))
    folded = [entry for block in part.blocks if isinstance(block, Fold) for entry in block.blocks[0].items]  # type: ignore[union-attr]
    assert folded
    assert {entry.mark.word for entry in folded} == {"Note"}
