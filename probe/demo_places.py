"""The made-up township of the demo: its areas, its people, its cameras. Data only; the names are no real place's."""

from __future__ import annotations

from dataclasses import dataclass

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


# In the order of the simulator's nine places, which write their names into the drawn pictures.
_SPOTS = (
    (VILLAGES[0], CameraKind.PUBLIC, "村口路灯杆"),
    (VILLAGES[1], CameraKind.PUBLIC, "泄洪闸旁"),
    (VILLAGES[2], CameraKind.PARTNER, "校门立柱"),
    (VILLAGES[0], CameraKind.PUBLIC, "戏台西侧"),
    (VILLAGES[1], CameraKind.PUBLIC, "水位尺旁"),
    (VILLAGES[2], CameraKind.PARTNER, "门厅外墙"),
    (VILLAGES[0], CameraKind.HOUSEHOLD, "刘家院门内侧，户主已授权"),
    (VILLAGES[1], CameraKind.PUBLIC, "取水口"),
    (VILLAGES[0], CameraKind.PUBLIC, "候车亭"),
)


def place(index: int, name: str) -> Place:
    """The place of simulated camera `index` (from 0), which calls itself `name`."""
    village, kind, where = _SPOTS[index % len(_SPOTS)]
    return Place(name, village, kind, where)


# Drawn on each picture: the floor that nobody should be on. Corners 0..1 of the picture.
ZONE_NAME = "警戒区"
ZONE = ((0.04, 0.30), (0.96, 0.30), (0.98, 0.99), (0.02, 0.99))
RULE_NAME = "闯入警戒区"

# One camera more for each state that is not "online", on request (`--states`).
NO_CONSENT = Place("陈家后院", VILLAGES[1], CameraKind.HOUSEHOLD, "住户未授权")
MASKED = Place("粮库西墙", VILLAGES[2], CameraKind.PARTNER, "对面有住户窗户，已遮挡")
WRONG_PATH = Place("旧砖厂", VILLAGES[0], CameraKind.PUBLIC, "码流路径待核对")
SWITCHED_OFF = Place("河堤北段", VILLAGES[2], CameraKind.PUBLIC, "停用待修")
MASK = ((0.55, 0.0), (1.0, 0.0), (1.0, 0.45), (0.55, 0.45))
