"""How well and how fast scans are fitted: `python benchmarks/face_fit.py [SCAN [--scale-mm D]] [-o PAGE]`.

The bundled demonstration scans, whole and damaged in known ways, with the error of the landmarks against the
truth; and SCAN, when one is named. Makes a page (`make verify` keeps docs/face-fit.md); asserts nothing.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import trimesh
from scipy.spatial.transform import Rotation

from threadlift.errors import ThreadliftError
from threadlift.face.fit import FitResult, fit_face
from threadlift.face.scan import read_scan

DEMO = Path(__file__).resolve().parent.parent / "examples" / "demo"
Mesh = tuple[np.ndarray, np.ndarray]


INTRODUCTION = """# How well scans are fitted

Made by `make verify` (`benchmarks/face_fit.py`). Distances in mm. *Core* is the template's mask `face_core`:
fitted template to scan, median and 95th percentile; *reverse* is visible scan to template. *Residual* is
found landmark to the fitted template's. *Truth* is fitted landmark to where it truly lies, known for the
synthetic scans alone: a surface that fits to 0.1 mm does not place a landmark to 0.1 mm. A real head that is
named here is not part of the project. Seconds are of one run on one machine.
"""
COLUMNS = (
    *("scan", "triangles", "read s", "fit s", "grade", "core median / p95", "reverse p95"),
    *("residual median", "left / right seen", "truth median / p95"),
)
HEAD = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|"


def main() -> None:
    """Fit what was asked for and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scan", nargs="?", type=Path)
    parser.add_argument("--scale-mm", type=float)
    parser.add_argument("--unit")
    parser.add_argument("-o", "--output", type=Path)
    chosen = parser.parse_args()
    rows = list(report_demonstration())
    if chosen.scan:
        name = f"real head, stated {chosen.scale_mm:g} mm" if chosen.scale_mm else "real head"
        rows.append(report(name, chosen.scan, {}, unit=chosen.unit, scale_mm=chosen.scale_mm))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    page = "\n".join([INTRODUCTION, HEAD, *rows, "", f"Peak memory {peak:.1f} GiB."]) + "\n"
    if chosen.output:
        chosen.output.write_text(page, encoding="utf-8")
    else:
        print(page, end="")


def report_demonstration() -> Iterator[str]:
    """The two demonstration scans, and the first one damaged."""
    truth = read_truth(DEMO / "truth.toml")
    yield report("demo", DEMO / "scan.ply", truth)
    yield report("demo in metres", DEMO / "scan_metres.ply", read_truth(DEMO / "truth_metres.toml"))
    loaded = trimesh.load_mesh(DEMO / "scan.ply", process=False)
    mesh = np.asarray(loaded.vertices, float), np.asarray(loaded.faces, np.int64)
    with tempfile.TemporaryDirectory() as folder:
        for name, damage in DAMAGES.items():
            vertices, triangles = damage(*mesh)
            path = Path(folder) / f"{name.replace(' ', '_')}.ply"
            trimesh.Trimesh(vertices, triangles, process=False).export(path)
            yield report(name, path, {} if "turned" in name else truth)


def _noisy(vertices: np.ndarray, triangles: np.ndarray) -> Mesh:
    return vertices + np.random.default_rng(0).normal(0, 0.5, vertices.shape), triangles


def _turned(vertices: np.ndarray, triangles: np.ndarray) -> Mesh:
    return vertices @ Rotation.random(random_state=4).as_matrix().T, triangles[:, ::-1]


def _with_holes(vertices: np.ndarray, triangles: np.ndarray) -> Mesh:
    centres = vertices[triangles].mean(axis=1)
    spots = centres[np.random.default_rng(1).integers(0, len(centres), 60)]
    near = np.zeros(len(triangles), bool)
    for spot in spots:
        near |= np.linalg.norm(centres - spot, axis=1) < 6.0
    return vertices, triangles[~near]


def _coarse(vertices: np.ndarray, triangles: np.ndarray) -> Mesh:
    import fast_simplification

    points, fewer = fast_simplification.simplify(
        vertices.astype(np.float32), triangles.astype(np.int32), target_count=4000
    )[:2]
    return np.asarray(points, float), np.asarray(fewer, np.int64)


def _huge(vertices: np.ndarray, triangles: np.ndarray) -> Mesh:
    while len(triangles) < 2_000_000:
        vertices, triangles = trimesh.remesh.subdivide(vertices, triangles)
    return vertices, triangles


DAMAGES: dict[str, Callable[[np.ndarray, np.ndarray], Mesh]] = {
    "noise of 0.5 mm": _noisy,
    "turned and inside out": _turned,
    "sixty holes": _with_holes,
    "4,000 triangles": _coarse,
    "over 2 million triangles": _huge,
}


def read_truth(path: Path) -> dict[str, np.ndarray]:
    """True landmarks in file coordinates."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))["landmarks"]
    return {name: np.array(point) for name, point in found.items()}


def report(name: str, path: Path, truth: dict[str, np.ndarray], **how: object) -> str:
    """Fit one scan: its row of the table."""
    begin = time.perf_counter()
    try:
        scan = read_scan(path, **how)  # type: ignore[arg-type]
        read = time.perf_counter()
        result = fit_face(scan)
    except ThreadliftError as error:
        return f"| {name} | - | - | - | refused: {error.message} | | | | | |"
    done = time.perf_counter()
    quality = result.face.quality
    return (
        f"| {name} | {scan.report.triangles_read} | {read - begin:.1f} | {done - read:.1f} | {quality.grade} "
        f"| {quality.core_median_mm:.2f} / {quality.core_p95_mm:.2f} | {quality.reverse_p95_mm:.2f} "
        f"| {quality.landmark_residual_median_mm:.1f} "
        f"| {quality.coverage_left:.2f} / {quality.coverage_right:.2f} | {compare(result, truth)} |"
    )


def compare(result: FitResult, truth: dict[str, np.ndarray]) -> str:
    """Median and 95th percentile of the landmark errors in mm."""
    if not truth:
        return ""
    found = result.landmarks_in_file()
    apart = [float(np.linalg.norm(found[name] - point)) for name, point in truth.items()]
    median, high = np.percentile(np.array(apart) * result.face.quality.scale_factor, [50, 95])
    return f"{median:.1f} / {high:.1f}"


if __name__ == "__main__":
    main()
