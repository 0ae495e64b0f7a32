"""What an earlier run of the same case left: the fitted face, kept with what it was fitted from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from threadlift.errors import InputError
from threadlift.face.face import Face
from threadlift.face.scan import ScanReport
from threadlift.face.storage import load_face, save_face
from threadlift.face.template import load_template
from threadlift.files import write_text


@dataclass(frozen=True)
class KeptFace:
    """A fitted face, the report of its scan, and the key of everything it depends on."""

    key: str
    face: Face
    report: ScanReport


def load_kept_face(folder: Path, key: str) -> KeptFace | None:
    """The face kept in ``folder`` if it was fitted from the same input on the same template, else None.

    A damaged or foreign file counts as none: the face is then fitted again.
    """
    try:
        note = json.loads((folder / "fit.json").read_text(encoding="utf-8"))
        if note["key"] != key:
            return None
        face = load_face(folder / "face.npz")
        report = ScanReport.model_validate(note["report"])
    except (OSError, ValueError, KeyError, TypeError, InputError, ValidationError):
        return None
    if face.template_version != load_template().version or face.fingerprint != note.get("face"):
        return None
    return KeptFace(key, face, report)


def keep_face(folder: Path, kept: KeptFace) -> None:
    """Write the face and its key into ``folder``."""
    save_face(folder / "face.npz", kept.face)
    note = {"key": kept.key, "face": kept.face.fingerprint, "report": kept.report.model_dump(mode="json")}
    write_text(folder / "fit.json", json.dumps(note, ensure_ascii=False, indent=2) + "\n")


def responses_of(folder: Path) -> Path:
    """Where the responses of the tissue model are kept."""
    return folder / "response"


def drop_older(folder: Path, since: float) -> None:
    """Remove what ``folder`` kept for another plan: files neither written nor used from ``since`` on, in
    seconds of the epoch."""
    for path in folder.glob("*"):
        if path.stat().st_mtime < since:
            path.unlink()
