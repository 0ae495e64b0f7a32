"""In which form a prediction may speak: millimetres, words with their odds, or not at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from threadlift.face.face import Face
from threadlift.face.surface import patch_weights
from threadlift.face.template import load_template
from threadlift.planning.assumption import Assumptions, load_assumptions
from threadlift.planning.forecast import Form
from threadlift.planning.plan import Plan, PlannedThread
from threadlift.planning.sampling import LiftSamples
from threadlift.planning.sentence import Reason
from threadlift.threads import Catalogue
from threadlift.tissue import Lift
from threadlift.tissue.lift import PATCH_RADIUS_MM
from threadlift.tissue.validity import exceeds


def choose_form(
    plan: Plan,
    lifting: Sequence[PlannedThread],
    face: Face,
    lift: Lift,
    catalogue: Catalogue,
    assumptions: Assumptions,
) -> tuple[Form, tuple[Reason, ...]]:
    """Millimetres, words or nothing, and every reason for the less precise form."""
    say = assumptions.sentences.say
    refused = []
    if face.quality.grade == "refused":
        refused.append(say("refused_fit"))
    if not lifting:
        refused.append(say("refused_no_lift"))
    for kind in dict.fromkeys(thread.kind for thread in plan.threads):
        if not catalogue.is_absorbable(kind):
            refused.append(say("refused_material", kind=catalogue.kind(kind).name))
    for thread in lifting:
        if thread.tension_n > (catalogue.kind(thread.kind).breaking_force_n or 0.0):
            refused.append(say("refused_tension", thread=thread.id))
    if refused:
        return "refused", tuple(refused)
    words = []
    if face.source != "scan":
        words.append(say("words_photo"))
    if face.quality.grade == "poor":
        words.append(say("words_fit"))
    form: Form = "words" if words else "mm"
    if is_overstretched(lift):
        stretch = 100 * float(lift.strain_max[lift.modelled].max())
        words.append(say("words_strain", stretch=f"{stretch:.0f}"))
    return form, tuple(words)


def is_overstretched(lift: Lift) -> bool:
    most = load_assumptions().spreads["validity"]["most_stretch_percent"] / 100
    return bool(lift.strain_max[lift.modelled].max(initial=0.0) > most)


def find_overstretched(face: Face, lift: Lift, landmarks: Sequence[str]) -> set[str]:
    """Landmarks whose patch, over which the lift is read, is stretched beyond what the model is good for."""
    validity = load_assumptions().spreads["validity"]
    strain = np.where(lift.modelled, lift.strain_max, 0.0)
    found = set()
    for name in landmarks:
        weights = patch_weights(
            face.vertices_mm, load_template().triangles, face.landmark(name), PATCH_RADIUS_MM
        )
        if weights @ strain > validity["most_stretch_percent"] / 100 + 1e-9:
            found.add(name)
    return found


def find_large(drawn: LiftSamples) -> set[str]:
    """Landmarks whose middle lift is larger than the linear model was ever compared for."""
    middle = np.median(drawn.held_mm([0.0])[:, 0], axis=0)
    return {
        name
        for name, value in zip(drawn.landmarks, middle, strict=True)
        if exceeds("LIFT-LARGE", float(value))
    }
