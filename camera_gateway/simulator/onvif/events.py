"""The event service and its pull points (ONVIF Core, 9; WS-BaseNotification): subscribe, pull, renew, end."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from camera_gateway.simulator.onvif.event_styles import EVENT_STYLES, message
from camera_gateway.simulator.onvif.faults import OnvifFaultName
from camera_gateway.simulator.onvif.soap import Element, Node, SoapFault, duration_s, el, invalid, moment
from camera_gateway.simulator.onvif.state import CameraFace, Handler
from camera_gateway.simulator.onvif.subscription import Subscription

_DEFAULT_S: Final = 60.0
_LONGEST_S: Final = 3600.0
_LONGEST_PULL_S: Final = 60.0
_MOST_SUBSCRIPTIONS: Final = 8  # small cameras have no more
# What every subscriber is told first: the state of each property.
_PROPERTIES: Final = ("cell-motion", "tamper")


def fire(camera: CameraFace, style: str, *, active: bool = True) -> None:
    """The camera tells all its subscribers."""
    told = EVENT_STYLES[style]
    said = message(
        told,
        active=active,
        at=camera.told_now(),
        operation="Changed" if told.held else None,
        dash=OnvifFaultName.CLOCK_DASH in camera.faults,
    )
    for subscription in camera.subscriptions.values():
        for _ in range(2 if OnvifFaultName.REPEATS_EVENTS in camera.faults else 1):
            subscription.put(said)


def _until_s(asked: str | None) -> float:
    """How long a subscription is wished, in seconds."""
    return _DEFAULT_S if asked is None else min(_LONGEST_S, max(1.0, duration_s(asked)))


def _create(camera: CameraFace, asked: Node) -> Element:
    wish = asked.value("InitialTerminationTime")
    if wish is None and OnvifFaultName.NEEDS_TERMINATION in camera.faults:
        raise SoapFault("Action", "InitialTerminationTime", status=500)
    _forget_old(camera)
    if len(camera.subscriptions) >= _MOST_SUBSCRIPTIONS:
        raise SoapFault("Action", "too many subscriptions", status=500)
    now_s = camera.clock.monotonic()
    lives_s = _until_s(wish)
    camera.subscribed += 1
    token = f"{camera.number}_{camera.subscribed}"
    subscription = Subscription(token, now_s, now_s + lives_s)
    camera.subscriptions[token] = subscription
    for style in _PROPERTIES:
        at = camera.told_now()
        subscription.put(message(EVENT_STYLES[style], active=False, at=at, operation="Initialized"))
    return el(
        "tev:CreatePullPointSubscriptionResponse",
        el("tev:SubscriptionReference", el("wsa:Address", _address(camera, token))),
        *_times(camera, lives_s),
    )


def _address(camera: CameraFace, token: str) -> str:
    path = f"/onvif/Subscription?Idx={token}"
    if OnvifFaultName.SUBSCRIPTION_RELATIVE in camera.faults:
        return path
    port = camera.port
    if OnvifFaultName.SUBSCRIPTION_PORT in camera.faults:
        port = camera.side_port
    elif OnvifFaultName.SUBSCRIPTION_DEAD in camera.faults:
        port = 9  # discard: nobody serves it
    return f"http://{camera.told_host}:{port}{path}"


def _times(camera: CameraFace, lives_s: float) -> tuple[Element, Element]:
    now = camera.told_now()
    end = now + timedelta(seconds=lives_s)
    return el("wsnt:CurrentTime", moment(now)), el("wsnt:TerminationTime", moment(end))


def _forget_old(camera: CameraFace) -> None:
    now_s = camera.clock.monotonic()
    forgets_s = camera.faults.number(OnvifFaultName.SUBSCRIPTION_FORGOTTEN)
    for token, one in list(camera.subscriptions.items()):
        if now_s >= one.ends_s or (forgets_s is not None and now_s - one.made_s >= forgets_s):
            one.forget()
            del camera.subscriptions[token]


def _of(camera: CameraFace, token: str) -> Subscription:
    _forget_old(camera)
    subscription = camera.subscriptions.get(token)
    if subscription is None:
        raise SoapFault("InvalidArgVal", "the subscription is unknown", deeper="ResourceUnknown")
    return subscription


async def pull(camera: CameraFace, token: str, asked: Node) -> Element:
    """What happened, or nothing after the time-out."""
    subscription = _of(camera, token)
    wait_s = min(_LONGEST_PULL_S, duration_s(asked.value("Timeout") or "PT10S"))
    limit = asked.number("MessageLimit")
    messages = await subscription.take(int(limit or 10), wait_s)
    if subscription.forgotten:
        raise SoapFault("InvalidArgVal", "the subscription is unknown", deeper="ResourceUnknown")
    now_s = camera.clock.monotonic()
    current, end = _times(camera, subscription.ends_s - now_s)
    current, end = (Element(f"tev:{one.name.partition(':')[2]}", (), one.text) for one in (current, end))
    return el("tev:PullMessagesResponse", current, end, *messages)


def renew(camera: CameraFace, token: str, asked: Node) -> Element:
    """It lives longer."""
    if OnvifFaultName.NO_RENEW in camera.faults:
        raise SoapFault("ActionNotSupported", "Renew is not implemented", status=500)
    subscription = _of(camera, token)
    wish = asked.value("TerminationTime")
    if wish is None:
        raise invalid("TerminationTime")
    lives_s = _until_s(wish)
    subscription.ends_s = camera.clock.monotonic() + lives_s
    current, end = _times(camera, lives_s)
    return el("wsnt:RenewResponse", end, current)


def unsubscribe(camera: CameraFace, token: str) -> Element:
    """It ends."""
    _of(camera, token).forget()
    del camera.subscriptions[token]
    return el("wsnt:UnsubscribeResponse")


def synchronise(camera: CameraFace, token: str) -> Element:
    """All properties again."""
    subscription = _of(camera, token)
    for style in _PROPERTIES:
        said = message(EVENT_STYLES[style], active=False, at=camera.told_now(), operation="Initialized")
        subscription.put(said)
    return el("tev:SetSynchronizationPointResponse")


def _properties(_: CameraFace, __: Node) -> Element:
    return el(
        "tev:GetEventPropertiesResponse",
        el("tev:TopicNamespaceLocation", "http://www.onvif.org/onvif/ver10/topics/topicns.xml"),
        el("wsnt:FixedTopicSet", True),
    )


def _capabilities(_: CameraFace, __: Node) -> Element:
    told = el("tev:Capabilities", WSPullPointSupport=True, MaxPullPoints=_MOST_SUBSCRIPTIONS)
    return el("tev:GetServiceCapabilitiesResponse", told)


OPERATIONS: Final[dict[str, Handler]] = {
    "CreatePullPointSubscription": _create,
    "GetEventProperties": _properties,
    "GetServiceCapabilities": _capabilities,
}
