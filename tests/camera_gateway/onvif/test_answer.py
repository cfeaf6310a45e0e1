"""Answers as real cameras write them: mended, read with patience, and nothing in them obeyed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from camera_gateway.onvif.answer import MOST_ELEMENTS, Answer, parse_xml
from camera_gateway.onvif.device_clock import DeviceClock, read_clock
from camera_gateway.onvif.moment import parse_moment
from hub.errors import HubError
from tests.support.material import material_file
from tests.support.onvif_device import soap

ENVELOPE = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'


def body(text: str | bytes) -> Answer:
    return parse_xml(text.encode() if isinstance(text, str) else text).at("Body")


def test_case_19_an_unescaped_ampersand_is_read_as_one() -> None:
    uri = "rtsp://10.10.10.10:554/user=admin_password=xxxxx=0_stream=0&onvif=0.sdp?real_stream"
    assert body(ENVELOPE.format(f"<Uri>{uri}</Uri>")).value("Uri") == uri
    escaped = "rtsp://10.10.10.10/cam?channel=1&amp;subtype=0"
    assert body(ENVELOPE.format(f"<a>x & y</a><Uri>{escaped}</Uri>")).value("Uri") == escaped.replace("&amp;", "&")


def test_case_20_undeclared_prefixes_are_declared() -> None:
    told = body(
        ENVELOPE.format(
            "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa:Address>http://c/s</wsa:Address>"
            "</tev:SubscriptionReference><wsnt:CurrentTime>2024-01-01T00:00:00Z</wsnt:CurrentTime>"
            "</tev:CreatePullPointSubscriptionResponse>"
        )
    )
    assert told.value("CreatePullPointSubscriptionResponse/SubscriptionReference/Address") == "http://c/s"


@pytest.mark.parametrize(
    "data",
    [
        b"\n  \r\n<?xml version='1.0' encoding='utf-8'?>" + soap("<Uri>a</Uri>").partition(b"?>")[2],  # blanks before
        soap("<Uri>a\x00\x01</Uri>\x00"),
        soap("<Uri>a&#0;&#x1;</Uri>"),
        soap("<Uri>a</Uri>") + b"\r\n\r\n<!-- httpd --><html>",
        b"\xef\xbb\xbf" + soap("<Uri>a</Uri>"),
        soap("<Uri>a</Uri>").decode().replace("?>", ' encoding="utf-16"?>', 1).encode(),  # says what it is not
        soap("<Uri>a</Uri>").decode().encode("utf-16"),
        b"1f4\r\n" + soap("<Uri>a</Uri>"),  # the size of a chunk left standing
        soap("<Uri>a</Uri><open>"),
        soap("<Uri>a</Uri>").replace(b"</s:Envelope>", b""),
    ],
    ids=["blanks", "nul", "references", "junk", "bom", "wrong-encoding", "utf-16", "chunk", "open", "cut"],
)
def test_what_is_not_quite_xml_is_read(data: bytes) -> None:
    assert body(data).value("Uri") == "a"


def test_a_chinese_name_in_gb_18030_is_read() -> None:
    assert body(ENVELOPE.format("<Name>村口东</Name>").encode("gb18030")).value("Name") == "村口东"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "onvif_empty"),
        (b" \x00\r\n", "onvif_empty"),
        (b"<!DOCTYPE html><html><body>Envelope</body></html>", "onvif_not_soap"),
        (b'{"error": 1}', "onvif_not_soap"),
        (b'<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + soap("<Uri>&x;</Uri>"), "onvif_garbled"),
        (b'<!doctype e SYSTEM "http://192.0.2.1/e.dtd">' + soap(""), "onvif_garbled"),
        (b'<!DOCTYPE e [<!ENTITY a "b">]>'.decode().encode("utf-16") + soap("").decode().encode("utf-16-le"), "onvif_"),
        (soap("<a/>" * (MOST_ELEMENTS + 1)), "answer_too_large"),
    ],
)
def test_what_is_no_answer_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(HubError, match=code):
        parse_xml(data)


def test_an_entity_that_nobody_declared_is_text_and_a_deep_tree_is_cut() -> None:
    assert body(ENVELOPE.format("<Uri>&file;</Uri>")).value("Uri") == "&file;"
    deep = body(ENVELOPE.format("<a>" * 5_000 + "</a>" * 5_000))
    assert deep.deep("a")


def test_numbers_and_truths_are_read_or_are_none() -> None:
    told = body(
        soap("<a>NAN</a><b> 12.5 </b><c>inf</c><d>1e999</d><e>True</e><f>0</f><g>maybe</g><h>12abc</h><i>1e3</i>")
    )
    assert [told.number(name) for name in "abcdhi"] == [None, 12.5, None, None, None, 1000.0]
    assert [told.flag(name) for name in "efgz"] == [True, False, None, None]
    assert told.whole("b") == 12
    assert told.at("x/y/z") == Answer()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-08-17-12:30:45Z", datetime(2024, 8, 17, 12, 30, 45, tzinfo=UTC)),  # Hikvision
        ("2024-08-17T12:30:45.250+08:00", datetime(2024, 8, 17, 4, 30, 45, 250_000, tzinfo=UTC)),
        ("2024-08-17 12:30:45", datetime(2024, 8, 17, 12, 30, 45, tzinfo=UTC)),
        ("2023-05-15T-07:10:32Z", datetime(2023, 5, 15, 7, 10, 32, tzinfo=UTC)),
        ("2024-08-17T00:61:16Z", datetime(2024, 8, 17, 1, 1, 16, tzinfo=UTC)),
        ("2024-02-31T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("tomorrow", None),
    ],
)
def test_case_21_times_in_wrong_forms_are_read(text: str, moment: datetime | None) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    ("offset_s", "taken"),
    [
        (36_000, True),
        (36_000 + 60, True),
        (-28_800, True),
        (3_600 * 5.5, True),
        (300, False),
        (36_400, False),
        (9e6, False),
    ],
)
def test_case_21_a_zone_is_told_from_a_wrong_clock(offset_s: float, taken: bool) -> None:
    assert DeviceClock(offset_s, known=True).zone_taken_for_utc is taken


def test_a_clock_is_read_from_fields_and_from_a_text_in_their_place() -> None:
    now = datetime(2024, 8, 17, 12, 0, tzinfo=UTC)
    told = soap("<r><SystemDateAndTime><UTCDateTime>2024-08-17-12:30:00Z</UTCDateTime></SystemDateAndTime></r>")
    assert read_clock(body(told).at("r"), now) == DeviceClock(1800.0, known=True)
    empty = soap("<r><SystemDateAndTime><UTCDateTime><Date/></UTCDateTime></SystemDateAndTime></r>")
    assert not read_clock(body(empty).at("r"), now).known


@pytest.mark.material
def test_every_recorded_answer_is_read() -> None:
    folder = material_file("onvif")
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != "" and path.name != "LICENSE"]
    assert len(files) > 85
    for path in files:
        assert parse_xml(path.read_bytes()).name == "Envelope", path
