"""The cure of cameras of this gateway: it alone has their passwords. A few at a time, one at a time for a camera.

Runs on the gateway's loop, as long as its asker waits. Writes nothing down: whoever orders a cure has kept what a dry
run told. The camera's own stream gives way while the changed one is looked at (many allow one session only).
"""

from __future__ import annotations

import ssl
from typing import Final

from camera_gateway.camera import Camera
from camera_gateway.cure.door import device_service
from camera_gateway.cure.sight import Look, Seen, look_at
from camera_gateway.cure.treatment import Treatment
from camera_gateway.cure.undoing import undo
from camera_gateway.doctor.checks import Check
from camera_gateway.onvif.client import OnvifClient
from camera_gateway.onvif.wire import OnvifWire
from camera_gateway.sources.rtsp import tls
from camera_gateway.sources.rtsp.connection import Timeouts
from camera_gateway.surroundings import Surroundings
from hub import log
from hub.contracts.camera import CameraState
from hub.contracts.cure import FixOrder, FixResult, Outcome
from hub.contracts.device import Reason
from hub.contracts.verdict import Verdict
from hub.errors import ErrorKind, HubError

logger = log.get("camera_gateway.fixes")

AT_ONCE: Final = 8


class Fixes:
    """Answers `POST /fix/{camera_id}`."""

    def __init__(self, around: Surroundings, wire: OnvifWire) -> None:
        self._around = around
        self._wire = wire
        self._at_work: set[str] = set()

    async def fix(self, camera: Camera, order: FixOrder) -> FixResult:
        """Fulfil the order; what the camera refuses or fails at is in the result.

        Raises HubError CONFLICT `camera_gateway.disabled` or `.no_consent`, `cure.at_work`, LIMITED `cure.too_many`.
        """
        spec = camera.spec
        if camera.condition.state in (CameraState.OFF, CameraState.PAUSED):
            raise HubError(ErrorKind.CONFLICT, f"camera_gateway.{camera.condition.cause.value}")
        if not spec.consent_in_force(self._around.clock.now()):
            raise HubError(ErrorKind.CONFLICT, "camera_gateway.no_consent")
        if spec.camera_id in self._at_work:
            raise HubError(ErrorKind.CONFLICT, "cure.at_work")
        if len(self._at_work) >= AT_ONCE:
            raise HubError(ErrorKind.LIMITED, "cure.too_many")
        self._at_work.add(spec.camera_id)
        try:
            result = await self._fixed(camera, order)
        except HubError as error:  # its address makes no sense, or may not be
            result = FixResult(outcome=Outcome.FAILED, problem=Reason.of(error))
        finally:
            self._at_work.discard(spec.camera_id)
        problem = result.problem.code if result.problem else None
        logger.info("camera.fixed", camera_id=spec.camera_id, outcome=result.outcome.value, problem=problem)
        return result

    async def _fixed(self, camera: Camera, order: FixOrder) -> FixResult:
        spec, around = camera.spec, self._around
        client = await OnvifClient.open(
            spec.onvif.url if spec.onvif is not None else device_service(spec.url),
            spec.username,
            around.open_password(spec),
            wire=self._wire,
            policy=around.policy,
            clock=around.clock,
        )
        if order.undo:
            return await undo(client, order.undo, around.clock, dry_run=order.dry_run)
        token = spec.onvif.profile_token if spec.onvif is not None else None
        treatment = Treatment(client, self._look(camera), around.clock, profile_token=token)
        return await treatment.run(order.wish, dry_run=order.dry_run)

    def _look(self, camera: Camera) -> Look:
        around, spec = self._around, camera.spec
        settings = around.settings

        async def look(url: str, watch_s: float) -> Seen:
            seen: list[Seen] = []
            failures: list[HubError] = []

            async def probe() -> list[Verdict]:
                try:
                    made = await look_at(
                        url,
                        spec.username,
                        around.open_password(spec),
                        watch_s,
                        policy=around.policy,
                        clock=around.clock,
                        timeouts=Timeouts(connect_s=settings.connect_timeout_s, media_s=settings.media_timeout_s),
                        transport=spec.transport,
                        security=_security(url, verify=settings.rtsps_verify),
                    )
                    seen.append(made)
                except HubError as error:
                    failures.append(error)
                    # Whoever lends the camera must know of a refused login: it waits before it tries again itself.
                    return [Verdict.of_error(Check.LOGIN, error)] if error.kind is ErrorKind.REFUSED else []
                return []

            await camera.lend(probe)
            if failures:
                raise failures[0]
            return seen[0]

        return look


def _security(url: str, *, verify: bool) -> ssl.SSLContext | None:
    return tls.context(verify=verify) if url.lower().startswith("rtsps:") else None
