"""Which addresses a camera may have: the tricks by which others were led elsewhere, one by one."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.address_url import with_scheme
from hub.addresses import AddressPolicy, PinnedAddress, redirect_allowed, redirected, split_credentials
from hub.errors import ErrorKind, HubError


class Names:
    """A resolver that answers what it is told, and counts."""

    def __init__(self, **answers: Sequence[str]) -> None:
        self.answers = {name.replace("_", "."): list(told) for name, told in answers.items()}
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        if host not in self.answers:
            raise OSError("no such host")
        return self.answers[host]


def policy(*allow: str, own_ports: Sequence[int] = (8600, 8601), names: Names | None = None) -> AddressPolicy:
    return AddressPolicy(allow, own_ports, names or Names())


async def refused(rules: AddressPolicy, url: str, *, typed_by_person: bool = False) -> str:
    with pytest.raises(HubError) as caught:
        await rules.resolve(url, typed_by_person=typed_by_person)
    assert caught.value.kind in (ErrorKind.INVALID, ErrorKind.FORBIDDEN, ErrorKind.UNREACHABLE)
    assert caught.value.text("zh") != caught.value.code
    return caught.value.code


@pytest.mark.parametrize("host", ["10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.64", "[fd12:3456::1]"])
async def test_private_networks_are_taken(host: str) -> None:
    pinned = await policy().resolve(f"rtsp://{host}/stream1")
    assert pinned.ip == host.strip("[]")
    assert (pinned.port, pinned.path) == (554, "/stream1")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.8.9.1", "[::1]", "0.0.0.0", "[::]",  # noqa: S104 - to be refused
        "169.254.169.254", "169.254.1.1", "[fe80::1]", "224.0.0.1",
        "255.255.255.255", "[ff02::1]", "8.8.8.8", "172.32.0.1", "192.169.0.1", "100.64.0.1", "100.100.100.200",
        "[2400:3200::1]", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]",
        "[fd00:ec2::254]", "[::10.0.0.1]", "168.63.129.16",
    ],
)  # fmt: skip
async def test_everything_else_is_refused_by_default(host: str) -> None:
    assert await refused(policy(), f"rtsp://{host}/") == "hub.address_forbidden"


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "10.0.1", "0x0a.0.0.1", "010.0.0.1", "10.0.0.1.",
        "10.0.0.256", "１０.0.0.1", "①②⑦.⓪.⓪.①", "locаlhost", "ex ample", "a..b", "-a", "a\\b", "[fe80::1%25eth0]",
        "[fe80::1%eth0]", "[10.0.0.1]", "[::1", "10.0.0.1]", "", "a" * 300, "10.0.0.1,10.0.0.2", "%31%30.0.0.1",
    ],
)  # fmt: skip
async def test_numbers_in_disguise_and_strange_names_are_no_hosts(host: str) -> None:
    rules = policy("0.0.0.0/0", "127.0.0.0/8", names=Names())
    assert await refused(rules, f"rtsp://{host}/") in ("hub.address_host", "hub.address_malformed")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "concat:rtsp://10.0.0.1/|file:///etc/passwd", "subfile,,start,0,end,9,,:/etc/passwd",
        "http://10.0.0.1/", "rtmp://10.0.0.1/", "exec:ffmpeg", "ffmpeg:rtsp://10.0.0.1", "data:,x", "pipe:0",
        "/dev/video0",
        "rtspss://10.0.0.1/", "gopher://10.0.0.1/",
    ],
)  # fmt: skip
async def test_only_rtsp_is_taken_from_a_database(url: str) -> None:
    assert await refused(policy(), url) in ("hub.address_scheme", "hub.address_malformed")


async def test_rtsps_is_taken_too_on_its_own_port_and_under_the_same_rules() -> None:
    assert (await policy().resolve("rtsps://10.0.0.1/1")).port == 322
    assert await refused(policy(), "rtsps://127.0.0.1/1") == "hub.address_forbidden"
    origin = await policy().resolve("rtsps://10.0.0.1/1")
    assert redirected(origin, "/2").url == "rtsps://10.0.0.1/2"
    assert not redirect_allowed(origin, "rtsp://10.0.0.1:322/2")  # never from encrypted to plain


@pytest.mark.parametrize("url", ["file:///etc/passwd", "concat:a|b", "ftp://10.0.0.1/", "rtsp:10.0.0.1", "10.0.0.1"])
async def test_a_person_too_may_only_type_four_schemes(url: str) -> None:
    assert await refused(policy(), url, typed_by_person=True) in ("hub.address_scheme", "hub.address_malformed")


@pytest.mark.parametrize(
    "url", ["rtsp://127.0.0.1:8554/1", "https://8.8.8.8/", "rtsps://[::1]/", "http://169.254.1.1/"]
)
async def test_a_person_may_type_any_address(url: str) -> None:
    assert (await policy().resolve(url, typed_by_person=True)).url.startswith(url.split("/")[0])


@pytest.mark.parametrize("bad", ["\r\n", "\n", "\x00", "\t", "\x7f", "\x85", "\u2028"])
@pytest.mark.parametrize(
    "place", ["rtsp://10.0.0.1/a{}b", "rtsp://10.0.0.1{}/", "rtsp://10{}.0.0.1/", "{}rtsp://10.0.0.1/"]
)
async def test_control_characters_are_refused_wherever_they_stand(bad: str, place: str) -> None:
    assert await refused(policy(), place.format(bad)) == "hub.address_control_character"


@pytest.mark.parametrize(
    ("url", "clean", "username", "password"),
    [
        ("rtsp://admin:12345@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "12345"),
        ("rtsp://admin:p@ss:word@10.0.0.1:554/1", "rtsp://10.0.0.1:554/1", "admin", "p@ss:word"),
        ("rtsp://admin:p%40ss%2F@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", "p@ss/"),
        ("rtsp://admin@10.0.0.1/1", "rtsp://10.0.0.1/1", "admin", None),
        ("rtsp://:@10.0.0.1/1", "rtsp://10.0.0.1/1", "", ""),
        ("rtsp://10.0.0.1/a@b", "rtsp://10.0.0.1/a@b", None, None),
        ("rtsp://10.0.0.1?u=a@b", "rtsp://10.0.0.1?u=a@b", None, None),
    ],
)
def test_credentials_are_split_off(url: str, clean: str, username: str | None, password: str | None) -> None:
    assert split_credentials(url) == (clean, username, password)


def test_a_line_break_hidden_in_credentials_is_refused() -> None:
    with pytest.raises(HubError):
        split_credentials("rtsp://admin:x%0d%0aY@10.0.0.1/")


@pytest.mark.parametrize("url", ["rtsp://a@10.0.0.1/", "rtsp://10.0.0.1@8.8.8.8/", "rtsp://10.0.0.1:554@8.8.8.8/"])
async def test_credentials_left_inside_are_refused(url: str) -> None:
    assert await refused(policy(), url) == "hub.address_credentials"


async def test_a_backslash_is_no_separator() -> None:
    assert await refused(policy(), "rtsp://8.8.8.8\\@10.0.0.1/") == "hub.address_credentials"
    assert await refused(policy(), "rtsp://10.0.0.1\\.evil/") == "hub.address_host"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "99999", "5 5", "٥٥٤", "", "554:1", "0x22a"])
async def test_a_port_is_a_number_from_1_to_65535(port: str) -> None:
    assert await refused(policy(), f"rtsp://10.0.0.1:{port}/") == "hub.address_port"


async def test_all_answers_of_a_name_must_be_allowed() -> None:
    names = Names(cam_lan=["10.0.0.1", "8.8.8.8"], good_lan=["fd00::1", "10.0.0.2"], empty_lan=[])
    rules = policy(names=names)
    assert await refused(rules, "rtsp://cam.lan/") == "hub.address_forbidden"
    assert await refused(rules, "rtsp://empty.lan/") == "hub.address_unknown_host"
    assert await refused(rules, "rtsp://nowhere.lan/") == "hub.address_unknown_host"
    assert (await rules.resolve("rtsp://GOOD.lan:8554/x")) == PinnedAddress("rtsp", "good.lan", 8554, "10.0.0.2", "/x")


async def test_a_name_is_asked_once_and_an_address_never() -> None:
    names = Names(cam_lan=["10.0.0.1"])
    rules = policy(names=names)
    await rules.resolve("rtsp://cam.lan/")
    assert names.asked == 1
    await rules.resolve("rtsp://10.0.0.9/")
    assert names.asked == 1


@pytest.mark.parametrize(
    ("entry", "url", "taken"),
    [
        ("127.0.0.1", "rtsp://127.0.0.1:9000/", True),
        ("127.0.0.1", "rtsp://127.0.0.2/", False),
        ("127.0.0.1:8554", "rtsp://127.0.0.1:8554/", True),
        ("127.0.0.1:8554", "rtsp://127.0.0.1:8555/", False),
        ("127.0.0.0/8:8554", "rtsp://127.3.0.1:8554/", True),
        ("[::1]:8554", "rtsp://[::1]:8554/", True),
        ("::1", "rtsp://[::1]:1/", True),
        ("localhost", "rtsp://localhost/", True),
        ("8.8.8.0/24", "rtsp://8.8.8.8/", True),
        ("0.0.0.0/0", "rtsp://8.8.8.8/", True),
        ("0.0.0.0/0", "rtsp://127.0.0.1/", False),
        ("0.0.0.0/0", "rtsp://169.254.1.1/", False),
        ("169.254.0.0/16", "rtsp://169.254.1.1/", True),
        ("169.254.0.0/16", "rtsp://169.254.169.254/", False),
        ("0.0.0.0/0", "rtsp://224.0.0.1/", False),
        ("cam.example.com", "rtsp://cam.example.com/", True),
        ("cam.example.com:8554", "rtsp://cam.example.com/", False),
        ("evil.example.com", "rtsp://evil.example.com/", False),
        ("127.0.0.1", "rtsp://127.0.0.1:8600/", False),
    ],
)
async def test_what_allow_adds(entry: str, url: str, taken: bool) -> None:
    names = Names(cam_example_com=["203.0.113.5"], evil_example_com=["127.0.0.1"], localhost=["127.0.0.1", "::1"])
    rules = policy(entry, names=names)
    if taken:
        await rules.resolve(url)
    else:
        assert await refused(rules, url) in ("hub.address_forbidden", "hub.address_own_port")


@pytest.mark.parametrize(
    "entry", ["", "10.0.0.1/99", "a b", "10.0.0.1:0", "10.0.0.1:70000", "rtsp://10.0.0.1", "1.2.3"]
)
def test_an_entry_that_is_not_understood_is_said_at_the_start(entry: str) -> None:
    with pytest.raises(HubError) as caught:
        AddressPolicy((entry,))
    assert caught.value.code == "hub.address_allow_entry"


ORIGIN = PinnedAddress("rtsp", "cam.lan", 554, "10.0.0.1", "/1")


@pytest.mark.parametrize(
    ("location", "taken"),
    [
        ("rtsp://cam.lan/2", True),
        ("rtsp://10.0.0.1:554/2?a=b", True),
        ("/2", True),
        ("rtsp://10.0.0.2/2", False),
        ("rtsp://cam.lan:8600/2", False),
        ("//evil/2", False),
        ("http://cam.lan/2", False),
        ("rtsp://cam.lan@8.8.8.8/", False),
        ("file:///etc/passwd", False),
        ("rtsp://cam.lan/\r\nX: y", False),
        ("", False),
    ],
)
def test_a_redirect_stays_on_its_host(location: str, taken: bool) -> None:
    assert redirect_allowed(ORIGIN, location) is taken
    if taken:
        followed = redirected(ORIGIN, location)
        assert (followed.ip, followed.port) == (ORIGIN.ip, ORIGIN.port)
        assert followed.path.startswith("/2")


@given(st.text(max_size=60))
def test_nothing_typed_makes_anything_but_an_address_or_a_sentence(text: str) -> None:
    import asyncio

    try:
        pinned = asyncio.run(policy().resolve(f"rtsp://{text}"))
    except HubError as error:
        assert error.text("zh") != error.code  # noqa: PT017 - whatever text made it
    else:
        assert ipaddress.ip_address(pinned.ip).is_private
        assert pinned.path.isascii()
        assert not set("\r\n ") & set(pinned.url)


def test_only_the_standard_library_and_the_hub_are_needed() -> None:
    import subprocess
    import sys

    code = (
        "import sys, hub.addresses, hub.errors, hub.i18n, hub.clock, hub.backoff\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('redis', 'uvloop', 'structlog', 'pydantic')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


async def test_a_device_service_by_http_is_held_to_the_same_rules_where_no_person_typed_it() -> None:
    web = ("http", "https")
    policy = AddressPolicy(own_ports=[8600])
    assert (await policy.resolve("http://192.168.1.9/onvif", schemes=web)).port == 80
    for url in ("http://8.8.8.8/", "http://127.0.0.1/", "http://169.254.169.254/latest"):
        with pytest.raises(HubError, match="address_forbidden"):
            await policy.resolve(url, schemes=web)
    with pytest.raises(HubError, match="address_scheme"):
        await policy.resolve("http://192.168.1.9/onvif")


async def test_beside_a_pinned_host_is_only_that_host() -> None:
    web = ("http", "https")
    policy = AddressPolicy(["127.0.0.1"], own_ports=[6379])
    origin = await policy.resolve("http://127.0.0.1:8080/onvif", schemes=web)
    assert policy.beside(origin, "https://127.0.0.1:1024/event?a=1", web).url == "https://127.0.0.1:1024/event?a=1"
    assert policy.beside(origin, "/other", web).url == "http://127.0.0.1:8080/other"
    for url in ("http://192.168.1.9/", "//192.168.1.9/", "ftp://127.0.0.1/", "http://127.0.0.1@192.168.1.9/", ""):
        with pytest.raises(HubError, match="address_redirect"):
            policy.beside(origin, url, web)
    with pytest.raises(HubError, match="address_own_port"):
        policy.beside(origin, "http://127.0.0.1:6379/", web)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("192.168.1.64", "http://192.168.1.64"),
        ("camera.local:8080/onvif", "http://camera.local:8080/onvif"),
        ("[fd12::1]:80", "http://[fd12::1]:80"),
        ("rtsp://10.0.0.1/x", "rtsp://10.0.0.1/x"),
        ("concat:/etc/passwd|/etc/group", "concat:/etc/passwd|/etc/group"),  # no host with a strange port
    ],
)
def test_a_bare_host_is_a_web_address_and_a_scheme_is_none(address: str, url: str) -> None:
    assert with_scheme(address) == url
