"""Thickness of skin, superficial fat, SMAS and deep layer over the whole face of one person.

Sixteen regions (``data/layers.toml``) blend into each other around landmark-placed seeds on the template, so
the blend is the same on every face and exactly mirror-symmetric; sex, age and body mass scale the layers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from threadlift.anatomy.control_point import place_control_point
from threadlift.anatomy.stack import Layering, Numbers
from threadlift.errors import InputError
from threadlift.face.face import Face, FaceQuality
from threadlift.face.template import load_template
from threadlift.files import load_data
from threadlift.language import Text

Sex = Literal["female", "male", "other", "unknown"]
LAYERS = ("skin", "superficial_fat", "smas", "deep")


@dataclass(frozen=True)
class Layers(Layering):
    """Layer thickness at every vertex (n,) of the template, with the regions behind it.

    ``region_share`` (n, r) adds up to 1 over the ``regions``; ``base_share`` (n, 3) over what lies beneath:
    ``BASES`` = bone, muscle, mobile (cheek, lips, floor of the mouth). ``notes`` say what is beyond the data.
    """

    regions: tuple[str, ...]
    region_share: Numbers
    base_share: Numbers
    notes: tuple[Text, ...] = ()

    BASES = ("bone", "muscle", "mobile")

    @property
    def base(self) -> tuple[str, ...]:
        """The kind of base with the largest share at each vertex."""
        return tuple(self.BASES[i] for i in self.base_share.argmax(axis=1))

    def at(self, triangle: ArrayLike, bary: ArrayLike) -> Layering:
        """The layers at places on the skin: ``triangle`` (k,) of the template with weights ``bary`` (k,
        3).
        """
        corners = load_template().triangles[np.atleast_1d(np.asarray(triangle))]
        weights = np.atleast_2d(np.asarray(bary, dtype=np.float64))

        def there(field: Numbers) -> Numbers:
            mixed: Numbers = np.einsum("kc,kc->k", weights, field[corners])
            return mixed

        values: dict[str, Any] = {
            field.name: there(value) if isinstance(value := getattr(self, field.name), np.ndarray) else value
            for field in fields(Layering)
        }
        return Layering(**values)


def _template_face() -> Face:
    template = load_template()
    return Face(
        vertices_mm=template.vertices_mm,
        landmarks_mm=template.place_landmarks(template.vertices_mm),
        source="template",
        template_version=template.version,
        quality=FaceQuality(grade="good", scale_source="template", position_sd_mm=1.0),
    )


@cache
def region_data() -> tuple[dict[str, Any], ...]:
    """The regions of ``data/layers.toml``, in their order."""
    return tuple(load_data("threadlift.anatomy", "layers.toml")["region"])


@cache
def scaling_data() -> dict[str, dict[str, Any]]:
    """Scaling by sex, age and body mass, and how doubt grows, by the id of the record."""
    content = load_data("threadlift.anatomy", "layers.toml")
    return {entry["id"]: entry for entry in content["scaling"] + content.get("plane_shares", [])}


@cache
def region_shares() -> Numbers:
    """Share (n, r) of each region at each vertex of the template: smooth, nowhere negative, adding up to
    1.
    """
    face = _template_face()
    vertices = face.vertices_mm
    width_mm = scaling_data()["scaling_doubt"]["blend_mm"]
    scores = np.empty((len(vertices), len(region_data())))
    for column, region in enumerate(region_data()):
        seeds = np.array(
            [
                place_control_point(face, seed["weights"], tuple(seed["offset_mm"]), side)
                for seed in region["seeds"]
                for side in ("left", "right")
            ]
        )
        scores[:, column] = logsumexp(-(cdist(vertices, seeds) ** 2) / (2.0 * width_mm**2), axis=1)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares = shares / shares.sum(axis=1, keepdims=True)
    mirrored: Numbers = (shares + shares[load_template().mirror]) / 2.0
    mirrored.setflags(write=False)
    return mirrored


def _factors(sex: Sex | None, age_years: float | None, bmi: float | None) -> dict[str, float]:
    data = scaling_data()
    male, weight, age = data["scaling_male"], data["scaling_bmi"], data["scaling_age"]
    share_male = {"male": 1.0, "female": 0.0}.get(sex or "unknown", 0.5)
    units = (np.clip(bmi, *weight["valid"]) - weight["reference"]) if bmi is not None else 0.0
    decades = (
        (np.clip(age_years, *age["valid"]) - age["reference_years"]) / 10.0 if age_years is not None else 0.0
    )
    return {
        layer: float(
            (1.0 + share_male * (male.get(layer, 1.0) - 1.0))
            * (1.0 + units * weight.get(f"{layer}_per_unit", 0.0))
            * (1.0 + decades * age.get(f"{layer}_per_decade", 0.0))
        )
        for layer in LAYERS
    }


def _doubt(sex: Sex | None, age_years: float | None, bmi: float | None) -> tuple[float, tuple[Text, ...]]:
    """Factor on every deviation, and what to say about it. Raises ``InputError`` for an impossible value."""
    data = scaling_data()
    factor, notes = 1.0, []
    checks = (
        ("scaling_age", age_years, "age", "tuổi"),
        ("scaling_bmi", bmi, "body mass index", "chỉ số BMI"),
    )
    for record, value, en, vi in checks:
        if value is None:
            factor *= data["scaling_doubt"]["unknown_person"]
            notes.append(
                Text(
                    en=f"Layer thickness: {en} unknown; the middle value is used with wider doubt.",
                    vi=f"Độ dày các lớp: chưa biết {vi}; dùng giá trị giữa với độ bất định lớn hơn.",
                )
            )
            continue
        low, high = data[record]["accepted"]
        if not low <= value <= high:
            raise InputError(
                f"{en} must lie between {low:g} and {high:g}", where=en, remedy="Correct the value."
            )
        low, high = data[record]["valid"]
        if not low <= value <= high:
            factor *= data["scaling_doubt"]["outside_range"]
            notes.append(
                Text(
                    en=f"Layer thickness: {en} lies outside {{low}} to {{high}}, where people were measured; "
                    "the nearest measured value is used with wider doubt.",
                    vi=f"Độ dày các lớp: {vi} nằm ngoài khoảng {{low}} đến {{high}} đã được đo; "
                    "dùng giá trị gần nhất với độ bất định lớn hơn.",
                ).fill(low=low, high=high)
            )
    if sex not in ("female", "male"):
        factor *= data["scaling_doubt"]["unknown_person"]
    return factor, tuple(notes)


def place_layers(*, sex: Sex | None, age_years: float | None, bmi: float | None) -> Layers:
    """Layer thickness of a person on the template's vertices.

    ``None`` for an unknown value takes the middle with wider doubt. Raises ``InputError`` for impossible
    values.
    """
    factors = _factors(sex, age_years, bmi)
    doubt, notes = _doubt(sex, age_years, bmi)
    shares, regions, data = region_shares(), region_data(), scaling_data()
    of_change = data["scaling_doubt"]["of_change"]
    values: dict[str, Numbers] = {}
    for layer in LAYERS:
        means, deviations = np.array([region[f"{layer}_mm"] for region in regions]).T
        mean = shares @ means
        unsure = of_change * mean * abs(factors[layer] - 1.0)
        values[f"{layer}_mm"] = mean * factors[layer]
        values[f"{layer}_sd_mm"] = doubt * np.hypot(shares @ deviations * factors[layer], unsure)
    kinds = np.array([[float(region["base"] == base) for base in Layers.BASES] for region in regions])
    planes = data["plane_shares"]
    return Layers(
        **values,
        deep_fascia_share=shares @ np.array([region["deep_fascia_share"] for region in regions]),
        subdermal_share=planes["subdermal"],
        supra_smas_share=planes["supra_smas"],
        regions=tuple(region["region"] for region in regions),
        region_share=shares,
        base_share=shares @ kinds,
        notes=notes,
    )
