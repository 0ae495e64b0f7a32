"""Reading scans: formats, units, and every way in which a file can be unusable."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import DracoPy
import numpy as np
import pytest
import trimesh

from tests.threadlift.face.heads import write
from threadlift.errors import InputError
from threadlift.face.scan import read_scan

Mesh = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def ball() -> Mesh:
    mesh = trimesh.creation.icosphere(subdivisions=3, radius=100.0)
    return np.asarray(mesh.vertices), np.asarray(mesh.faces)


@pytest.fixture
def ply(tmp_path: Path, ball: Mesh) -> Path:
    return write(tmp_path / "ball.ply", *ball)


def _draco_glb(vertices: np.ndarray, triangles: np.ndarray) -> bytes:
    packed = DracoPy.encode(
        vertices.astype(np.float32), faces=triangles.astype(np.uint32), quantization_bits=16
    )
    packed += b"\0" * (-len(packed) % 4)
    extension = {"bufferView": 0, "attributes": {"POSITION": 0}}
    tree = {
        "asset": {"version": "2.0"},
        "extensionsUsed": ["KHR_draco_mesh_compression"],
        "extensionsRequired": ["KHR_draco_mesh_compression"],
        "buffers": [{"byteLength": len(packed)}],
        "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": len(packed)}],
        "accessors": [
            {"componentType": 5126, "count": len(vertices), "type": "VEC3"},
            {"componentType": 5125, "count": triangles.size, "type": "SCALAR"},
        ],
        "meshes": [
            {
                "primitives": [
                    {
                        "attributes": {"POSITION": 0},
                        "indices": 1,
                        "extensions": {"KHR_draco_mesh_compression": extension},
                    }
                ]
            }
        ],
        "nodes": [{"mesh": 0}],
        "scenes": [{"nodes": [0]}],
        "scene": 0,
    }
    return _glb(tree, packed)


def _glb(tree: dict[str, object], payload: bytes) -> bytes:
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(payload), 0x004E4942) + payload
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


@pytest.mark.parametrize("ending", ["ply", "obj", "stl", "glb"])
def test_every_format_gives_the_same_surface(tmp_path: Path, ball: Mesh, ending: str) -> None:
    scan = read_scan(write(tmp_path / f"ball.{ending}", *ball))
    assert scan.report.file_format == ending
    assert scan.report.triangles_kept == len(ball[1])
    assert len(scan.vertices) == len(ball[0])
    assert np.linalg.norm(scan.vertices, axis=1) == pytest.approx(100.0, abs=1e-3)


def test_a_draco_compressed_glb_is_read(tmp_path: Path, ball: Mesh) -> None:
    path = tmp_path / "ball.glb"
    path.write_bytes(_draco_glb(*ball))
    scan = read_scan(path)
    assert scan.report.triangles_kept == len(ball[1])
    assert np.linalg.norm(scan.vertices, axis=1) == pytest.approx(100.0, abs=0.05)


def test_an_ascii_stl_and_a_gltf_beside_its_buffer_are_read(tmp_path: Path, ball: Mesh) -> None:
    mesh = trimesh.Trimesh(*ball, process=False)
    (tmp_path / "a.stl").write_text(mesh.export(file_type="stl_ascii"))
    assert read_scan(tmp_path / "a.stl").report.triangles_kept == len(ball[1])
    for name, content in mesh.export(file_type="gltf").items():
        (tmp_path / name).write_bytes(content)
    assert read_scan(tmp_path / "model.gltf").report.file_format == "gltf"


def test_vertex_colours_are_kept(tmp_path: Path, ball: Mesh) -> None:
    colours = np.random.default_rng(1).integers(0, 255, (len(ball[0]), 4), dtype=np.uint8)
    trimesh.Trimesh(*ball, process=False, vertex_colors=colours).export(tmp_path / "c.ply")
    scan = read_scan(tmp_path / "c.ply")
    assert scan.report.has_colours
    assert scan.colours is not None
    assert scan.colours.shape == scan.vertices.shape


def test_a_file_is_believed_by_its_content_and_the_wrong_ending_is_noted(tmp_path: Path, ply: Path) -> None:
    other = tmp_path / "ball.stl"
    ply.rename(other)
    scan = read_scan(other)
    assert scan.report.file_format == "ply"
    assert ".stl" in scan.report.notes[0].en
    assert ".stl" in scan.report.notes[0].vi


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_scan(tmp_path / "none.ply")
    with pytest.raises(InputError, match="is a folder"):
        read_scan(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("empty.ply", b"", "empty"),
        ("text.ply", b"this is a letter, not a mesh", "no mesh"),
        ("photo.obj", b"\xff\xd8\xff\xe0" + bytes(200), "no mesh"),
        ("zip.glb", b"PK\x03\x04" + bytes(500), "no mesh"),
        ("head.ply", b"ply\nformat ascii 1.0\nelement vertex 3\n", "truncated"),
        (
            "bomb.ply",
            b"ply\nformat binary_little_endian 1.0\nelement vertex 999999999999\nend_header\n",
            "announces",
        ),
        ("short.glb", b"glTF\x02\0\0\0", "truncated"),
        ("faces.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", "points but no triangles|no triangles"),
        ("index.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "damaged|no usable"),
        ("broken.gltf", b'{"asset": {"version": "2.0"}, ', "JSON"),
    ],
)
def test_an_unusable_file_is_refused_by_what_is_wrong(
    tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=what) as caught:
        read_scan(path)
    assert caught.value.where == name


@pytest.mark.parametrize("ending", ["ply", "stl", "glb"])
def test_a_truncated_file_is_refused(tmp_path: Path, ball: Mesh, ending: str) -> None:
    path = write(tmp_path / f"ball.{ending}", *ball)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="truncated"):
        read_scan(path)


def test_a_glb_that_announces_billions_of_values_is_refused_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "bomb.glb"
    accessor = {"componentType": 5126, "count": 4_000_000_000, "type": "VEC3"}
    path.write_bytes(_glb({"asset": {"version": "2.0"}, "accessors": [accessor]}, b"\0" * 4))
    with pytest.raises(InputError, match="announces"):
        read_scan(path)


def test_a_point_cloud_is_refused_with_the_remedy(tmp_path: Path, ball: Mesh) -> None:
    trimesh.PointCloud(ball[0]).export(tmp_path / "cloud.ply")
    with pytest.raises(InputError, match="points but no triangles") as caught:
        read_scan(tmp_path / "cloud.ply")
    assert "surface" in caught.value.remedy


def test_a_material_file_cannot_reach_out_of_the_folder(tmp_path: Path, ball: Mesh) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.mtl").write_text("newmtl a\n")
    path = write(inner / "ball.obj", *ball)
    path.write_text("mtllib ../secret.mtl\n" + path.read_text())
    assert read_scan(path).report.triangles_kept == len(ball[1])


def test_a_stated_distance_is_kept_and_checked(ply: Path) -> None:
    scan = read_scan(ply, scale_mm=88.0)
    assert scan.stated is not None
    assert (scan.stated.first, scan.stated.second) == ("ex_l", "ex_r")
    for wrong in (0.0, -3.0, 4.9, 400.1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="no distance on a head"):
            read_scan(ply, scale_mm=wrong)
    assert read_scan(ply, scale_mm=400.0).stated is not None
    with pytest.raises(InputError, match="two different"):
        read_scan(ply, scale_mm=88.0, scale_between=("ex_l", "ex_l"))


def test_a_unit_and_a_stated_distance_exclude_each_other(ply: Path) -> None:
    with pytest.raises(InputError, match="exclude"):
        read_scan(ply, unit="mm", scale_mm=88.0)


def test_an_unknown_unit_is_refused(ply: Path) -> None:
    with pytest.raises(InputError, match="unknown unit"):
        read_scan(ply, unit="furlong")  # type: ignore[arg-type]
