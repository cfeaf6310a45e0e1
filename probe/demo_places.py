"""The made-up township of the demo: its areas, its people, its cameras. Data only; the names are no real place's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from hub.contracts.camera import CameraKind

TOWNSHIP = "上坝镇"
VILLAGES = ("上坝村", "柳林村", "石桥村")
CENTRE_NAME = "上坝镇综治中心"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in; the role is held on the whole township."""

    username: str
    display_name: str
    role: str


PEOPLE = (
    Person("admin", "赵敏", "administrator"),
    Person("tech", "孙工", "technician"),
    Person("operator", "李娟", "operator"),
    Person("duty", "王强", "duty_officer"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one camera stands."""

    name: str
    village: str
    kind: CameraKind = CameraKind.PUBLIC
    where: str = ""


_SPOTS = (
    ("村口东", CameraKind.PUBLIC, "村口路灯杆"),
    ("水库东岸", CameraKind.PUBLIC, "泄洪闸旁"),
    ("村委会走廊", CameraKind.PUBLIC, "一楼走廊"),
    ("石拱桥头", CameraKind.PUBLIC, "桥北护栏"),
    ("文化广场", CameraKind.PUBLIC, "戏台西侧"),
    ("卫生室门厅", CameraKind.PARTNER, "门厅吊顶"),
    ("粮库南门", CameraKind.PARTNER, "门卫室外墙"),
    ("小学门口", CameraKind.PARTNER, "校门立柱"),
    ("刘家院门", CameraKind.HOUSEHOLD, "院门内侧"),
)


def places() -> Iterator[Place]:
    """Without end: nine places, then the same kinds of spot in the next village, then numbered."""
    turn = 0
    while True:
        for index, (spot, kind, where) in enumerate(_SPOTS):
            village = VILLAGES[(index + turn) % len(VILLAGES)]
            yield Place(f"{spot}{turn + 1}" if turn else spot, village, kind, where)
        turn += 1


def first_places(count: int) -> list[Place]:
    """The first `count` of them."""
    return list(islice(places(), count))


# Drawn on each picture: the floor that nobody should be on. Corners 0..1 of the picture.
ZONE_NAME = "警戒区"
ZONE = ((0.04, 0.30), (0.96, 0.30), (0.98, 0.99), (0.02, 0.99))
RULE_NAME = "闯入警戒区"

# One camera more for each state that is not "online", on request (`--states`).
NO_CONSENT = Place("陈家后院", VILLAGES[1], CameraKind.HOUSEHOLD, "住户未授权")
MASKED = Place("粮库西墙", VILLAGES[2], CameraKind.PARTNER, "对面有住户窗户，已遮挡")
WRONG_PASSWORD = Place("旧砖厂", VILLAGES[0], CameraKind.PUBLIC, "密码待更新")
SWITCHED_OFF = Place("河堤北段", VILLAGES[2], CameraKind.PUBLIC, "停用待修")
MASK = ((0.55, 0.0), (1.0, 0.0), (1.0, 0.45), (0.55, 0.45))
