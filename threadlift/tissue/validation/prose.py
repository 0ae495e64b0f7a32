"""Prose of ``docs/validation.md``: what no figure changes."""

from __future__ import annotations

HEAD = """
# Validation of the tissue model

Made by `threadlift bench verify`. Two things are kept strictly apart here. *Calibration* sets published
figures beside the model and lets them move its parameters; agreement afterwards proves nothing.
*Validation in people* compares predictions with outcomes that had no part in setting anything. **The
second part is empty today: the model is not validated in people.** Whether the equations are solved
correctly is a third question ([verification](verification.md)).
"""

CALIBRATION = """
Every published figure is read from its evidence record. What the model says is computed when the page is
made, or kept by the calibration with its provenance. Misses stand as misses.
"""

CONE = """
Known of the published model: three hyperelastic layers, two-dimensional and axisymmetric, one suture with
four cones, motion of the tissue at two loads, "general agreement" with pulls in cadavers. Only the
abstract was read: size, thickness, moduli, what held the outside and where the motion was taken are **not
known**. Assumed here: a flat block of 100 x 64 mm with the layers of the cheek, a straight suture just
above the SMAS, cones {step} mm apart as in the catalogue (general knowledge), pulled along itself; read
is the mean motion of tissue at the cones.
"""

CONE_MISS = """
The published motion grows less than in proportion to the load, as stiffening tissue does. A linear model
cannot do that: at these loads the tissue round the cones is strained far beyond what it is for, and what it
gives at the larger load is always twice the smaller. *Stiffening* is the nonlinear mode (large deformation;
skin, SMAS and fat that stiffen, by figures most of which have no source). The fit compares the published
figures with that mode, so that the moduli, which are those at rest, are not bent to make up for stiffening.
What is left over stands in the table as a miss.
"""

LEVELS = """
The two loads of the suture come from one model and count nearly as one figure. Lifts in people enter with
large doubt (plan and pull unknown, flattening is not motion, a mean that was not significant) and move
little.
"""

POSTERIOR = """
So few figures, of which two are nearly one, cannot set so many parameters: those that no figure sees keep
their prior. Thickness is not calibrated (it belongs to a block or a face); it counts as doubt.
"""

PEOPLE = """
**No measured outcome with its face and plan is known to us, so nothing is validated.** What exists:
"""

HARNESS = """
## Validating with own outcomes

`threadlift validate OUTCOMES` takes a file of measured outcomes (`threadlift.outcomes/1`; an example that
says it is made up: `examples/outcomes-synthetic.toml`): for each person the case folder, or face and
plan, and for each landmark and day how far it moved with the standard deviation of that figure. It
computes the band for the same place and day, adds the error of measurement, and tells coverage of the 80
% bands, bias and mean error, each with an interval over people (none below five people). A file that
cites a source used in part 1, or a case that parameters were learned from, is turned away.
"""
