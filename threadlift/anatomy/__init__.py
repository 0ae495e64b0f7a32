"""Anatomy of one face: layers, danger structures, retaining ligaments."""

from threadlift.anatomy.control_point import place_control_point
from threadlift.anatomy.layer import Layers, place_layers
from threadlift.anatomy.ligament import PlacedLigament
from threadlift.anatomy.placement import Anatomy, place_anatomy
from threadlift.anatomy.plane import PLANES, Plane
from threadlift.anatomy.stack import Layering
from threadlift.anatomy.structure import PlacedStructure

__all__ = [
    "PLANES",
    "Anatomy",
    "Layering",
    "Layers",
    "PlacedLigament",
    "PlacedStructure",
    "Plane",
    "place_anatomy",
    "place_control_point",
    "place_layers",
]
