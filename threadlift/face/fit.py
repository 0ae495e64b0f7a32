"""From a scan to a face: landmarks, scale, outer surface, non-rigid fit, quality.

What cannot be told from a scan: whether it is a mirror image (a mirrored face is a face). What can:
inside-out winding, any orientation, the unit, holes, a missing half.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from threadlift.errors import InputError, MissingExtraError
from threadlift.face.bending import EARS, Pull, ScanPoints, bend_template, join_pulls, pull_vertices
from threadlift.face.detection import DetectedLandmarks, detect_landmarks
from threadlift.face.ear import find_ear
from threadlift.face.face import Face, Indices, Vectors
from threadlift.face.landmark_file import check_near
from threadlift.face.mark import Marks, anchor_place, gather_marks
from threadlift.face.orientation import Shape, enclosing_ball
from threadlift.face.quality import judge_fit
from threadlift.face.registration import Similarity, align
from threadlift.face.repair import compact, keep_outside, note, stage
from threadlift.face.scale import Scale, find_scale
from threadlift.face.scan import Scan, ScanReport
from threadlift.face.surface import Surface
from threadlift.face.template import Template, load_template
from threadlift.language import Text

Progress = Callable[[Text, float], None]

_LEAST_BY_HAND = 5
_OFF_SURFACE_SHARE = 0.03
_HEAD_CENTRE_MM = np.array([0.0, -45.0, -70.0])
_HEAD_RADIUS_MM = 185.0
_UPRIGHT = 0.9
_MOST_PITCH = np.radians(10.0)
_EYE_CORNERS = ("en_l", "en_r", "ex_l", "ex_r")


@dataclass(frozen=True)
class FitResult:
    """A fitted face and how it came about.

    ``transform`` carries scan-file coordinates to the face frame in mm; ``detected`` are the landmarks that
    were found or given, in file coordinates; ``engine`` names the detector, empty when all landmarks were set
    by hand.
    """

    face: Face
    scan_report: ScanReport
    transform: Similarity
    detected: Mapping[str, Vectors]
    engine: str

    def landmarks_in_file(self) -> dict[str, Vectors]:
        """The fitted landmarks in the coordinates of the scan file: a start for correcting them by hand."""
        back = self.transform.inverse()
        return {name: back.apply(point) for name, point in self.face.landmarks_mm.items()}


def fit_face(
    scan: Scan, *, landmarks: Mapping[str, Vectors] | None = None, progress: Progress | None = None
) -> FitResult:
    """Fit the template to ``scan``.

    ``landmarks`` set by hand, in file coordinates, override detected ones. ``progress`` is called with the
    stage and a share from 0 to 1; what it raises ends the work. Raises ``InputError`` when there is no face,
    or the size is unknown or contradictory; ``MissingExtraError`` when there is no detector and too few
    landmarks are given. A fit that must not be used has the grade ``refused``.
    """
    tell = progress or (lambda text, share: None)
    template = load_template()
    by_hand = dict(landmarks or {})
    tell(stage("landmarks"), 0.0)
    detected = _find_landmarks(scan, by_hand, template)
    stated = (scan.stated.first, scan.stated.second) if scan.stated else ()
    marks = gather_marks(template, detected, by_hand, stated)
    placement = align(marks.on(template, template.vertices_mm), marks.points, marks.weights)[0]
    scale = _scale_of(scan, template, placement, marks)
    tell(stage("surface"), 0.25)
    transform = _to_face_frame(placement, scale)
    vertices, triangles, notes = _head_surface(scan, transform, placement.scale * scale.factor)
    tell(stage("fit"), 0.4)
    start = template.vertices_mm * (placement.scale * scale.factor)
    pull = Pull(marks.triangle, marks.bary, transform.apply(marks.points), marks.weights, marks.is_firm)
    points = ScanPoints.of(vertices, triangles)
    bent = bend_template(
        template, start, points, pull, tick=lambda share: tell(stage("fit"), 0.4 + 0.35 * share)
    )
    bent, has_ears = _seat_ears(template, bent, (vertices, triangles), points, pull)
    tell(stage("quality"), 0.85)
    settle = _settle(template, start, bent, has_ears=has_ears)
    bent, vertices, transform = settle.apply(bent), settle.apply(vertices), settle.after(transform)
    residual = np.linalg.norm(marks.on(template, bent) - transform.apply(marks.points), axis=1)
    quality = judge_fit(
        template,
        bent,
        Surface(vertices, triangles),
        landmark_residual_mm=residual[~marks.is_firm] if detected else residual,
        scale=scale,
        is_hand_set=detected is None,
    )
    face = Face(bent, template.place_landmarks(bent), "scan", template.version, quality)
    report = scan.report.with_notes(*_placement_notes(placement, by_hand), *notes, note("mirror_unknown"))
    tell(stage("quality"), 1.0)
    return FitResult(face, report, transform, marks.named, detected.engine if detected else "")


def _find_landmarks(
    scan: Scan, by_hand: Mapping[str, Vectors], template: Template
) -> DetectedLandmarks | None:
    """Detected landmarks; None where enough are set by hand and detection is missing or sees no face."""
    if by_hand:
        _check_by_hand(scan, by_hand)
    is_enough = len(by_hand) >= _LEAST_BY_HAND
    try:
        return detect_landmarks(Shape.of(scan.vertices, scan.triangles, scan.colours), template)
    except MissingExtraError as error:
        if is_enough:
            return None
        remedy = f"{error.remedy} {_LEAST_BY_HAND} landmarks or more are needed there."
        raise MissingExtraError(error.message, remedy=remedy, where=error.where) from error
    except InputError:
        if is_enough:
            return None
        raise


def _check_by_hand(scan: Scan, by_hand: Mapping[str, Vectors]) -> None:
    apart = np.atleast_1d(cKDTree(scan.vertices).query(np.array(list(by_hand.values())))[0])
    radius = enclosing_ball(scan.vertices, scan.triangles)[1]
    check_near(by_hand, dict(zip(by_hand, apart, strict=True)), 2 * _OFF_SURFACE_SHARE * radius)


def _scale_of(scan: Scan, template: Template, placement: Similarity, marks: Marks) -> Scale:
    corners = [
        marks.named.get(name, placement.apply(anchor_place(template, name))) for name in ("ex_l", "ex_r")
    ]
    return find_scale(scan, float(np.linalg.norm(corners[0] - corners[1])), marks.named)


def _to_face_frame(placement: Similarity, scale: Scale) -> Similarity:
    """From file coordinates to mm, the template's axes and origin; the person keeps the own size."""
    back = placement.inverse()
    size = placement.scale * scale.factor
    return Similarity(back.rotation, back.shift * size, back.scale * size)


def _head_surface(
    scan: Scan, transform: Similarity, size: float
) -> tuple[Vectors, Indices, tuple[Text, ...]]:
    """The outer surface of the head in the face frame: cropped to a ball, hidden parts gone, facing
    outwards."""
    everything = transform.apply(scan.vertices)
    centres = everything[scan.triangles].mean(axis=1)
    near = np.linalg.norm(centres - _HEAD_CENTRE_MM * size, axis=1) < _HEAD_RADIUS_MM * size
    if not near.any():
        raise InputError("the landmarks lie beside the surface", where="scan", remedy="Check the landmarks.")
    notes = [note("cropped", count=int((~near).sum()))] if not near.all() else []
    kept, more = keep_outside(everything, scan.triangles[near])
    vertices, triangles, _ = compact(everything, kept)
    return vertices, triangles, (*notes, *more)


def _seat_ears(
    template: Template, bent: Vectors, scan: tuple[Vectors, Indices], points: ScanPoints, pull: Pull
) -> tuple[Vectors, bool]:
    """The fitted template with its ears moved to where the scan has them, and whether it shows both."""
    found = [find_ear(template, bent, scan, "l"), find_ear(template, bent, scan, "r")]
    places = [place for place in found if place]
    if not places:
        return bent, False
    vertices = np.concatenate([place.vertices for place in places])
    targets = np.concatenate([place.targets for place in places])
    both = join_pulls(pull_vertices(template, vertices, targets), pull.firm_only())
    return bend_template(template, bent, points, both, course=EARS), len(places) == len(found)


def _settle(template: Template, start: Vectors, bent: Vectors, *, has_ears: bool) -> Similarity:
    """The rigid motion that puts a bent template into the face frame.

    Axes by the whole face, the pitch by the Frankfort horizontal where both ears were found, origin by the
    eyes.
    """
    face = template.masks["face"]
    turn = align(bent[face], start[face], scale=1.0)[0].rotation
    if has_ears:
        pitch = _frankfort_pitch(template, start) - _frankfort_pitch(template, bent @ turn.T)
        pitch = float(np.clip(pitch, -_MOST_PITCH, _MOST_PITCH))
        tilt = [[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]]
        turn = np.array(tilt) @ turn

    def eyes(vertices: Vectors) -> Vectors:
        places = template.place_landmarks(vertices)
        return np.asarray(np.mean([places[name] for name in _EYE_CORNERS], axis=0))

    return Similarity(turn, eyes(start) - turn @ eyes(bent))


def _frankfort_pitch(template: Template, vertices: Vectors) -> float:
    """Angle in radians by which the line from tragion to orbitale rises forwards."""
    places = template.place_landmarks(vertices)
    line = places["or_l"] + places["or_r"] - places["t_l"] - places["t_r"]
    return float(np.arctan2(line[1], line[2]))


def _placement_notes(placement: Similarity, by_hand: Mapping[str, Vectors]) -> list[Text]:
    notes = []
    if min(placement.rotation[1, 1], placement.rotation[2, 2]) < _UPRIGHT:
        notes.append(note("turned"))
    if by_hand:
        notes.append(note("by_hand", count=len(by_hand)))
    return notes
