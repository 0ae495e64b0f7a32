"""Published figures as observations of the model: what was seen, what the model says, and the doubt between.

Each observation is ln of a positive figure. Its doubt is that of the figure itself, of what the model cannot
know about it, of thickness (which belongs to the block or the people, not to the parameters) and of the power
law.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from threadlift.threads import sample_retention
from threadlift.threads.retention import WEEKS_PER_MONTH
from threadlift.tissue.parameter import TissueParameters
from threadlift.tissue.validation.cone import GEOMETRIES, REFERENCE, cone_block
from threadlift.tissue.validation.prior import calibration_choices, evidence
from threadlift.tissue.validation.surrogate import PowerLaw

Floats = NDArray[np.float64]
CONE_LAW = "cone"
_SAMPLES = 4000


@dataclass(frozen=True)
class Observation:
    """One figure: ``ln_observed``, the ``law`` it is compared with, and ``ln_offset`` to add to that.

    ``shared_sd_ln`` is common to all observations of one ``record``, ``own_sd_ln`` is this one's alone.
    """

    id: str
    record: str
    law: str
    what: str
    unit: str
    ln_observed: float
    ln_offset: float
    shared_sd_ln: float
    own_sd_ln: float

    @property
    def observed(self) -> float:
        """The figure itself."""
        return float(np.exp(self.ln_observed))


def geometry_spread(parameters: TissueParameters) -> tuple[dict[str, float], float]:
    """Travel at 1 N on every geometry by name, and the standard deviation of its logarithm."""
    travels = {one.name: cone_block(parameters, one).pull(1.0).travel_mm for one in GEOMETRIES}
    ratio = np.log([travel / travels[REFERENCE.name] for travel in travels.values()])
    return travels, float(np.sqrt((ratio**2).mean()))


def suture_observations(geometry_sd_ln: float, stiffening: Mapping[float, float]) -> list[Observation]:
    """The published pull at each load.

    The law is that of the linear block at 1 N; ``stiffening`` maps a load to what large deformation and
    stiffening make of the linear motion there, so that moduli at rest are compared with a pull that is not
    small.
    """
    record = evidence("cal_suture_pull")
    choice = calibration_choices()[record.id]
    return [
        Observation(
            id=f"suture_{load:g}n",
            record=record.id,
            law=CONE_LAW,
            what=f"four-cone suture pulled with {load:g} N: motion of the tissue",
            unit="mm",
            ln_observed=float(np.log(moved)),
            ln_offset=float(np.log(load * stiffening[load])),
            shared_sd_ln=float(np.hypot(choice["doubt_sd_ln"], geometry_sd_ln)),
            own_sd_ln=choice["each_sd_ln"],
        )
        for load, moved in record.values["values"]
    ]


def trial_observation() -> Observation:
    """Share of people lifted at least so far in a trial, as the median lift that goes with it.

    With lifts log-normal between people (spread s), a share p above x puts the median at
    ln x - s z, z = Phi^-1(1 - p). What threads hold at that week is the lift now times the retained share.
    """
    record = evidence("compare_nestor")
    choice, seen = calibration_choices()[record.id], record.values
    share = seen["events"] / seen["people"]
    z = float(norm.ppf(1 - share))
    error_z = float(np.sqrt(share * (1 - share) / seen["people"]) / norm.pdf(z))
    spread = choice["between_people_sd_ln"]
    kept = np.log(
        sample_retention(
            seen["materials"][0], "floating", [seen["week"] / WEEKS_PER_MONTH], samples=_SAMPLES, seed=1
        )[:, 0]
    )
    return Observation(
        id="trial_week_8",
        record=record.id,
        law=place_law(seen["places"]),
        what=f"median lift of the midface at week {seen['week']:g} that goes with the published share",
        unit="mm",
        ln_observed=float(np.log(seen["above_mm"]) - spread * z),
        ln_offset=float(np.median(kept)),
        shared_sd_ln=choice["doubt_sd_ln"],
        own_sd_ln=float(np.hypot(spread * error_z, kept.std())),
    )


def fold_observation() -> Observation:
    """Mean flattening of the nasolabial fold right after threads, not significant on so many sides."""
    record = evidence("compare_cont_now")
    choice = calibration_choices()[record.id]
    least_error = 1 / float(t.ppf(0.975, choice["sides"] - 1))
    return Observation(
        id="fold_now",
        record=record.id,
        law=place_law(record.values["places"]),
        what="motion at the nasolabial fold right after threads",
        unit="mm",
        ln_observed=float(np.log(record.values["mean_mm"])),
        ln_offset=0.0,
        shared_sd_ln=choice["doubt_sd_ln"],
        own_sd_ln=least_error,
    )


def place_law(places: Sequence[str]) -> str:
    """Name of the law for the place of several that moves most."""
    return "face " + "/".join(places)


def noise_matrix(
    observations: Sequence[Observation], laws: Mapping[str, PowerLaw], nuisance_sd: Mapping[str, float]
) -> Floats:
    """R (m, m): own doubt on the diagonal, shared doubt and unknown thickness within one record."""
    count = len(observations)
    noise = np.zeros((count, count))
    names = list(nuisance_sd)
    sd = np.array(list(nuisance_sd.values()))
    for i, one in enumerate(observations):
        noise[i, i] += one.own_sd_ln**2
        for j, other in enumerate(observations):
            if one.record == other.record:
                thickness = (laws[one.law].of(names) * sd**2) @ laws[other.law].of(names)
                rest = laws[one.law].rest_sd_ln * laws[other.law].rest_sd_ln
                noise[i, j] += one.shared_sd_ln * other.shared_sd_ln + thickness + rest
    return noise
