"""Names the regions of the template head by lines through its landmarks; levelled frame, lengths in mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from threadlift.face.surface import vertex_normals

Vectors = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Hairline seen from the side, (z, y), from the forehead down to the sideburn and on to the top of the ear.
HAIRLINE_ZY_MM = np.array([(60, 62), (15, 62), (-5, 57), (-24, 42), (-33, 22), (-44, 10), (-52, 0), (-62, 6)])
EAR_CENTRE_ZY_MM = (-73.0, -20.0)
EAR_HALF_AXES_MM = (18.5, 33.0)
EAR_TILT_DEG = 12.0
BEHIND_EAR_MM = -68.0
CORE_FOREHEAD_MM = 45.0
CORE_BACK_MM = -32.0


def name_regions(vertices: Vectors, triangles: Indices, landmarks: dict[str, Vectors]) -> dict[str, Mask]:
    """Vertex masks by name: ``face``, ``neck``, ``scalp`` and the ears share out the skin; others overlap."""
    x, y, z = vertices.T
    ear = _ear(vertices)
    below_jaw = y < _jaw_height(z, landmarks)
    above_hairline = np.where(
        z > HAIRLINE_ZY_MM[-1, 0],
        y > np.interp(-z, -HAIRLINE_ZY_MM[:, 0], HAIRLINE_ZY_MM[:, 1]),
        y > np.interp(-z, [62.0, 92.0, 120.0], [6.0, -50.0, -78.0]),
    )
    scalp = above_hairline & ~ear
    neck = (below_jaw | (z < BEHIND_EAR_MM)) & ~scalp & ~ear
    face = ~(scalp | neck | ear)
    lids, nostrils, seam = (
        _lids(vertices, triangles),
        _nostrils(vertices, triangles),
        _lip_seam(vertices, landmarks),
    )
    core = face & (y < CORE_FOREHEAD_MM) & (z > CORE_BACK_MM) & ~(lids | nostrils | seam)
    return {
        "face_core": core,
        "face": face,
        "neck": neck,
        "scalp": scalp,
        "ear_l": ear & (x > 0),
        "ear_r": ear & (x < 0),
        "lids": lids,
        "nostrils": nostrils,
        "lip_seam": seam,
        "left": x > 0,
        "right": x < 0,
    }


def _ear(vertices: Vectors) -> Mask:
    tilt = np.radians(EAR_TILT_DEG)
    z, y = vertices[:, 2] - EAR_CENTRE_ZY_MM[0], vertices[:, 1] - EAR_CENTRE_ZY_MM[1]
    along, across = y * np.cos(tilt) - z * np.sin(tilt), z * np.cos(tilt) + y * np.sin(tilt)
    inside = (across / EAR_HALF_AXES_MM[0]) ** 2 + (along / EAR_HALF_AXES_MM[1]) ** 2 < 1
    return np.asarray(inside & (np.abs(vertices[:, 0]) > 58))


def _jaw_height(z: Vectors, landmarks: dict[str, Vectors]) -> Vectors:
    """Height of the jaw border at each depth ``z``: neck lies below. Behind it rises to the ear lobe."""
    line = np.array([landmarks[name] for name in ("ms_l", "obi_l", "go_l", "agn_l", "jowl_l", "gn")])
    return np.interp(z, line[:, 2], line[:, 1] - 1.5)


def _lids(vertices: Vectors, triangles: Indices) -> Mask:
    """Within 4 mm of the rim of the eye opening."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    found, uses = np.unique(np.sort(edges, 1), axis=0, return_counts=True)
    rim = np.unique(found[uses == 1])
    rim = rim[vertices[rim][:, 2] > -5]
    return np.asarray(cKDTree(vertices[rim]).query(vertices)[0] < 4.0)


def _nostrils(vertices: Vectors, triangles: Indices) -> Mask:
    """The underside of the nose and what lies inside it."""
    normals = vertex_normals(vertices, triangles)
    x, y, z = np.abs(vertices[:, 0]), vertices[:, 1], vertices[:, 2]
    box = (x > 2.5) & (x < 16) & (y < -36) & (y > -53) & (z > 17)
    return np.asarray(box & ((normals[:, 1] < -0.45) | (normals[:, 2] < 0.0)))


def _lip_seam(vertices: Vectors, landmarks: dict[str, Vectors]) -> Mask:
    """Within 2.5 mm of the line where the lips meet."""
    x, y, z = vertices.T
    inside = (np.abs(x) < landmarks["ch_l"][0] + 1) & (y < landmarks["ls"][1]) & (y > landmarks["li"][1])
    corner, middle = landmarks["ch_l"], landmarks["sto"]
    share = np.clip(np.abs(x) / corner[0], 0, 1)
    line_y, line_z = (
        middle[1] + share**2 * (corner[1] - middle[1]),
        middle[2] + share**2 * (corner[2] - middle[2]),
    )
    return np.asarray(inside & (np.hypot(y - line_y, z - line_z) < 3.0))
