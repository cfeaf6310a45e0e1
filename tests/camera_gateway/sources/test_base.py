"""Each way a source can end has a cause that the wall can show."""

from __future__ import annotations

import pytest

from camera_gateway.sources.base import _CAUSES, cause_of
from hub.contracts.camera import Cause
from hub.errors import ErrorKind, HubError
from hub.i18n import catalogue


def test_every_code_of_the_table_has_its_sentence() -> None:
    for code in _CAUSES:
        package, _, name = code.partition(".")
        assert name in catalogue("zh", package), code


@pytest.mark.parametrize(
    ("kind", "code", "cause"),
    [
        (ErrorKind.FORBIDDEN, "hub.address_forbidden", Cause.FORBIDDEN_ADDRESS),
        (ErrorKind.FORBIDDEN, "camera_gateway.redirected", Cause.REDIRECTED),
        (ErrorKind.INVALID, "hub.address_scheme", Cause.FORBIDDEN_ADDRESS),
        (ErrorKind.UNREACHABLE, "hub.address_unknown_host", Cause.UNREACHABLE),
        (ErrorKind.BROKEN, "camera_gateway.anything", Cause.PROTOCOL),
    ],
)
def test_an_error_becomes_a_cause(kind: ErrorKind, code: str, cause: Cause) -> None:
    assert cause_of(HubError(kind, code)) is cause
