"""One person's face in millimetres: template, landmarks, measures; later rooms build on it."""

from threadlift.face.demo import load_demo_patients, shape_demo_face
from threadlift.face.face import Face, FaceQuality
from threadlift.face.fit import FitResult, fit_face
from threadlift.face.landmark_file import read_landmarks
from threadlift.face.measure import FaceMeasures, measure_face
from threadlift.face.morph import shape_face
from threadlift.face.scan import Scan, ScanReport, read_scan
from threadlift.face.storage import load_face, save_face
from threadlift.face.surface import (
    SkinPath,
    Surface,
    SurfaceHit,
    closest_on_surface,
    patch_weights,
    point_at,
    skin_path,
    vertex_normals,
)
from threadlift.face.template import LANDMARKS, Template, load_template

__all__ = [
    "LANDMARKS",
    "Face",
    "FaceMeasures",
    "FaceQuality",
    "FitResult",
    "Scan",
    "ScanReport",
    "SkinPath",
    "Surface",
    "SurfaceHit",
    "Template",
    "closest_on_surface",
    "fit_face",
    "load_demo_patients",
    "load_face",
    "load_template",
    "measure_face",
    "patch_weights",
    "point_at",
    "read_landmarks",
    "read_scan",
    "save_face",
    "shape_demo_face",
    "shape_face",
    "skin_path",
    "vertex_normals",
]
