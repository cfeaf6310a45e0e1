"""From GCJ-02, in which maps published in China are drawn, to WGS 84, in which we keep positions. Pure.

The offset is the one that is publicly known (periodic terms on the Krasovsky 1940 ellipsoid); the way back has no
closed form and is found by five steps, to a millimetre. Outside China the two are the same.
"""

from __future__ import annotations

import math

_A_M = 6378245.0  # Krasovsky 1940
_EE = 0.00669342162296594323
_STEPS = 5
_DIGITS = 7  # a centimetre: a file imported twice gives the same number


def wgs84_of_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    """(longitude, latitude) in degrees, WGS 84."""
    if not (72.004 <= longitude <= 137.8347 and 0.8293 <= latitude <= 55.8271):
        return longitude, latitude
    east, north = longitude, latitude
    for _ in range(_STEPS):
        d_east, d_north = _offset(east, north)
        east, north = longitude - d_east, latitude - d_north
    return round(east, _DIGITS), round(north, _DIGITS)


def _offset(longitude: float, latitude: float) -> tuple[float, float]:
    """What GCJ-02 adds to a WGS 84 position, in degrees."""
    x, y = longitude - 105.0, latitude - 35.0
    root, short = math.sqrt(abs(x)), 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + short * 2.0 / 3.0
    north_m += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north_m += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + short * 2.0 / 3.0
    east_m += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east_m += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    radians = math.radians(latitude)
    magic = 1.0 - _EE * math.sin(radians) ** 2
    degrees_north = north_m * 180.0 / ((_A_M * (1.0 - _EE)) / (magic * math.sqrt(magic)) * math.pi)
    degrees_east = east_m * 180.0 / (_A_M / math.sqrt(magic) * math.cos(radians) * math.pi)
    return degrees_east, degrees_north
