"""``tissue/data/calibration.toml``: the calibration as data with its provenance; is it current?"""

from __future__ import annotations

import hashlib

import numpy as np

from threadlift.evidence import load_sources
from threadlift.tissue.nonlinear.stiffening import nominal_stiffening
from threadlift.tissue.validation.calibration import SEED, Calibration, load_calibration
from threadlift.tissue.validation.cone import GEOMETRIES, KIND, SIZE_MM, cone_block
from threadlift.tissue.validation.observation import CONE_LAW
from threadlift.tissue.validation.prior import calibration_choices, evidence, prior_parameters, priors

_DRIFT = 0.02  # the law leaves more than that; a larger change of the model asks for new runs
_HEAD = """# Written by `python scripts/calibrate_tissue.py`; do not edit. Tissue parameters after the
# published figures that calibrate them (docs/validation.md). Nothing here was measured on a patient of ours.

[file]
title = "Calibration of the tissue parameters"
version = "2026.11.1"
"""


def inputs_hash() -> str:
    """Hash of what the calibration rests on: priors, figures, their doubt, and the geometry of the block."""
    digest = hashlib.sha256()
    for part in (
        [(prior.name, prior.value, prior.unit, prior.sd_ln) for prior in priors()],
        sorted((name, sorted(choice.items(), key=str)) for name, choice in calibration_choices().items()),
        sorted((name, sorted(evidence(name).values.items(), key=str)) for name in calibration_choices()),
        (GEOMETRIES, KIND, SIZE_MM),
        sorted((layer.name, value) for layer, value in nominal_stiffening().items()),
    ):
        digest.update(repr(part).encode())
    return digest.hexdigest()[:16]


def what_is_stale(stored_hash: str) -> list[str]:
    """Why the stored calibration is not current; empty when it is. One run of the block, no whole face."""
    reasons = []
    if stored_hash != inputs_hash():
        reasons.append("priors, published figures, their doubt or the block have changed")
    law = load_calibration().laws[CONE_LAW]
    now = cone_block(prior_parameters()).pull(1.0).travel_mm
    if abs(np.log(now / law.value)) > _DRIFT + 2 * law.rest_sd_ln:
        reasons.append(f"the block now moves {now:.3f} mm/N, the stored law says {law.value:.3f}")
    return reasons


def render_calibration(found: Calibration) -> str:
    """The data file as text."""
    parts = [_HEAD, _fit(found)]
    parts += [_posterior(found, index) for index in range(len(found.names))]
    parts += [_result(found, index) for index in range(len(found.observations))]
    parts += [_law(found, name) for name in found.laws]
    parts += [_stiffening(load, factor) for load, factor in found.stiffening.items()]
    parts += [_geometry(name, travel) for name, travel in found.geometry_mm.items()]
    return "\n".join(parts)


def _sources(found: Calibration) -> list[str]:
    records = dict.fromkeys(one.record for one in found.observations)
    return sorted({source for name in records for source in evidence(name).sources})


def _fit(found: Calibration) -> str:
    years = [year for name in _sources(found) if (year := load_sources()[name].year)]
    count = len(found.observations)
    return (
        f'[fit]\ninputs = "{inputs_hash()}"\nseed = {SEED}\nobservations = {count}\n'
        f"chi_square = {found.posterior.misfit:.3f}\ngeometry_sd_ln = {found.geometry_sd_ln:.4f}\n"
        f"evidence_years = [{min(years)}, {max(years)}]\n"
    )


def _posterior(found: Calibration, index: int) -> str:
    name = found.names[index]
    prior = next(one for one in found.priors if one.name == name)
    sd = found.posterior.sd[index]
    reason = (
        f"Prior {prior.value:g} {prior.unit} (sd of ln {prior.sd_ln:g}) times {found.factor(name):.2f} after "
        f"{len(found.observations)} published figures, which took {100 * (1 - sd / prior.sd_ln):.0f} % off "
        "its spread."
    )
    return _table(
        "posterior",
        f"posterior_{name}",
        parameter=name,
        unit=prior.unit,
        value=_short(prior.value * found.factor(name)),
        sd_ln=round(float(sd), 3),
        prior_value=prior.value,
        prior_sd_ln=prior.sd_ln,
        sources=_sources(found),
        reason=reason,
    )


def _result(found: Calibration, index: int) -> str:
    one = found.observations[index]
    return _table(
        "result",
        f"result_{one.id}",
        record=one.record,
        observed=_short(one.observed),
        before=_short(found.predicted(one, calibrated=False)),
        after=_short(found.predicted(one, calibrated=True)),
        unit=one.unit,
        doubt_sd_ln=round(float(np.hypot(one.shared_sd_ln, one.own_sd_ln)), 3),
        residual_ln=round(float(found.posterior.left[index]), 3),
        sources=list(evidence(one.record).sources),
        reason=f"The published figure beside the model before and after calibration: {one.what}.",
    )


def _law(found: Calibration, name: str) -> str:
    law = found.laws[name]
    head = _table(
        "law",
        f"law_{name.replace(' ', '_').replace('/', '_')}",
        law=name,
        value=_short(law.value),
        unit="mm/N" if name == CONE_LAW else "mm",
        runs=law.runs,
        rest_sd_ln=round(law.rest_sd_ln, 4),
        sources=[],
        reason="Least squares of logarithms over exact runs of the model at a Sobol design over the priors.",
    )
    exponents = "".join(
        f"{key} = {value:.4f}\n" for key, value in zip(law.names, law.exponents.tolist(), strict=True)
    )
    return f"{head}[law.exponents]\n{exponents}"


def _stiffening(load: float, factor: float) -> str:
    return _table(
        "stiffening_effect",
        f"stiffening_effect_{load:g}n",
        load_n=load,
        factor=_short(factor),
        sources=[],
        reason="Motion at the cones with large deformation and stiffening over the linear one, at the prior.",
    )


def _geometry(name: str, travel: float) -> str:
    key = name.replace(",", "").replace("(", "").replace(")", "").replace(".", "_").replace(" ", "_")
    return _table(
        "geometry",
        f"geometry_{key}",
        geometry=name,
        travel_mm_per_n=_short(travel),
        sources=[],
        reason="Motion of the tissue at the cones on one of the assumed geometries, prior parameters.",
    )


def _table(kind: str, entry_id: str, *, sources: list[str], reason: str, **values: object) -> str:
    listed = ", ".join(f'"{source}"' for source in sources)
    rows = [
        f"[[{kind}]]",
        f'id = "{entry_id}"',
        *(
            f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
            for key, value in values.items()
        ),
        'status = "derived"',
        f"sources = [{listed}]",
        f'reason = "{reason}"',
    ]
    return "\n".join(rows) + "\n"


def _short(value: float) -> float:
    return float(f"{value:.4g}")
