"""The template head."""

from __future__ import annotations

import numpy as np

from threadlift.face.template import LANDMARKS, load_landmark_facts, load_template


def test_template_is_exactly_mirror_symmetric() -> None:
    template = load_template()
    mirrored = template.vertices_mm[template.mirror] * [-1.0, 1.0, 1.0]
    assert np.array_equal(mirrored, template.vertices_mm)
    assert np.array_equal(template.mirror[template.mirror], np.arange(len(template.mirror)))


def test_template_carries_every_landmark_of_the_atlas_with_its_definition() -> None:
    assert set(load_template().landmarks) == set(LANDMARKS)
    assert set(load_landmark_facts()) == {name.removesuffix("_l").removesuffix("_r") for name in LANDMARKS}
