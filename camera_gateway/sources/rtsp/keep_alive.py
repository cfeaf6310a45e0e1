"""What shows a camera that we are still there, by what it bears: GET_PARAMETER, OPTIONS, SET_PARAMETER, or RTCP alone.

Pure; one a session. Hipcam never answers GET_PARAMETER (SharpRTSP#63), EvoStream takes nothing else though its Public
does not name it (html5_rtsp_player#73), others close on it: those are remembered by `habits.py`.
"""

from __future__ import annotations

from collections.abc import Iterator


class KeepAlive:
    """The ways, the one that was borne last first."""

    def __init__(self, public: str = "", *, without_get_parameter: bool = False) -> None:
        named = {word.strip().upper() for word in public.split(",")}
        ways = ["GET_PARAMETER", "OPTIONS"] if "GET_PARAMETER" in named else ["OPTIONS", "GET_PARAMETER"]
        if "SET_PARAMETER" in named:
            ways.append("SET_PARAMETER")
        if without_get_parameter:
            ways.remove("GET_PARAMETER")
        self._ways = ways

    def a_round(self) -> Iterator[str]:
        """The ways in turn; who asks stops at the first that is borne. After the last, RTCP must do until the next."""
        yield from tuple(self._ways)

    def borne(self, way: str) -> None:
        """Begin with it next time."""
        self._ways.sort(key=lambda one: one != way)
