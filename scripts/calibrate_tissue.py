"""Writes threadlift/tissue/data/calibration.toml: tissue parameters after the published calibration figures.

Run ``python scripts/calibrate_tissue.py`` (some minutes: exact runs of the model); ``--check`` tells whether
the file is current from one run of the small block.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from threadlift.files import write_text
from threadlift.tissue.validation.calibration import DATA_FILE, calibrate
from threadlift.tissue.validation.calibration_file import render_calibration, what_is_stale

FILE = Path(__file__).resolve().parent.parent / "threadlift" / "tissue" / "data" / DATA_FILE


def main() -> int:
    """Write the file, or with ``--check`` say why it is stale (exit code 1)."""
    if "--check" in sys.argv[1:]:
        reasons = what_is_stale(tomllib.loads(FILE.read_text(encoding="utf-8"))["fit"]["inputs"])
        for reason in reasons:
            print(f"{FILE.name} is stale: {reason}")
        return 1 if reasons else 0
    found = calibrate(progress=lambda stage: print(stage, flush=True))
    write_text(FILE, render_calibration(found))
    FILE.chmod(0o644)
    for name, mean, sd in zip(found.names, found.posterior.mean, found.posterior.sd, strict=True):
        print(f"{name}: ln shift {mean:+.2f}, sd of ln {sd:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
