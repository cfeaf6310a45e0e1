"""`probe camera discover`: what answers in a range is listed; nothing that answers is told with what to do."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator

import pytest

from camera_gateway.onvif import discovery
from probe import cli

MATCH = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/'
    'addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Body><d:ProbeMatches><d:ProbeMatch>'
    "<a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter"
    "</d:Types><d:Scopes>onvif://www.onvif.org/name/Gate</d:Scopes><d:XAddrs>http://10.9.9.9:8080/onvif/device_service"
    "</d:XAddrs></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One camera at 127.0.0.1, on a port of its own: 3702 may be taken."""
    monkeypatch.setenv("PROBE_LANGUAGE", "en")
    camera = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    camera.bind(("127.0.0.1", 0))
    camera.settimeout(0.1)
    whole = discovery.discover_range.__kwdefaults__
    assert whole is not None
    monkeypatch.setitem(whole, "port", camera.getsockname()[1])
    monkeypatch.setitem(whole, "wait_s", 0.3)
    quitting = threading.Event()

    def answer() -> None:
        while not quitting.is_set():
            try:
                data, sender = camera.recvfrom(65_535)
            except TimeoutError:
                continue
            assert re.search(rb"<d:Probe>", data)
            camera.sendto(MATCH.encode(), sender)

    thread = threading.Thread(target=answer)
    thread.start()
    yield
    quitting.set()
    thread.join()
    camera.close()


@pytest.mark.usefixtures("device")
def test_what_answers_in_a_range_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["camera", "discover", "--range", "127.0.0.1-127.0.0.3", "--json"]) == 0
    (item,) = json.loads(capsys.readouterr().out)["items"]
    assert (item["ip"], item["xaddr"], item["name"]) == (
        "127.0.0.1",
        "http://127.0.0.1:8080/onvif/device_service",
        "Gate",
    )
    assert item["found_by"] == "unicast"
    assert cli.main(["camera", "discover", "--range", "127.0.0.1"]) == 0
    assert "Gate" in capsys.readouterr().out


@pytest.mark.usefixtures("device")
def test_a_range_where_nothing_answers_is_exit_1_and_one_that_is_none_is_exit_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["camera", "discover", "--range", "127.0.0.7"]) == 1
    assert "--range" in capsys.readouterr().out
    assert cli.main(["camera", "discover", "--range", "everything"]) == 2
    assert "192.168.1.0/24" in capsys.readouterr().err
