"""The whole atlas on one face: danger structures and ligaments of both sides, layers everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from threadlift.anatomy.atlas import AnchorWindow, load_atlas
from threadlift.anatomy.course import BodySide
from threadlift.anatomy.layer import Layers, Sex, place_layers
from threadlift.anatomy.ligament import PlacedLigament, place_ligament
from threadlift.anatomy.skin import skin_of
from threadlift.anatomy.structure import SIDES, PlacedStructure, place_structure
from threadlift.errors import InputError
from threadlift.face.face import Face
from threadlift.face.surface import Surface
from threadlift.language import Text

ATLAS_PERSON: tuple[Sex, float, float] = (
    "female",
    45.0,
    23.0,
)  # for whom the depths of the atlas were written


@dataclass(frozen=True, eq=False)
class Anatomy:
    """Nerves, vessels, glands, ligaments and layer thickness on one face, with what is unsure about them."""

    face: Face
    structures: tuple[PlacedStructure, ...]
    ligaments: tuple[PlacedLigament, ...]
    windows: tuple[AnchorWindow, ...]
    layers: Layers
    notes: tuple[Text, ...] = ()

    @property
    def skin(self) -> Surface:
        """The skin with its ears laid flat, on which everything is placed."""
        return skin_of(self.face)

    def structure(self, name: str, side: BodySide) -> PlacedStructure:
        """The structure ``name`` on ``side``. Raises ``KeyError`` for an unknown name."""
        for structure in self.structures:
            if structure.id == name and structure.side == side:
                return structure
        raise KeyError(name)


def place_anatomy(face: Face, *, sex: Sex | None, age_years: float | None, bmi: float | None) -> Anatomy:
    """The atlas on ``face``. ``None`` for an unknown value takes the middle with wider doubt.

    Raises ``InputError`` for a face whose fit was refused, a missing landmark or an impossible value.
    """
    if face.quality.grade == "refused":
        raise InputError(
            "was refused when it was fitted, so no danger zone can be placed on it",
            where="face",
            remedy="Scan again as the quality report says.",
        )
    atlas = load_atlas()
    layers = place_layers(sex=sex, age_years=age_years, bmi=bmi)
    of_sex, of_age, of_bmi = ATLAS_PERSON
    standard = place_layers(sex=of_sex, age_years=of_age, bmi=of_bmi)
    return Anatomy(
        face=face,
        structures=tuple(
            place_structure(face, entry, side, layers, standard)
            for entry in atlas.structures
            for side in SIDES
        ),
        ligaments=tuple(place_ligament(face, entry, side) for entry in atlas.ligaments for side in SIDES),
        windows=atlas.windows,
        layers=layers,
        notes=layers.notes,
    )
