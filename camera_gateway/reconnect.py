"""When to try a camera again: quickly at first, then slower; a refused login seldom, a full camera when it says.

Pure but for its random numbers; one for each camera, asked by `camera.py` alone. Tries are spaced from beginning to
beginning: a camera that takes five seconds to fail has been waited for already.
"""

from __future__ import annotations

import random
from collections import deque

from hub.backoff import Backoff
from hub.contracts.camera import Cause

# A camera locks its account after about five wrong passwords within half an hour (Hikvision, Dahua: 30 min): never
# faster than once a minute, and soon much slower. Who corrects the password need not wait: the change restarts.
LOGIN_FIRST_S = 60.0
LOGIN_CAP_S = 1800.0
# So within any such time no password is refused more often than this, whatever happened between, by whomever.
LOGIN_REFUSED_MOST = 4
LOGIN_WINDOW_S = 1800.0
# A login that worked a moment ago is seldom wrong now: a camera that starts, or whose recorder does, refuses everybody
# for some seconds. Two tries more soon, one after a minute, then only every half hour: four within any half hour, one
# below what locks an account. A password that was changed costs the same four.
LOGIN_PROVEN_TRIES = 2
LOGIN_PROVEN_WAIT_S = 3.5
# Nothing on the wire will mend these; a name may resolve to something else, a firmware may be changed.
STANDING_S = 60.0
_STANDING = (Cause.FORBIDDEN_ADDRESS, Cause.REDIRECTED, Cause.CODEC, Cause.NOT_FOUND)
# "Back within 5 s after an outage under a minute, within 30 s after a longer one": less what a turn on the ramp and an
# opening take.
SHORT_OUTAGE_S = 60.0
_SHORT_OUTAGE_CAP_S = 3.0
# One that accepts and says nothing is asked by the knocker every two seconds; a whole try is for what that may miss.
_ASKED_CAP_S = 6.0
_LONG_OUTAGE_CAP_S = 27.0
# A session that a rebooted camera or a cut line left behind ends by its time-out, 60 s as a rule; each try before may
# find the place free, and a camera that is short of sessions must not be asked all the time.
SESSION_FIRST_S = 5.0
SESSION_CAP_S = 60.0
SESSION_HINT_MOST_S = 120.0
# However long a try took: between its end and the next the camera may clear up.
_LEAST_S = 0.3


class Reconnect:
    """The waits of one camera."""

    def __init__(self, first_s: float, cap_s: float, rng: random.Random) -> None:
        self._rng = rng
        self._first_s = first_s
        self._quick = Backoff(first_s, cap_s, rng)
        self._login = Backoff(LOGIN_FIRST_S, LOGIN_CAP_S, rng)
        self._session = Backoff(SESSION_FIRST_S, SESSION_CAP_S, rng)
        self._proven_tries = 0  # left, of a login that worked
        self._refused_at = deque[float](maxlen=LOGIN_REFUSED_MOST)  # monotonic
        self._few = False  # its tries are counted: they delay nobody, and must not come late
        self.failures = 0  # since media flowed

    def wait_s(
        self,
        cause: Cause,
        outage_s: float,
        *,
        now_s: float = 0.0,
        tried_s: float = 0.0,
        knocked: bool = False,
        asked: bool = False,
        hint_s: float | None = None,
    ) -> float:
        """Seconds until the next try, after a failure by `cause`; media last flowed `outage_s` ago.

        `now_s` is monotonic: refused logins are counted by it. The try took `tried_s`. `knocked`: somebody tells at
        once when the camera accepts connections again, so trying it is left for long; `asked`: when it answers, which a
        slow line may hide. `hint_s`: what the camera itself, or what is known of its session, asks for.
        """
        self.failures += 1
        self._few = cause is Cause.LOGIN_REFUSED
        if self._few:
            return self._after_refusal(now_s)
        if cause in _STANDING:
            return STANDING_S
        if cause is Cause.SESSION_LIMIT:
            grown = self._session.next()
            if hint_s is None:
                return grown
            return min(max(hint_s, _LEAST_S), SESSION_HINT_MOST_S) + self._rng.random()
        cap_s = _LONG_OUTAGE_CAP_S
        if outage_s < SHORT_OUTAGE_S and not knocked:
            cap_s = _ASKED_CAP_S if asked else _SHORT_OUTAGE_CAP_S
        wait_s = min(self._quick.next(), cap_s)
        return max(wait_s - tried_s, min(self._first_s, _LEAST_S) * (1 + self._rng.random()))

    def _after_refusal(self, now_s: float) -> float:
        refused = self._refused_at
        refused.append(now_s)
        if self._proven_tries > 0:
            self._proven_tries -= 1
            if not self._proven_tries:
                self._login = Backoff(LOGIN_FIRST_S, LOGIN_CAP_S, self._rng, LOGIN_CAP_S / LOGIN_FIRST_S, 0.0)
            wait_s = LOGIN_PROVEN_WAIT_S
        else:
            wait_s = max(LOGIN_FIRST_S, self._login.next())
        if len(refused) < LOGIN_REFUSED_MOST:
            return wait_s
        return max(wait_s, refused[0] + LOGIN_WINDOW_S - now_s)

    @property
    def hopeful(self) -> bool:
        """Whether the next try may well succeed: it worked lately, or was not tried often, or is one of few."""
        return self.failures < 3 or self._few

    def media_flowed(self) -> None:
        """Begin again from the quick end; a connection alone is no reason to."""
        self._quick.reset()
        self._login = Backoff(LOGIN_FIRST_S, LOGIN_CAP_S, self._rng)
        self._session.reset()
        self._proven_tries = LOGIN_PROVEN_TRIES
        self.failures = 0
