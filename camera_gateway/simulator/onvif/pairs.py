"""From cameras with one stream, cameras with ONVIF: each gets a second, smaller stream beside its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from camera_gateway.simulator.clip import Clip
from camera_gateway.simulator.onvif.encoder import Encoding, recoded
from camera_gateway.simulator.onvif.faults import OnvifFault
from camera_gateway.simulator.onvif.state import OnvifCamera
from camera_gateway.simulator.server import SimulatedCamera

_SUB_KBPS: Final = 256
_SUB_WIDTH_PX: Final = 320


def paired(
    cameras: Sequence[SimulatedCamera], faults: Sequence[Sequence[OnvifFault | str]] = (), first_port: int = 0
) -> tuple[list[SimulatedCamera], list[OnvifCamera]]:
    """The RTSP fleet (all main streams, then all sub streams at `/cam1/sub`, …) and the faces of its cameras.

    Encodes each clip once more: seconds for long ones.
    """
    made: dict[int, Clip] = {}
    subs: list[SimulatedCamera] = []
    faces: list[OnvifCamera] = []
    for index, camera in enumerate(cameras):
        clip = camera.clip
        if clip is not None and id(clip) not in made:
            made[id(clip)] = _smaller(clip)
        path = (camera.path or f"/cam{index + 1}") + "/sub"
        subs.append(replace(camera, clip=None if clip is None else made[id(clip)], path=path))
        face = OnvifCamera(
            main=index,
            sub=len(cameras) + index,
            name=camera.name,
            serial=f"SIM{index + 1:06d}",
            mac=f"02:00:5e:00:{(index + 1) >> 8:02x}:{(index + 1) & 0xFF:02x}",
            username=camera.username,
            password=camera.password,
            port=first_port + index if first_port else 0,
            faults=tuple(faults[index]) if index < len(faults) else (),
        )
        faces.append(face)
    return [*cameras, *subs], faces


def _smaller(clip: Clip) -> Clip:
    """Half the width or less, even sides."""
    now = Encoding.of(clip)
    width = min(_SUB_WIDTH_PX, clip.width_px // 2 // 2 * 2)
    height = max(2, round(clip.height_px * width / clip.width_px / 2) * 2)
    return recoded(clip, replace(now, width_px=width, height_px=height, kbps=min(_SUB_KBPS, now.kbps)))
