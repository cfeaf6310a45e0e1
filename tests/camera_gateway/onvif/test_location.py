"""What a device calls its addresses, and where they lead: to the host that was typed."""

from __future__ import annotations

import pytest

from camera_gateway.onvif.location import RTSP, WEB, Location, split, with_credentials
from hub.addresses import PinnedAddress, split_credentials
from hub.errors import HubError


def typed(host: str = "192.168.1.125", port: int = 80, scheme: str = "http") -> Location:
    return Location(PinnedAddress(scheme, host, port, host, "/onvif/device_service"))


@pytest.mark.parametrize(
    ("said", "url"),
    [
        # Axis: link-local first
        (
            "http://169.254.119.177/onvif/services http://192.168.1.125/onvif/services",
            "http://192.168.1.125/onvif/services",
        ),
        # Hikvision, IPv6 beside it
        ("http://10.10.1.60/o http://[fe80::4619:b6ff:fe3e:baa1]/o", "http://192.168.1.125/o"),
        # Bosch: both schemes
        ("http://192.168.1.124:80/o https://192.168.1.124:443/o", "http://192.168.1.125/o"),
        ("\n   http://192.168.1.125:8080/o\r\n ", "http://192.168.1.125:8080/o"),
    ],
)
def test_case_17_of_a_list_the_address_that_needs_least_changed_is_taken(said: str, url: str) -> None:
    assert typed().find(said, WEB).url == url


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("http://192.168.1.88:8080/onvif/media_service", "http://192.168.1.125:8080/onvif/media_service"),
        ("http://127.0.0.1/o", "http://192.168.1.125/o"),
        ("http://0.0.0.0:2020/o", "http://192.168.1.125:2020/o"),
        ("http://localhost/o?a=1&amp;b=2", "http://192.168.1.125/o?a=1&b=2"),
        ("/onvif/Subscription?Idx=1", "http://192.168.1.125/onvif/Subscription?Idx=1"),
        (
            "http://192.168.1.106:8106:8106/onvif/Subscription?Idx=43",
            "http://192.168.1.125:8106/onvif/Subscription?Idx=43",
        ),
    ],
)
def test_case_18_the_typed_host_is_kept_with_the_path_that_was_said(said: str, url: str) -> None:
    located = typed().find(said, WEB)
    assert located.url == url
    assert located.moved is ("125" not in said and not said.startswith("/"))


@pytest.mark.parametrize(
    ("said", "url", "moved"),
    [
        ("rtsp://127.0.1.1:8554/tapo_sub", "rtsp://192.168.1.125:8554/tapo_sub", True),
        ("rtsp://192.168.1.125/Streaming/Channels/101?transportmode=unicast&amp;profile=1",
         "rtsp://192.168.1.125/Streaming/Channels/101?transportmode=unicast&profile=1", False),
        ("\n    rtsp://192.168.1.125:554/cam/realmonitor?channel=1&subtype=0\n",
         "rtsp://192.168.1.125/cam/realmonitor?channel=1&subtype=0", False),
        ("rtsp://admin:secret@10.0.0.1/a", "rtsp://192.168.1.125/a", True),
        ("192.168.1.125:554/stream0/", "rtsp://192.168.1.125/stream0/", False),
        ("rtsp://rtsp://192.168.1.125:554/stream1/", "rtsp://192.168.1.125/stream1/", False),
        ("rtsp://192.168.1.125/Main Stream", "rtsp://192.168.1.125/Main%20Stream", False),
        ("rtsp://192.168.1.125/a\r\n b", "rtsp://192.168.1.125/ab", False),
    ],
)  # fmt: skip
def test_case_18_a_stream_is_on_the_typed_host_and_what_was_said_is_known(said: str, url: str, moved: bool) -> None:
    located = typed().find(said, RTSP)
    assert (located.url, located.moved) == (url, moved)
    assert "secret" not in located.said


@pytest.mark.parametrize("said", ["", "  ", "file:///etc/passwd", "rtsp://a/\x1b[0m", "gopher://c/", "http://c:99999/"])
def test_what_is_no_address_is_refused(said: str) -> None:
    with pytest.raises(HubError, match="onvif_address"):
        typed().find(said, RTSP)


def test_behind_nat_the_forwarded_port_stands_for_the_one_that_the_device_sees() -> None:
    location = typed("203.0.113.5", 18_080)
    location.learn("http://192.168.1.88:80/onvif/device_service")
    assert location.find("http://192.168.1.88/onvif/media", WEB).url == "http://203.0.113.5:18080/onvif/media"
    assert location.find("http://192.168.1.88:1024/event", WEB).url == "http://203.0.113.5:1024/event"
    assert location.find("rtsp://192.168.1.88/s", RTSP).url == "rtsp://203.0.113.5/s"


def test_behind_tls_a_service_said_to_be_plain_is_not_asked_in_the_clear() -> None:
    location = typed("203.0.113.5", 443, "https")
    location.learn("http://192.168.1.88/onvif/device_service")
    assert location.find("http://192.168.1.88/onvif/media", WEB).url == "https://203.0.113.5/onvif/media"


def test_a_list_without_end_is_cut() -> None:
    assert len(split(" ".join(f"http://10.0.0.{n % 250}/" for n in range(5_000)))) == 16


def test_case_24_a_password_in_a_url_is_percent_encoded() -> None:
    password = "P@ss:w#r%d/?0X"
    url = with_credentials("rtsp://192.168.1.125/a", "admin", password)
    assert url == "rtsp://admin:P%40ss%3Aw%23r%25d%2F%3F0X@192.168.1.125/a"
    assert split_credentials(url) == ("rtsp://192.168.1.125/a", "admin", password)
