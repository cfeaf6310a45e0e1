"""Which encoder configuration is the substream's, and all that is asked of it. By the camera's client, on its loop.

The main stream is never touched: where both streams share one configuration, or there is one stream alone, it is said.
"""

from __future__ import annotations

from typing import Final

from camera_gateway.cure.encoder import Encoder, read_encoder
from camera_gateway.cure.options import EncoderOptions, read_options
from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.choice import choose
from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.profiles import stream_profiles
from camera_gateway.onvif.service import Service
from hub.contracts.device import StreamProfile, StreamRole
from hub.errors import ErrorKind, HubError

# Some answer only when the encoder runs again.
SET_TIMEOUT_S: Final = 15.0
_GONE: Final = frozenset({ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT, ErrorKind.REFUSED})


async def find_substream(client: OnvifClient, profile_token: str | None = None) -> StreamProfile:
    """The profile; with several video sources (an NVR) that of the source that `profile_token` shows.

    Raises HubError UNSUPPORTED `cure.no_substream`, `cure.shared_encoder`, and as `client.call`.
    """
    profiles = await stream_profiles(client)
    source = next((one.source for one in profiles if one.token == profile_token), None)
    choice = choose(profiles, source)
    substream = next((one for one in choice.profiles if one.role is StreamRole.SUB), None)
    if substream is None or substream.encoder_token is None:
        raise HubError(ErrorKind.UNSUPPORTED, "cure.no_substream")
    main = next((one for one in choice.profiles if one.role is StreamRole.MAIN), None)
    if main is not None and main.encoder_token == substream.encoder_token:
        raise HubError(ErrorKind.UNSUPPORTED, "cure.shared_encoder", main=main.name, name=substream.name)
    return substream


async def read_substream(client: OnvifClient, token: str, service: Service | None = None) -> Encoder:
    """The configuration of that token: of Media2, which knows H.265, else of Media; of `service` alone where given.

    Raises HubError NOT_FOUND `cure.no_encoder`, and as `client.call`.
    """
    services = [service] if service else [one for one in (Service.MEDIA2, Service.MEDIA) if await client.supports(one)]
    failure: HubError | None = None
    for one in services:
        try:
            for told in await _configurations(client, one, token):
                if told.attribute("token") == token:
                    return read_encoder(told, one)
        except HubError as error:
            if error.kind in _GONE:
                raise
            failure = error
    raise failure or HubError(ErrorKind.NOT_FOUND, "cure.no_encoder", token=token)


async def _configurations(client: OnvifClient, service: Service, token: str) -> list[Answer]:
    if service is Service.MEDIA2:
        answer = await client.call(service, "GetVideoEncoderConfigurations", {"ConfigurationToken": token})
        return answer.all("Configurations")
    try:
        return (await client.call(service, "GetVideoEncoderConfigurations")).all("Configurations")
    except HubError as error:
        if error.kind in _GONE:
            raise
        one = await client.call(service, "GetVideoEncoderConfiguration", {"ConfigurationToken": token})
        return one.all("Configuration")


async def encoder_options(client: OnvifClient, encoder: Encoder) -> EncoderOptions:
    """What it can be set to; empty where the camera does not say."""
    try:
        asked = {"ConfigurationToken": encoder.token}
        answer = await client.call(encoder.service, "GetVideoEncoderConfigurationOptions", asked)
    except HubError as error:
        if error.kind in _GONE:
            raise
        return {}
    return read_options(answer, encoder.service)


async def set_encoder(client: OnvifClient, service: Service, told: Answer) -> None:
    """Give a configuration to the camera, to be kept over its restarts (Media2 always keeps it)."""
    params: dict[str, object] = {"Configuration": told}
    if service is Service.MEDIA:
        params["ForcePersistence"] = True
    await client.call(service, "SetVideoEncoderConfiguration", params, timeout_s=SET_TIMEOUT_S)
