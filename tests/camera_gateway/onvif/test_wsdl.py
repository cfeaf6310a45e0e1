"""Requests as they are written: every operation that the product calls, by zeep's WSDL or by hand for Media2."""

from __future__ import annotations

import pytest

from camera_gateway.onvif.service import Service
from camera_gateway.onvif.wsdl import WSDL, Params
from hub.errors import ErrorKind, HubError

SIZE = {"Width": 640, "Height": 360}
ENCODER = {
    "@token": "e1", "Name": "n", "UseCount": 1, "Encoding": "H264", "Resolution": SIZE, "Quality": 3,
    "RateControl": {"FrameRateLimit": 15, "EncodingInterval": 1, "BitrateLimit": 512},
    "H264": {"GovLength": 30, "H264Profile": "Main"},
    "Multicast": {"Address": {"Type": "IPv4", "IPv4Address": "0.0.0.0"}, "Port": 0, "TTL": 1, "AutoStart": False},  # noqa: S104
    "SessionTimeout": "PT60S",
}  # fmt: skip
ENCODER2 = {
    "@token": "e1", "@GovLength": 30, "Name": "n", "Encoding": "H264", "Resolution": SIZE,
    "RateControl": {"@ConstantBitRate": True, "FrameRateLimit": 15, "BitrateLimit": 512},
}  # fmt: skip
MOVE = {"ProfileToken": "p", "Velocity": {"PanTilt": {"@x": 0.5, "@y": -0.5}, "Zoom": {"@x": 0.1}}}


@pytest.mark.parametrize(
    ("service", "operation", "params", "parts"),
    [
        (Service.MEDIA, "SetVideoEncoderConfiguration", {"Configuration": ENCODER, "ForcePersistence": True},
         ['Configuration token="e1"', "GovLength>30<"]),
        (Service.MEDIA2, "SetVideoEncoderConfiguration", {"Configuration": ENCODER2},
         ['<q:Configuration token="e1" GovLength="30"><tt:Name>', 'ConstantBitRate="true"']),
        (Service.MEDIA2, "GetProfiles", {"Type": ["All"]}, ["<q:Type>All</q:Type>"]),
        (Service.DEVICE, "SetNTP", {"FromDHCP": False, "NTPManual": [{"Type": "IPv4", "IPv4Address": "10.0.0.1"}]},
         ["IPv4Address", "10.0.0.1"]),
        (Service.PTZ, "ContinuousMove", MOVE, ['x="0.5" y="-0.5"']),
        (Service.PTZ, "Stop", {"ProfileToken": "p", "PanTilt": True, "Zoom": True}, ["PanTilt>true<"]),
        (Service.PTZ, "SetPreset", {"ProfileToken": "p", "PresetName": "门口 <&>"}, ["门口 &lt;&amp;&gt;"]),
        (Service.MEDIA2, "GetStreamUri", {"Protocol": "RTSP", "ProfileToken": '<&"'}, ["&lt;&amp;"]),
        (Service.IMAGING, "GetImagingSettings", {"VideoSourceToken": "v"}, ["VideoSourceToken"]),
    ],
)  # fmt: skip
async def test_a_request_is_written_as_its_service_wants_it(
    service: Service, operation: str, params: Params, parts: list[str]
) -> None:
    written = await WSDL.write(service, operation, params)
    assert all(part in written.body for part in parts), written.body
    assert service.namespace in written.body
    assert written.action.endswith(f"/{operation}")
    assert not written.addressed


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        (Service.PULLPOINT, "SetSynchronizationPoint"),
        (Service.SUBSCRIPTION, "Unsubscribe"),
        (Service.EVENTS, "GetEventProperties"),
    ],
)
async def test_what_belongs_to_events_is_addressed(service: Service, operation: str) -> None:
    written = await WSDL.write(service, operation, {})
    assert written.addressed
    assert written.action.endswith(f"{operation}Request")


@pytest.mark.parametrize(
    ("operation", "params"),
    [("NoSuch", {}), ("Stop", {"Wrong": 1}), ("ContinuousMove", {"Velocity": {"PanTilt": {"@z": 1}}})],
)
async def test_a_request_that_the_wsdl_does_not_know_is_our_own_fault(operation: str, params: Params) -> None:
    with pytest.raises(HubError, match="onvif_request") as caught:
        await WSDL.write(Service.PTZ, operation, params)
    assert caught.value.kind is ErrorKind.BROKEN


@pytest.mark.parametrize("service", [Service.MEDIA, Service.MEDIA2])
async def test_a_character_that_xml_forbids_is_written_by_neither_way(service: Service) -> None:
    with pytest.raises(HubError, match="onvif_request"):
        await WSDL.write(service, "GetSnapshotUri", {"ProfileToken": "a\x00b"})
