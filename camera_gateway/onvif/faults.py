"""What a SOAP answer is: the response asked for, a wish for another login, or a failure with a sentence. Pure."""

from __future__ import annotations

from typing import Final

from camera_gateway.onvif.answer import Answer, parse_xml
from camera_gateway.onvif.service import Service
from camera_gateway.onvif.wire import Reply
from hub.errors import ErrorKind, HubError

_LOGIN: Final = frozenset(
    {"notauthorized", "failedauthentication", "invalidsecurity", "invalidsecuritytoken", "messageexpired",
     "securitytokenunavailable", "failedcheck", "unsupportedsecuritytoken"}
)  # fmt: skip
_LOGIN_WORDS: Final = ("not authorized", "unauthorized", "authentication fail", "authority failure", "wrong password")
_NO_OPERATION: Final = frozenset(
    {"actionnotsupported", "optionalactionnotimplemented", "notimplemented", "operationnotsupported"}
)
_NO_OPERATION_WORDS: Final = ("method not found", "not implemented", "actionnotsupported", "method '")
_ARGUMENT: Final = frozenset(
    {"invalidargval", "invalidargs", "noprofile", "noentity", "notoken", "noconfig", "configmodify", "missingattr",
     "unknownaction", "noptzprofile", "invalidposition", "invalidvelocity", "invalidpresetname", "tagmismatch"}
)  # fmt: skip
_REASON_MAX: Final = 160


class UnauthorisedError(Exception):
    """The device wants a login, or another one; `challenges` are those of HTTP."""

    def __init__(self, challenges: tuple[str, ...], subcode: str = "") -> None:
        super().__init__(subcode)
        self.challenges = challenges
        self.subcode = subcode


def response_of(reply: Reply, service: Service, operation: str) -> Answer:
    """The first child of the Body. Raises UnauthorisedError, or a HubError as `client.OnvifClient.call` lists them."""
    if reply.status == 401:
        raise UnauthorisedError(reply.challenges, "401")
    try:
        root = parse_xml(reply.body)
    except HubError as error:
        if reply.status == 403:
            raise UnauthorisedError(reply.challenges, "403") from error
        if reply.status in (404, 405) and error.code != "camera_gateway.answer_too_large":
            raise HubError(ErrorKind.UNSUPPORTED, "camera_gateway.onvif_no_service", service=service.value) from error
        raise
    body = root.at("Body")
    fault = body.at("Fault")
    if fault:
        raise _failure(fault, reply, operation)
    answer = next((child for child in body.children), None)
    if answer is None:
        raise HubError(ErrorKind.PROTOCOL, "camera_gateway.onvif_empty")
    if answer.name != f"{operation}Response":
        raise HubError(ErrorKind.PROTOCOL, "camera_gateway.onvif_garbled")
    return answer


def _failure(fault: Answer, reply: Reply, operation: str) -> Exception:
    # SOAP 1.2: Code/Value, Code/Subcode/Value, Reason/Text; 1.1: faultcode, faultstring.
    codes = [value.text.rpartition(":")[2] for value in fault.at("Code").deep("Value")] or [
        fault.at("faultcode").text.rpartition(":")[2]
    ]
    words = (fault.value("Reason/Text") or fault.value("faultstring") or "")[:_REASON_MAX]
    subcode = codes[-1][:64]
    known = {code.lower() for code in codes}
    said = words.lower()
    if known & _LOGIN or reply.status == 403 or any(word in said for word in _LOGIN_WORDS):
        return UnauthorisedError(reply.challenges, subcode)
    given: dict[str, object] = {"operation": operation, "reason": words or subcode, "subcode": subcode}
    if known & _NO_OPERATION or any(word in said for word in _NO_OPERATION_WORDS):
        return HubError(ErrorKind.UNSUPPORTED, "camera_gateway.onvif_no_operation", **given)
    if known & _ARGUMENT:
        return HubError(ErrorKind.INVALID, "camera_gateway.onvif_argument", **given)
    return HubError(ErrorKind.PROTOCOL, "camera_gateway.onvif_refused", **given)
