"""The PTZ service (ONVIF PTZ, ver20): one head, one node, its presets and its home."""

from __future__ import annotations

from typing import Final

from camera_gateway.simulator.onvif.faults import OnvifFaultName
from camera_gateway.simulator.onvif.head import Axes
from camera_gateway.simulator.onvif.soap import Element, Node, SoapFault, duration_s, el, moment, number_of
from camera_gateway.simulator.onvif.state import CameraFace, Handler

_SPACES: Final = "http://www.onvif.org/ver10/tptz"
_DEFAULT_TIMEOUT_S: Final = 10.0
_LONGEST_TIMEOUT_S: Final = 60.0


def configuration(name: str) -> Element:
    """tt:PTZConfiguration."""
    return el(
        name,
        el("tt:Name", "head"),
        el("tt:UseCount", 2),
        el("tt:NodeToken", "ptz_node_1"),
        el("tt:DefaultContinuousPanTiltVelocitySpace", f"{_SPACES}/PanTiltSpaces/VelocityGenericSpace"),
        el("tt:DefaultContinuousZoomVelocitySpace", f"{_SPACES}/ZoomSpaces/VelocityGenericSpace"),
        el("tt:DefaultPTZTimeout", f"PT{int(_DEFAULT_TIMEOUT_S)}S"),
        token="ptz_conf_1",  # noqa: S106 - a name
    )


def _checked(camera: CameraFace, asked: Node) -> None:
    camera.stream(asked.value("ProfileToken"))


def _axes(node: Node) -> Axes:
    def of(path: str, name: str) -> float | None:
        text = node.attribute(name, path)
        return None if text is None else number_of(text)

    return of("PanTilt", "x"), of("PanTilt", "y"), of("Zoom", "x")


def _continuous(camera: CameraFace, asked: Node) -> Element:
    _checked(camera, asked)
    speeds = _axes(asked.at("Velocity"))
    if any(speed is not None and abs(speed) > 1 for speed in speeds):
        raise SoapFault("InvalidArgVal", "velocity out of range", deeper="InvalidVelocity")
    timeout = asked.value("Timeout")
    timeout_s = _DEFAULT_TIMEOUT_S if timeout is None else min(_LONGEST_TIMEOUT_S, duration_s(timeout))
    camera.head.timeouts = OnvifFaultName.NO_STOP_AFTER_TIMEOUT not in camera.faults
    camera.head.turn(speeds, timeout_s)
    return el("tptz:ContinuousMoveResponse")


def _stop(camera: CameraFace, asked: Node) -> Element:
    _checked(camera, asked)
    pan_tilt, zoom = asked.value("PanTilt"), asked.value("Zoom")
    camera.head.stop(pan_tilt=pan_tilt in (None, "true", "1"), zoom=zoom in (None, "true", "1"))
    return el("tptz:StopResponse")


def _absolute(camera: CameraFace, asked: Node) -> Element:
    _checked(camera, asked)
    camera.head.look(_axes(asked.at("Position")))
    return el("tptz:AbsoluteMoveResponse")


def _relative(camera: CameraFace, asked: Node) -> Element:
    _checked(camera, asked)
    camera.head.look(_axes(asked.at("Translation")), relative=True)
    return el("tptz:RelativeMoveResponse")


def _go_home(camera: CameraFace, asked: Node) -> Element:
    _checked(camera, asked)
    camera.head.go(camera.head.home)
    return el("tptz:GotoHomePositionResponse")


def _set_home(camera: CameraFace, asked: Node) -> Element:
    _checked(camera, asked)
    camera.head.home = camera.head.position
    return el("tptz:SetHomePositionResponse")


def _presets(camera: CameraFace, asked: Node) -> Element:
    _checked(camera, asked)
    told = []
    for token, (name, at) in camera.head.presets.items():
        where = el("tt:PTZPosition", el("tt:PanTilt", x=at.pan, y=at.tilt), el("tt:Zoom", x=at.zoom))
        told.append(el("tptz:Preset", el("tt:Name", name), where, token=token))
    return el("tptz:GetPresetsResponse", *told)


def _set_preset(camera: CameraFace, asked: Node) -> Element:
    _checked(camera, asked)
    try:
        token = camera.head.keep(asked.value("PresetName") or "", asked.value("PresetToken"))
    except KeyError:
        raise SoapFault("InvalidArgVal", "no such preset", deeper="NoToken") from None
    except OverflowError:
        raise SoapFault("Action", "no room for another preset", status=500, deeper="TooManyPresets") from None
    return el("tptz:SetPresetResponse", el("tptz:PresetToken", token))


def _preset(camera: CameraFace, asked: Node) -> str:
    _checked(camera, asked)
    token = asked.value("PresetToken")
    if token is None or token not in camera.head.presets:
        raise SoapFault("InvalidArgVal", "no such preset", deeper="NoToken")
    return token


def _go_preset(camera: CameraFace, asked: Node) -> Element:
    camera.head.go(camera.head.presets[_preset(camera, asked)][1])
    return el("tptz:GotoPresetResponse")


def _remove_preset(camera: CameraFace, asked: Node) -> Element:
    del camera.head.presets[_preset(camera, asked)]
    return el("tptz:RemovePresetResponse")


def _status(camera: CameraFace, asked: Node) -> Element:
    _checked(camera, asked)
    at = camera.head.position
    moving = camera.head.moving and OnvifFaultName.NO_MOVE_STATUS not in camera.faults
    word = "MOVING" if moving else "IDLE"
    told = el(
        "tptz:PTZStatus",
        el("tt:Position", el("tt:PanTilt", x=at.pan, y=at.tilt), el("tt:Zoom", x=at.zoom)),
        el("tt:MoveStatus", el("tt:PanTilt", word), el("tt:Zoom", word)),
        el("tt:UtcTime", moment(camera.told_now())),
    )
    return el("tptz:GetStatusResponse", told)


def _range(name: str, *, low: float) -> Element:
    return el(name, el("tt:Min", low), el("tt:Max", 1.0))


def _spaces(name: str) -> Element:
    def plane(kind: str, uri: str) -> Element:
        return el(kind, el("tt:URI", f"{_SPACES}/{uri}"), _range("tt:XRange", low=-1.0), _range("tt:YRange", low=-1.0))

    return el(
        name,
        plane("tt:ContinuousPanTiltVelocitySpace", "PanTiltSpaces/VelocityGenericSpace"),
        el(
            "tt:ContinuousZoomVelocitySpace",
            el("tt:URI", f"{_SPACES}/ZoomSpaces/VelocityGenericSpace"),
            _range("tt:XRange", low=-1.0),
        ),
    )


def _node(name: str) -> Element:
    return el(
        name,
        el("tt:Name", "head"),
        _spaces("tt:SupportedPTZSpaces"),
        el("tt:MaximumNumberOfPresets", 64),
        el("tt:HomeSupported", True),
        token="ptz_node_1",  # noqa: S106 - a name
    )


def _options(_: CameraFace, __: Node) -> Element:
    timeout = el("tt:PTZTimeout", el("tt:Min", "PT1S"), el("tt:Max", f"PT{int(_LONGEST_TIMEOUT_S)}S"))
    told = el("tptz:PTZConfigurationOptions", _spaces("tt:Spaces"), timeout)
    return el("tptz:GetConfigurationOptionsResponse", told)


OPERATIONS: Final[dict[str, Handler]] = {
    "ContinuousMove": _continuous,
    "Stop": _stop,
    "AbsoluteMove": _absolute,
    "RelativeMove": _relative,
    "GotoHomePosition": _go_home,
    "SetHomePosition": _set_home,
    "GetPresets": _presets,
    "SetPreset": _set_preset,
    "GotoPreset": _go_preset,
    "RemovePreset": _remove_preset,
    "GetStatus": _status,
    "GetNodes": lambda _, __: el("tptz:GetNodesResponse", _node("tptz:PTZNode")),
    "GetNode": lambda _, __: el("tptz:GetNodeResponse", _node("tptz:PTZNode")),
    "GetConfigurations": lambda _, __: el("tptz:GetConfigurationsResponse", configuration("tptz:PTZConfiguration")),
    "GetConfiguration": lambda _, __: el("tptz:GetConfigurationResponse", configuration("tptz:PTZConfiguration")),
    "GetConfigurationOptions": _options,
    "GetServiceCapabilities": lambda _, __: el("tptz:GetServiceCapabilitiesResponse", el("tptz:Capabilities")),
}
