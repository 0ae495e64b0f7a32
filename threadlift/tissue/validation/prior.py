"""Parameters before calibration, and the published figures that calibrate them, read by id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from threadlift.errors import RuleDataError
from threadlift.evidence import Record, load_records
from threadlift.files import load_data
from threadlift.tissue.parameter import TissueParameters, nominal_parameters

THICKNESS = "thickness_"


@dataclass(frozen=True)
class Prior:
    """What is believed of one parameter before calibration: ``value`` in ``unit``, spread of its logarithm.

    ``to_nominal`` is the nominal value that the model uses today over ``value``: 1 until a calibration is put
    in force.
    """

    name: str
    value: float
    unit: str
    sd_ln: float
    to_nominal: float

    @property
    def is_material(self) -> bool:
        """Whether calibration may learn it: thickness belongs to one block or one face, not to all."""
        return not self.name.startswith(THICKNESS)


@cache
def priors() -> tuple[Prior, ...]:
    """The sampled parameters of ``parameters.toml``; a calibrated entry keeps what it was under ``prior``."""
    found = []
    for entry in load_data("threadlift.tissue", "parameters.toml")["parameter"]:
        before = entry.get("prior", {"value": entry["value"], "sd_ln": entry["sd_ln"]})
        if before["sd_ln"] > 0:
            ratio = entry["value"] / before["value"]
            found.append(Prior(entry["id"], before["value"], entry["unit"], before["sd_ln"], ratio))
    return tuple(found)


def prior_parameters() -> TissueParameters:
    """The nominal set as it was before any calibration."""
    nominal = nominal_parameters()
    changes: dict[str, Any] = {p.name: getattr(nominal, p.name) / p.to_nominal for p in priors()}
    return replace(nominal, **changes)


def evidence(record_id: str) -> Record:
    """The record of that id in any data file. Raises ``RuleDataError`` when there is none."""
    for record in load_records():
        if record.id == record_id:
            return record
    raise RuleDataError(f"tissue/data/validation.toml names record {record_id!r}, which no data file holds")


def calibration_choices() -> dict[str, dict[str, Any]]:
    """How far each calibrating figure is trusted, by the id of its evidence record."""
    return {entry["record"]: entry for entry in entries("calibration")}


def used_sources() -> frozenset[str]:
    """Sources whose figures set or checked parameters before validation: none of them can validate.

    Those of the calibrating and of the shown targets, of every evidence record for calibration or as a bound,
    and of every comparison of the prediction that was known when its parameters were set.
    """
    here = {entry["id"] for table in ("calibration", "shown") for entry in entries(table)}
    used: set[str] = set()
    for record in load_records():
        mine = record.room == "tissue" and record.id in here
        target = record.values.get("use") in ("calibrate", "bound")
        if mine or target or record.values.get("used") is True:
            used.update(record.sources)
    return frozenset(used)


def entries(kind: str) -> list[dict[str, Any]]:
    """All records of one kind in ``validation.toml``."""
    found: list[dict[str, Any]] = load_data("threadlift.tissue", "validation.toml")[kind]
    return found
