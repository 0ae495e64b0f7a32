"""Which thread materials a patient's allergies leave, and how long each material's result can last."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from threadlift.files import load_data
from threadlift.screening.intake import Intake


@cache
def load_materials() -> dict[str, dict[str, Any]]:
    """Lifting materials by id: the monomers they share and the months that evidence supports."""
    entries = load_data("threadlift.screening", "materials.toml")["material"]
    return {entry["polymer"]: entry for entry in entries}


@cache
def load_blocks() -> dict[str, frozenset[str]]:
    """Building blocks of every polymer that the project knows, also of those that lift no tissue."""
    content = load_data("threadlift.screening", "materials.toml")
    entries = (*content["material"], *content["other_polymer"])
    return {entry["polymer"]: frozenset(entry["blocks"]) for entry in entries}


@dataclass(frozen=True)
class Excluded:
    """Polymers ruled out by a reaction, what is left for lifting, and whether a reaction is unexplained."""

    polymers: tuple[str, ...]
    left: tuple[str, ...]
    doubt: bool
    dyed: bool


def exclude_polymers(intake: Intake) -> Excluded:
    """Rule out each polymer with a reaction and every polymer that shares a building block with it."""
    reacted = {a.material or "unknown" for a in intake.allergies if a.to == "thread_material"}
    reacted |= {
        entry.material or "unknown"
        for entry in intake.history
        if entry.kind in ("threads", "biostimulator") and entry.complication in ("granuloma", "rejection")
    }
    materials = load_materials()
    blocks = {block for name in reacted for block in load_blocks().get(name, ())}
    out = {name for name, entry in materials.items() if name in reacted or blocks & set(entry["blocks"])}
    left = tuple(name for name in materials if name not in out)
    named = tuple(sorted(out | (reacted - {"unknown", "dye"})))
    return Excluded(polymers=named, left=left, doubt="unknown" in reacted, dyed="dye" in reacted)
