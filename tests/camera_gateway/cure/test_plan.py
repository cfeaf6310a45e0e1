"""What is changed for a wish, and to which values: a table a setting, Media and Media2."""

from __future__ import annotations

import pytest

from camera_gateway.cure.encoder import Encoder, read_encoder
from camera_gateway.cure.options import CodecOptions, read_options
from camera_gateway.cure.plan import as_taken, disobeyed, plan_encoder
from camera_gateway.cure.sight import Seen
from camera_gateway.cure.stream_check import fault_of, watch_s
from camera_gateway.onvif.answer import parse_xml
from camera_gateway.onvif.service import Service
from hub.contracts.cure import FixWish, Setting
from hub.errors import HubError
from tests.support.curable import OPTIONS1, OPTIONS2, media, media2
from tests.support.material import material_file
from tests.support.onvif_device import soap

MEDIA2_OPTIONS = read_options(parse_xml(soap(f"<tr2:R>{OPTIONS2}</tr2:R>")).at("Body/R"), Service.MEDIA2)
MEDIA_OPTIONS = read_options(parse_xml(soap(f"<trt:R>{OPTIONS1}</trt:R>")).at("Body/R"), Service.MEDIA)


def encoder(inner: str, service: Service = Service.MEDIA2) -> Encoder:
    return read_encoder(parse_xml(soap(f"<trt:C {inner}</trt:C>")).at("Body/C"), service)


def changes(is_now: Encoder, options: dict[str, CodecOptions] | object, **wish: object) -> dict[str, str | None]:
    made = plan_encoder(is_now, options, FixWish.model_validate(wish))  # type: ignore[arg-type]
    return {change.setting.value: change.after for change in made.changes}


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        # as it is already: nothing
        ({"codec": "h265", "width_px": 1280, "height_px": 720}, {}),
        # only what differs, only what was asked
        ({"bit_rate_kbps": 512}, {"bit_rate": "512"}),
        # the nearest size: alike in area and in shape
        ({"width_px": 640, "height_px": 352}, {"size": "640x360"}),
        ({"width_px": 768, "height_px": 576}, {"size": "704x576"}),
        # a rate that stands in its list; one that does not: the higher of two as near
        ({"frame_rate": 15}, {"frame_rate": "15"}),
        ({"frame_rate": 17.5}, {"frame_rate": "20"}),
        # seconds become frames at the rate that it will have
        ({"gop_s": 2}, {"gop": "50"}),
        ({"gop_s": 2, "frame_rate": 15}, {"frame_rate": "15", "gop": "30"}),
        ({"gop_s": 60}, {"gop": "400"}),
        # limits
        ({"bit_rate_kbps": 16}, {"bit_rate": "64"}),
        # another codec: its profile is one that it has
        ({"codec": "h264"}, {"codec": "h264"}),
    ],
)
def test_only_what_differs_is_changed_to_what_the_camera_offers(wish: dict[str, object], wanted: object) -> None:
    assert changes(encoder(media2()), MEDIA2_OPTIONS, **wish) == wanted


def test_what_is_not_offered_is_told_with_what_was_asked() -> None:
    made = plan_encoder(encoder(media2()), MEDIA2_OPTIONS, FixWish(width_px=640, height_px=352))
    (change,) = made.changes
    assert (change.after, change.wanted) == ("640x360", "640x352")
    assert [note.params for note in made.notes] == [{"setting": "size", "wanted": "640x352", "given": "640x360"}]


def test_values_that_the_new_codec_does_not_have_are_changed_along() -> None:
    options = {
        "h264": CodecOptions(sizes=((704, 576),), frame_rates=(12.5,), gop_range=(1, 50), bit_rate_range=(8, 99))
    }
    made = plan_encoder(encoder(media2()), options, FixWish(codec="h264"))
    assert {change.setting.value: change.after for change in made.changes} == {
        "codec": "h264", "size": "704x576", "frame_rate": "12.5", "gop": "50", "bit_rate": "99",
    }  # fmt: skip


def test_a_codec_that_is_not_offered_is_refused_with_what_is() -> None:
    with pytest.raises(HubError) as caught:
        plan_encoder(encoder(media(), Service.MEDIA), MEDIA_OPTIONS, FixWish(codec="h265"))
    assert (caught.value.code, caught.value.params["offered"]) == ("cure.codec_not_offered", "h264")


def test_media1_that_encodes_one_frame_of_two_is_asked_for_all_of_them() -> None:
    is_now = encoder(media(fps="25", skip=2), Service.MEDIA)
    assert changes(is_now, MEDIA_OPTIONS, frame_rate=15, gop_s=2) == {
        "frame_rate": "15",
        "frame_skip": "1",
        "gop": "30",
    }
    # where the rate stays, the GOP is of those that come
    assert changes(is_now, MEDIA_OPTIONS, gop_s=2) == {"gop": "25"}


def test_dahuas_h265_in_media1_becomes_h264_without_a_trace_of_it() -> None:
    is_now = encoder(media("H265"), Service.MEDIA)
    after = plan_encoder(is_now, MEDIA_OPTIONS, FixWish(codec="h264")).after
    names = [child.name for child in after.told.children]
    assert names.index("H264") == names.index("RateControl") + 1
    assert "H265" not in names
    assert (after.codec, after.gop_frames, after.profile) == ("h264", 60, "Main")


@pytest.mark.parametrize(
    ("became", "code"),
    [
        (media2("H264", "640x360", 30, "15", 512), None),
        (media2("H264", "640x360", 30, "15", 500), None),  # rounded: taken
        (media2("H264", "640x360", 30, "15", 2048), "cure.ignored"),
        (media2("H265", "1280x720", 100, "25", 2048), "cure.ignored"),
        (media2("H264", "640x352", 30, "15", 512), "cure.took_other"),  # a size is exact
        (media2("H264", "640x360", 80, "15", 512), "cure.took_other"),
    ],
)
def test_whether_a_camera_obeyed_is_seen_in_what_it_says_afterwards(became: str, code: str | None) -> None:
    wish = FixWish(codec="h264", width_px=640, height_px=360, frame_rate=15, gop_s=2, bit_rate_kbps=512)
    made = plan_encoder(encoder(media2()), MEDIA2_OPTIONS, wish)
    found = disobeyed(made, encoder(became))
    assert (found and found.code) == code


def test_a_rate_that_stayed_was_ignored_however_near_it_is() -> None:
    made = plan_encoder(encoder(media2(fps="25")), MEDIA2_OPTIONS, FixWish(frame_rate=20))
    found = disobeyed(made, encoder(media2(fps="25")))
    assert found is not None
    assert (found.code, found.params) == ("cure.ignored", {"settings": "frame_rate"})


def test_what_a_camera_changed_by_itself_is_told() -> None:
    made = plan_encoder(encoder(media2()), MEDIA2_OPTIONS, FixWish(bit_rate_kbps=512))
    all_changes, notes = as_taken(made, encoder(media2(kbps=512, gop=50)))
    assert {one.setting: (one.before, one.after) for one in all_changes} == {
        Setting.BIT_RATE: ("2048", "512"),
        Setting.GOP: ("100", "50"),
    }
    assert [note.code for note in notes] == ["cure.changed_besides"]


def test_numbers_that_are_none_are_no_limits() -> None:
    """onvif_srvd#39: NAN in ranges; some turn minimum and maximum."""
    told = OPTIONS1.replace("<tt:Min>1</tt:Min><tt:Max>60</tt:Max>", "<tt:Min>NAN</tt:Min><tt:Max>INF</tt:Max>")
    options = read_options(parse_xml(soap(f"<trt:R>{told}</trt:R>")).at("Body/R"), Service.MEDIA)
    assert options["h264"].gop_range is None
    assert options["h264"].nearest_gop(500) == 500


def test_the_recorded_options_of_a_camera_are_read() -> None:
    folder = material_file("onvif/fixtures/agsh_v0x/test/serverMockup")
    told = [
        parse_xml((folder / f"media.{name}.xml").read_bytes()).at("Body").children[0]
        for name in ("GetVideoEncoderConfigurations", "GetVideoEncoderConfigurationOptions")
    ]
    is_now, options = read_encoder(told[0].at("Configurations"), Service.MEDIA), read_options(told[1], Service.MEDIA)
    wanted = {"width_px": 640, "height_px": 360, "frame_rate": 12.5, "gop_s": 2}
    assert changes(is_now, options, **wanted) == {"size": "720x576", "frame_rate": "12", "gop": "24"}


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (Seen("h264", (640, 360), 2.0), None),
        (Seen("h264", (640, 360), 3.4), None),  # late by a lost frame
        (Seen("h265", (640, 360), 2.0), "cure.stream_codec"),
        (Seen("h264", (1280, 720), 2.0), "cure.stream_size"),
        (Seen("h264", (640, 360), 9.0), "cure.stream_gop"),  # H.264+
    ],
)
def test_a_stream_is_held_against_its_configuration(seen: Seen, code: str | None) -> None:
    is_now = encoder(media2("H264", "640x360", 30, "15"))
    found = fault_of(seen, is_now)
    assert (found and found.code) == code
    assert watch_s(is_now) == 5.0
