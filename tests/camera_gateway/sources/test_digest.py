"""Challenges as cameras write them and answers as the standards give them (material list 10)."""

from __future__ import annotations

import base64
import re

import pytest

from camera_gateway.sources.rtsp.digest import Login, parse_challenges
from hub.errors import HubError

RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
VECTORS = [
    # challenge, username, password, cnonce, method, uri, response; from RFC 7616, 3.9.1 and RFC 2617, 3.5
    (
        RFC_7616.format(algorithm="MD5"),
        "Mufasa",
        "Circle of Life",
        "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        "/dir/index.html",
        "8ca523f5e9506fed4657c9700eebdbec",
    ),
    (
        RFC_7616.format(algorithm="SHA-256"),
        "Mufasa",
        "Circle of Life",
        "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        "/dir/index.html",
        "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    ),
    (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
        "Mufasa",
        "Circle Of Life",
        "0a4f113b",
        "/dir/index.html",
        "6629fae49393a05397450978507c4ef1",
    ),
]


def answer(*lines: str, username: str = "admin", password: str = "x", cnonce: str = "c", uri: str = "rtsp://h/") -> str:  # noqa: S107
    login = Login(username, password, cnonce=lambda: cnonce)
    login.challenged(lines)
    header = login.header("GET" if uri.startswith("/") else "DESCRIBE", uri)
    assert header is not None
    return header


@pytest.mark.parametrize(("line", "username", "password", "cnonce", "uri", "response"), VECTORS)
def test_the_vectors_of_the_standards_hold(
    line: str, username: str, password: str, cnonce: str, uri: str, response: str
) -> None:
    header = answer(line, username=username, password=password, cnonce=cnonce, uri=uri)
    assert f'response="{response}"' in header
    assert "nc=00000001" in header


def test_a_session_algorithm_differs_from_the_plain_one() -> None:
    plain, session = (
        re.search(r'response="(\w+)"', answer(f'Digest realm="a", nonce="n", qop="auth", algorithm={name}'))
        for name in ("MD5", "MD5-sess")
    )
    assert plain
    assert session
    assert plain[1] != session[1]


def test_without_qop_the_old_digest_is_sent() -> None:  # RFC 2069
    header = answer('Digest realm="IP Camera(12345)", nonce="abc", stale="FALSE"')
    assert "qop" not in header
    assert "cnonce" not in header


def test_two_headers_are_both_read_and_digest_is_taken() -> None:  # go2rtc#2232, ExoPlayer#9800, scrypted#1835
    hikvision = ('Digest realm="IP Camera(GH455)", nonce="n", stale="FALSE"', 'Basic realm="IP Camera(GH455)"')
    assert answer(*hikvision).startswith("Digest ")
    assert answer(*reversed(hikvision)).startswith("Digest ")


def test_sha_256_alone_is_answered() -> None:  # Prama, Hikvision OEM V5.8.5: go2rtc#2344
    header = answer('Digest realm="IP Camera(GH455)", nonce="n", algorithm="SHA-256", stale="FALSE"')
    assert re.search(r'response="[0-9a-f]{64}"', header)
    assert "qop" not in header


def test_qop_is_answered_with_it_where_sha_256_is_on() -> None:  # Dahua, gortsplib#1074
    lines = [f'Digest realm="Login to 4K", nonce="n", algorithm="{name}", qop="auth"' for name in ("MD5", "SHA-256")]
    header = answer(*lines)
    assert re.search(r'response="[0-9a-f]{64}"', header)
    assert re.search(r"qop=auth, nc=00000001, cnonce=\"c\"", header)


def test_sha_256_is_taken_before_md5() -> None:
    header = answer('Digest realm="a", nonce="m", algorithm=MD5', 'Digest realm="a", nonce="s", algorithm="SHA-256"')
    assert 'nonce="s"' in header
    assert 'algorithm="SHA-256"' in header  # as the camera wrote it
    assert re.search(r'response="[0-9a-f]{64}"', header)


def test_several_challenges_in_one_header_come_apart() -> None:
    found = parse_challenges(
        ['Basic realm="a, Digest b", Digest realm="c", nonce="d\\"e", qop="auth,auth-int", Bearer']
    )
    assert [challenge.scheme for challenge in found] == ["basic", "digest", "bearer"]
    assert found[0].get("realm") == "a, Digest b"
    assert found[1].get("nonce") == 'd"e'
    assert found[1].qualities == ("auth", "auth-int")


def test_basic_carries_any_character() -> None:
    header = answer('Basic realm="a"', username="管理员", password="p@:/ß")
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "管理员:p@:/ß"


def test_quotes_in_a_name_are_escaped() -> None:
    assert r'username="ad\"min\\"' in answer('Digest realm="a", nonce="n"', username='ad"min\\')


def test_an_answer_that_was_taken_may_be_renewed_once_then_no_more() -> None:
    login = Login("admin", "x")
    login.challenged(['Digest realm="a", nonce="1"'])
    login.accepted()
    login.challenged(['Digest realm="a", nonce="2"'])
    with pytest.raises(HubError, match="login_refused"):
        login.challenged(['Digest realm="a", nonce="3"'])


def test_basic_after_digest_is_refused() -> None:
    login = Login("admin", "x")
    login.challenged(['Digest realm="a", nonce="1"'])
    login.accepted()
    with pytest.raises(HubError, match="login_refused"):
        login.challenged(['Basic realm="a"'])
