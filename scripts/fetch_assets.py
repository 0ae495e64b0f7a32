"""Put the files that come from npm packages where the library looks for them.

Run by ``make setup`` after ``npm ci``. Nothing of it is kept in the repository: the targets are git-ignored.
Every file is checked against the SHA-256 that stands here: a changed package cannot change results unseen.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
MODELS = ROOT / "threadlift" / "face" / "models"
FACE_MESH = PACKAGES / "@mediapipe" / "face_mesh"
BUNDLE = "face_mesh_solution_packed_assets"
MODEL_SHA256 = {
    "face_detection_short_range.tflite": "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
    "face_landmark.tflite": "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1",
}
FONTS = ROOT / "threadlift" / "report" / "fonts"
INTER = PACKAGES / "inter-ui"
FONT_SHA256 = {
    "Inter-Regular": "e06f6b1bc553aaea4e4668023ed0ab0a147129c3107f511bc7d03d361b0ae085",
    "Inter-SemiBold": "5cb7103e4e605989afebc03d989c79201e54b21b5183db33981f70db9178a301",
}
# Latin, Vietnamese, punctuation, currency, arrows, mathematics, marks: what a report may hold.
FONT_RANGES = (
    (0x20, 0x24F),
    (0x2B0, 0x36F),
    (0x391, 0x3C9),
    (0x1E00, 0x1EFF),
    (0x2000, 0x22FF),
    (0x2500, 0x27BF),
)


def main() -> None:
    """Fetch all assets; ends with an error that names what is missing or differs."""
    cut_models()
    cut_fonts()


def cut_fonts() -> None:
    """Cut a report's letters out of Inter: TTF for the PDF, woff2 for the page; the licence beside them."""
    FONTS.mkdir(parents=True, exist_ok=True)
    for name, wanted in FONT_SHA256.items():
        source = INTER / "web" / f"{name}.woff2"
        check(source.name, _read(source), wanted)
        font = TTFont(source)
        options = Options()
        options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum"]
        options.name_IDs = ["*"]
        cutter = Subsetter(options)
        cutter.populate(unicodes=[code for first, last in FONT_RANGES for code in range(first, last + 1)])
        cutter.subset(font)
        for flavour, suffix in ((None, "ttf"), ("woff2", "woff2")):
            font.flavor = flavour
            font.save(FONTS / f"{name}.{suffix}")
    (FONTS / "LICENSE.txt").write_bytes(_read(INTER / "LICENSE.txt"))


def cut_models() -> None:
    """Cut the landmark models out of the bundle of ``@mediapipe/face_mesh`` by its own file list."""
    loader = _read(FACE_MESH / f"{BUNDLE}_loader.js").decode("utf-8")
    listing = re.search(r'"files":\s*(\[.*?\])', loader)
    if listing is None:
        sys.exit(f"{BUNDLE}_loader.js has no file list: the package changed")
    bundle = _read(FACE_MESH / f"{BUNDLE}.data")
    ranges = {
        entry["filename"].rsplit("/", 1)[-1]: (entry["start"], entry["end"])
        for entry in json.loads(listing[1])
    }
    for name, wanted in MODEL_SHA256.items():
        start, end = ranges.get(name, (0, 0))
        place(MODELS / name, bundle[start:end], wanted)


def place(target: Path, content: bytes, sha256: str) -> None:
    """Write ``content`` to ``target`` if it is what was expected."""
    check(target.name, content, sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def check(name: str, content: bytes, sha256: str) -> None:
    """End with an error unless ``content`` is what was expected."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        sys.exit(f"{name}: SHA-256 is {found}, expected {sha256}; nothing was written")


def _read(path: Path) -> bytes:
    if not path.is_file():
        sys.exit(f"{path.relative_to(ROOT)} is missing: run `npm ci` first")
    return path.read_bytes()


if __name__ == "__main__":
    main()
