"""One camera's cure: read, planned, set, read again, looked at; put back where that did not do.

One at a time for a camera, on its client's loop. Before each thing that is set, `journal` is told what stood there, and
nothing is set until it has returned. Never touches the main stream; never sets what is as wished already.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from camera_gateway.cure import time_source, tree
from camera_gateway.cure.encoder import Encoder
from camera_gateway.cure.plan import EncoderPlan, as_taken, disobeyed, plan_encoder
from camera_gateway.cure.sight import Look
from camera_gateway.cure.stream_check import fault_of, watch_s
from camera_gateway.cure.substream import encoder_options, find_substream, read_substream, set_encoder
from camera_gateway.cure.undoing import put_back
from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.service import Service
from hub.clock import Clock
from hub.contracts.cure import Change, FixResult, FixWish, Outcome, Setting, UndoKind, UndoStep
from hub.contracts.device import Reason, StreamProfile
from hub.errors import ErrorKind, HubError

Journal = Callable[[UndoStep], Awaitable[None]]

# Some start again when their encoder is set; 60 to 90 s is what that takes.
BACK_S: Final = 120.0
# Some answer first and set afterwards.
SETTLE_S: Final = 8.0
STREAM_S: Final = 45.0
_ASK_EVERY_S: Final = 2.0
_AWAY: Final = frozenset({ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT})


async def nothing_kept(step: UndoStep) -> None:
    """The journal of whoever has written down already what a dry run told."""


@dataclass(slots=True)
class _Course:
    """How far it has come."""

    changes: list[Change] = field(default_factory=list)
    notes: list[Reason] = field(default_factory=list)
    undo: list[UndoStep] = field(default_factory=list)
    touched: bool = False  # something was sent that may have changed something
    substream: StreamProfile | None = None

    def result(self, outcome: Outcome, problem: HubError | None = None) -> FixResult:
        return FixResult(
            outcome=outcome,
            changes=tuple(self.changes),
            problem=None if problem is None else Reason.of(problem),
            notes=tuple(self.notes),
            undo=tuple(self.undo),
            profile_token=self.substream.token if self.substream else None,
            stream_url=self.substream.url if self.substream else None,
        )


class Treatment:
    """For one camera. `look` sees its stream; `profile_token` says which channel of an NVR it is."""

    def __init__(
        self,
        client: OnvifClient,
        look: Look,
        clock: Clock,
        journal: Journal = nothing_kept,
        profile_token: str | None = None,
    ) -> None:
        self._client = client
        self._look_at = look
        self._clock = clock
        self._journal = journal
        self._profile_token = profile_token

    async def run(self, wish: FixWish, *, dry_run: bool = False) -> FixResult:
        """Do what is wished, or tell what would be done. Raises nothing that a camera can cause."""
        course = _Course()
        try:
            plan = await self._examine(wish, course)
            before = await time_source.read_time_source(self._client) if wish.ntp is not None else None
            if before is not None and wish.ntp is not None:
                of_time = before.changes(wish.ntp)
                course.changes += of_time
                course.undo += [before.undo(one.setting) for one in of_time]
            if not course.changes:
                return course.result(Outcome.UNCHANGED)
            if dry_run:
                return course.result(Outcome.PLANNED)
            planned, course.undo, course.changes = course.changes, [], []
            if plan is not None and plan.changes:
                await self._set_encoder(plan, course)
            if before is not None and wish.ntp is not None:
                await self._set_time(before, wish.ntp, planned, course)
            return course.result(Outcome.DONE)
        except HubError as error:
            return await self._failed(error, course)

    async def _examine(self, wish: FixWish, course: _Course) -> EncoderPlan | None:
        if not wish.of_encoder:
            return None
        course.substream = substream = await find_substream(self._client, self._profile_token)
        encoder = await read_substream(self._client, substream.encoder_token or "")
        plan = plan_encoder(encoder, await encoder_options(self._client, encoder), wish)
        course.changes += plan.changes
        course.notes += plan.notes
        if plan.changes:
            course.undo.append(undo_of(encoder))
        # ONVIF has no word for H.264+, H.265+, Smart Codec: a GOP that they stretch is set and yet not held.
        course.notes.append(Reason(code="cure.smart_codec"))
        return plan

    async def _set_encoder(self, plan: EncoderPlan, course: _Course) -> None:
        step = undo_of(plan.before)
        await self._journal(step)
        course.undo.append(step)
        course.touched = True
        lost: HubError | None = None
        try:
            await set_encoder(self._client, plan.before.service, plan.after.told)
        except HubError as error:
            if error.kind not in _AWAY:
                raise
            lost = error  # it may have taken it and started again: what it says then decides
        now = await self._settled(plan, lost)
        changes, told = as_taken(plan, now)
        course.changes = list(changes)
        course.notes += told
        await self._look(now, course)
        if any(one.setting is Setting.CODEC and one.after == "h264" for one in course.changes):
            course.notes.append(Reason(code="cure.pull_substream", params=_named(course.substream)))

    async def _settled(self, plan: EncoderPlan, lost: HubError | None) -> Encoder:
        """What it is after a while. Raises what it did not take, or that it is away for good."""
        started_s = self._clock.monotonic()
        while True:
            waited_s = self._clock.monotonic() - started_s
            try:
                now = await read_substream(self._client, plan.before.token, plan.before.service)
                wrong = disobeyed(plan, now)
                if wrong is None:
                    return now
                if waited_s >= SETTLE_S:
                    raise wrong if lost is None else lost
            except HubError as error:
                if error.kind not in _AWAY or waited_s >= BACK_S:
                    raise
                lost = lost or error
            await self._clock.sleep(_ASK_EVERY_S)

    async def _look(self, now: Encoder, course: _Course) -> None:
        """At the stream itself, for a while: an encoder that was set anew takes some seconds."""
        url = course.substream.url if course.substream else None
        if url is None:
            course.notes.append(Reason(code="cure.stream_unchecked"))
            return
        started_s = self._clock.monotonic()
        while True:
            try:
                wrong = fault_of(await self._look_at(url, watch_s(now)), now)
            except HubError as error:
                wrong = error
            if wrong is None:
                return
            # A refused login is not tried again: cameras lock accounts.
            if wrong.kind is ErrorKind.REFUSED or self._clock.monotonic() - started_s >= STREAM_S:
                raise wrong
            await self._clock.sleep(_ASK_EVERY_S)

    async def _set_time(
        self, before: time_source.TimeSource, host: str, planned: list[Change], course: _Course
    ) -> None:
        for change in planned:
            if change.setting not in (Setting.NTP, Setting.TIME_SOURCE):
                continue
            step = before.undo(change.setting)
            await self._journal(step)
            course.undo.append(step)
            course.touched = True
            if change.setting is Setting.NTP:
                await time_source.set_server(self._client, host)
            else:
                await time_source.set_kind(self._client, time_source.NTP, before, self._clock.now())
            course.changes.append(change)
        now = await time_source.read_time_source(self._client)
        left = now.changes(host)
        if left:
            settings = " ".join(one.setting.value for one in left)
            raise HubError(ErrorKind.PROTOCOL, "cure.ignored", settings=settings)
        if now.zone != before.zone:
            raise HubError(ErrorKind.PROTOCOL, "cure.zone_changed", before=before.zone or "?", after=now.zone or "?")

    async def _failed(self, error: HubError, course: _Course) -> FixResult:
        """Back to what was, the last thing first."""
        if not course.touched:
            course.changes, course.undo = [], []
            return course.result(Outcome.FAILED, error)
        try:
            done = [await put_back(self._client, step, self._clock, patient=True) for step in reversed(course.undo)]
        except HubError as second:
            course.notes.append(Reason.of(second))
            return course.result(Outcome.NOT_PUT_BACK, error)
        outcome = Outcome.PUT_BACK if any(done) else Outcome.FAILED
        course.changes, course.undo = [], []
        return course.result(outcome, error)


def undo_of(encoder: Encoder) -> UndoStep:
    """What puts this configuration back, whole."""
    service: Literal["media", "media2"] = "media2" if encoder.service is Service.MEDIA2 else "media"
    return UndoStep(kind=UndoKind.ENCODER, service=service, token=encoder.token, before=tree.kept(encoder.told))


def _named(profile: StreamProfile | None) -> dict[str, str | int | float]:
    return {"name": profile.name or profile.token} if profile is not None else {"name": "?"}
