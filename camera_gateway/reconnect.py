"""When to try a camera again: quickly at first, then slower; a refused login seldom.

Pure but for its random numbers; one for each camera, asked by `camera.py` alone.
"""

from __future__ import annotations

import random

from hub.backoff import Backoff
from hub.contracts.camera import Cause

# A camera locks its account after about five wrong passwords within half an hour (Hikvision, Dahua: 30 min): never
# faster than once a minute, and soon much slower. Who corrects the password need not wait: the change restarts.
LOGIN_FIRST_S = 60.0
LOGIN_CAP_S = 1800.0
# A login that worked a moment ago is seldom wrong now: a camera that starts, or whose recorder does, refuses everybody
# for some seconds. Two tries more at a gentle pace, one after a minute, then only every half hour: four within any half
# hour, one below what locks an account. A password that was changed costs the same four.
LOGIN_PROVEN_S = 4.0
LOGIN_PROVEN_TRIES = 2
# Nothing on the wire will mend these; a name may resolve to something else, a firmware may be changed.
STANDING_S = 60.0
_STANDING = (Cause.FORBIDDEN_ADDRESS, Cause.REDIRECTED, Cause.CODEC, Cause.NOT_FOUND)
# "Back within 5 s after an outage under a minute, within 30 s after a longer one": less what an opening takes.
_SHORT_OUTAGE_S = 60.0
_SHORT_OUTAGE_CAP_S = 3.5
_LONG_OUTAGE_CAP_S = 27.0


class Reconnect:
    """The waits of one camera."""

    def __init__(self, first_s: float, cap_s: float, rng: random.Random) -> None:
        self._rng = rng
        self._quick = Backoff(first_s, cap_s, rng)
        self._login = Backoff(LOGIN_FIRST_S, LOGIN_CAP_S, rng)
        self._proven_tries = 0  # left, of a login that worked

    def wait_s(self, cause: Cause, outage_s: float) -> float:
        """Seconds until the next try, after a failure by `cause`; media last flowed `outage_s` ago."""
        if cause is Cause.LOGIN_REFUSED:
            if self._proven_tries > 0:
                self._proven_tries -= 1
                if not self._proven_tries:
                    self._login = Backoff(LOGIN_FIRST_S, LOGIN_CAP_S, self._rng, LOGIN_CAP_S / LOGIN_FIRST_S, 0.0)
                return LOGIN_PROVEN_S
            return max(LOGIN_FIRST_S, self._login.next())
        if cause in _STANDING:
            return STANDING_S
        longest = _SHORT_OUTAGE_CAP_S if outage_s < _SHORT_OUTAGE_S else _LONG_OUTAGE_CAP_S
        return min(self._quick.next(), longest)

    def media_flowed(self) -> None:
        """Begin again from the quick end; a connection alone is no reason to."""
        self._quick.reset()
        self._login = Backoff(LOGIN_FIRST_S, LOGIN_CAP_S, self._rng)
        self._proven_tries = LOGIN_PROVEN_TRIES
