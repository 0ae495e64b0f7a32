import numpy as np

from tests.threadlift.report.builders import a_face, a_scene, small_view
from threadlift.report.overlay import DrawnMark, DrawnStructure, DrawnThread, Overlay, draw_overlay
from threadlift.report.picture import take_shot


def _draw(view: str, overlay: Overlay) -> str:
    return draw_overlay(take_shot(a_scene(), small_view(view)), a_scene(), overlay, title="t")


def _cheek(sign: float) -> np.ndarray:
    hits = a_face().vertices_mm
    wanted = np.linspace([sign * 66.0, -20.0, -20.0], [sign * 45.0, -45.0, 10.0], 12)
    return np.array([hits[np.argmin(np.linalg.norm(hits - place, axis=1))] for place in wanted])


def test_a_thread_on_the_near_side_is_drawn_with_its_number() -> None:
    drawn = _draw("oblique_left", Overlay(threads=[DrawnThread("L1", _cheek(1.0))]))
    assert ">L1</text>" in drawn
    assert "<circle" in drawn


def test_a_thread_on_the_far_side_is_left_out() -> None:
    assert ">R1</text>" not in _draw("left", Overlay(threads=[DrawnThread("R1", _cheek(-1.0))]))


def test_kinds_of_structure_differ_by_line_and_not_only_by_colour() -> None:
    drawn = [
        _draw("oblique_left", Overlay(structures=[DrawnStructure(kind, _cheek(1.0))]))
        for kind in ("nerve", "vessel", "gland")
    ]
    dashes = [
        "stroke-dasharray:5" in drawn[0],
        "stroke-dasharray" in drawn[1],
        "stroke-dasharray:0.1" in drawn[2],
    ]
    assert dashes == [True, False, True]


def test_a_mark_shows_its_number_where_it_is_seen_and_nothing_where_it_is_hidden() -> None:
    place = tuple(float(value) for value in _cheek(1.0)[5])
    mark = DrawnMark("stop", "7", (place[0], place[1], place[2]))
    assert ">7</text>" in _draw("oblique_left", Overlay(marks=[mark]))
    assert ">7</text>" not in _draw("right", Overlay(marks=[mark]))


def test_two_labels_at_one_place_do_not_cover_each_other() -> None:
    drawn = _draw("oblique_left", Overlay(threads=[DrawnThread(name, _cheek(1.0)) for name in ("L1", "L2")]))
    boxes = [part.split('"')[0:4:2] for part in drawn.split("<rect x=")[1:]]
    places = [
        tuple(float(p) for p in part.replace('"', " ").split()[:1]) for part in drawn.split("<rect x=")[1:]
    ]
    assert len(boxes) == 2
    assert places[0] != places[1]


def test_a_name_from_a_plan_cannot_break_the_drawing() -> None:
    drawn = _draw("oblique_left", Overlay(threads=[DrawnThread("<b>", _cheek(1.0))]))
    assert "<b>" not in drawn
