"""What becomes of a camera that is mended: one that obeys, and every way of not obeying; and all of it put back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from camera_gateway.cure.sight import Look, Seen
from camera_gateway.cure.treatment import Treatment
from camera_gateway.cure.undoing import undo
from camera_gateway.onvif.service import Service
from hub.contracts.cure import FixResult, FixWish, Outcome, Setting, UndoStep
from hub.errors import ErrorKind, HubError
from tests.support.clock import FakeClock
from tests.support.curable import Curable, hurried, media, media2
from tests.support.onvif_device import client_of

WISH = FixWish(codec="h264", width_px=640, height_px=360, frame_rate=15, gop_s=2, bit_rate_kbps=512)


class Case:
    """A device and its treatment."""

    def __init__(self, device: Curable, treatment: Treatment, clock: FakeClock, steps: list[UndoStep]) -> None:
        self.device, self.treatment, self.clock, self.steps = device, treatment, clock, steps

    async def mend(self, wish: FixWish = WISH, *, dry_run: bool = False) -> FixResult:
        return await hurried(self.clock, self.treatment.run(wish, dry_run=dry_run))


@asynccontextmanager
async def case(device: Curable, look: Look | None = None) -> AsyncIterator[Case]:
    clock, steps = FakeClock(), list[UndoStep]()

    async def journal(step: UndoStep) -> None:
        assert len(device.sets) == len(steps), "what stood there is written down before it is changed"
        steps.append(step)

    async with client_of(device, clock=clock) as client:
        yield Case(device, Treatment(client, look or device.look, clock, journal), clock, steps)


def values(device: Curable) -> str:
    """The substream as one line; the order of attributes does not count."""
    head, _, inner = device.encoders["sub"].replace("TOKEN", "sub").partition(">")
    return " ".join(sorted(re.findall(r'\w+="[^"]*"', head))) + inner


@pytest.mark.parametrize("service", [Service.MEDIA2, Service.MEDIA])
async def test_a_camera_that_obeys_has_what_was_asked_and_all_else_as_it_was(service: Service) -> None:
    device = Curable(service=service)
    wish = WISH if service is Service.MEDIA2 else WISH.model_copy(update={"codec": None})
    async with case(device) as one:
        result = await one.mend(wish)
    assert (result.outcome, result.problem) == (Outcome.DONE, None)
    after = {change.setting: (change.before, change.after) for change in result.changes}
    assert after[Setting.SIZE] == ("1280x720", "640x360")
    assert after[Setting.FRAME_RATE] == ("25", "15")
    assert after[Setting.GOP] == ("100", "30")
    assert after[Setting.BIT_RATE] == ("2048", "512")
    assert device.sets == ["SetVideoEncoderConfiguration"]
    kept = device.encoders["sub"]
    for piece in ("kept &amp; whole", "http://maker.example/own", "<tt:Quality>4</tt:Quality>"):
        assert piece in kept
    if service is Service.MEDIA2:
        assert after[Setting.CODEC] == ("h265", "h264")
        assert 'ConstantBitRate="false"' in kept
        assert "sub &lt;1&gt;" in kept
    else:
        assert "<tt:SessionTimeout>PT60S</tt:SessionTimeout>" in kept
        assert ">true</q:ForcePersistence>" in next(b for b in device.bodies if "SetVideoEncoder" in b)
    assert "TOKEN" in device.encoders["main"], "the main stream was not touched"
    codes = {note.code for note in result.notes}
    assert "cure.smart_codec" in codes
    assert ("cure.pull_substream" in codes) is (service is Service.MEDIA2)


async def test_a_second_time_there_is_nothing_to_do() -> None:
    async with case(Curable()) as one:
        assert (await one.mend()).outcome is Outcome.DONE
        again = await one.mend()
    assert (again.outcome, again.changes) == (Outcome.UNCHANGED, ())
    assert len(one.device.sets) == 1


async def test_a_dry_run_tells_the_same_changes_and_sets_nothing() -> None:
    wish = WISH.model_copy(update={"ntp": "10.0.0.9"})
    async with case(Curable()) as one:
        planned = await one.mend(wish, dry_run=True)
        assert one.steps == []
        assert not [name for name in one.device.asked if name.startswith(("Set", "Add", "Remove", "Create"))]
        done = await one.mend(wish)
    assert planned.outcome is Outcome.PLANNED
    assert planned.changes == done.changes
    assert planned.undo == done.undo == tuple(one.steps)


@pytest.mark.parametrize(
    ("behaves", "outcome", "code"),
    [
        ("ignores", Outcome.FAILED, "cure.ignored"),  # answers OK and does nothing
        ("refuses", Outcome.FAILED, "camera_gateway.onvif_argument"),
        ("closes", Outcome.FAILED, "camera_gateway.connection_lost"),  # and has taken nothing
        ("other", Outcome.PUT_BACK, "cure.took_other"),  # makes 352 wide of it
        ("breaks-stream", Outcome.PUT_BACK, "camera_gateway.no_media"),
    ],
)
async def test_a_camera_that_does_not_do_it_is_as_it_was_and_that_is_said(
    behaves: str, outcome: Outcome, code: str
) -> None:
    device = Curable(behaves=behaves)
    before = values(device)
    async with case(device) as one:
        result = await one.mend()
    assert result.problem is not None
    assert (result.outcome, result.problem.code) == (outcome, code)
    assert values(device) == before
    assert result.undo == ()


async def test_one_that_rounds_is_mended_and_its_value_is_told() -> None:
    async with case(Curable(behaves="rounds")) as one:
        result = await one.mend()
    assert result.outcome is Outcome.DONE
    (rate,) = [change for change in result.changes if change.setting is Setting.BIT_RATE]
    assert (rate.before, rate.after) == ("2048", "500")
    (note,) = [note for note in result.notes if note.code == "cure.rounded_by_camera"]
    assert note.params == {"setting": "bit_rate", "wanted": "512", "given": "500"}


async def test_one_that_starts_again_when_it_is_set_is_waited_for() -> None:
    device = Curable(behaves="reboots")
    async with case(device) as one:
        result = await one.mend()
    assert result.outcome is Outcome.DONE
    assert device.sets == ["SetVideoEncoderConfiguration"], "it is not set a second time"


async def test_one_that_takes_no_undo_is_said_to_be_left_changed() -> None:
    async with case(Curable(behaves="ignores-undo"), no_stream) as one:
        result = await one.mend()
    assert (result.outcome, result.problem and result.problem.code) == (Outcome.NOT_PUT_BACK, "camera_gateway.no_media")
    assert result.undo, "what puts it back is told all the same"


async def no_stream(_: str, __: float) -> Seen:
    raise HubError(ErrorKind.TIMEOUT, "camera_gateway.no_media")


async def test_a_refused_login_of_the_stream_is_not_tried_again() -> None:
    tries = []

    async def refused(_: str, __: float) -> Seen:
        tries.append(1)
        raise HubError(ErrorKind.REFUSED, "camera_gateway.login_refused")

    async with case(Curable(), refused) as one:
        result = await one.mend()
    assert (result.outcome, len(tries)) == (Outcome.PUT_BACK, 1)


@pytest.mark.parametrize("service", [Service.MEDIA2, Service.MEDIA])
async def test_undo_restores_exactly(service: Service) -> None:
    servers = "".join(
        f"<tt:NTPManual><tt:{kind}>{host}</tt:{kind}></tt:NTPManual>"
        for kind, host in (("DNSname", "a.b"), ("IPv4Address", "10.1.1.1"))
    )
    device = Curable(service=service, ntp=f"<tt:FromDHCP>false</tt:FromDHCP>{servers}")
    codec = "h264" if service is Service.MEDIA2 else None
    wish = WISH.model_copy(update={"codec": codec, "ntp": "time.example"})
    before, ntp = values(device), device.ntp
    clock = FakeClock()
    async with client_of(device, clock=clock) as client:
        steps: list[UndoStep] = []

        async def journal(step: UndoStep) -> None:
            steps.append(UndoStep.model_validate_json(step.model_dump_json()))  # as from a file

        done = await hurried(clock, Treatment(client, device.look, clock, journal).run(wish))
        assert done.outcome is Outcome.DONE, (done.problem, done.notes)
        assert device.time_type == "NTP"
        assert "time.example" in device.ntp
        sets = len(device.sets)
        assert (await undo(client, steps, clock, dry_run=True)).outcome is Outcome.PLANNED
        assert len(device.sets) == sets
        undone = await undo(client, steps, clock)
        assert undone.outcome is Outcome.DONE
        assert {change.setting for change in undone.changes} == {change.setting for change in done.changes}
        assert (values(device), device.ntp, device.time_type) == (before, ntp, "Manual")
        assert (await undo(client, steps, clock)).outcome is Outcome.UNCHANGED


async def test_what_is_killed_between_the_writing_down_and_the_end_can_be_put_back() -> None:
    """Killed at each question that the device is asked from the first Set on; the steps so far are enough each time."""
    for after in range(1, 14):
        device = Curable()
        before, clock, steps = values(device), FakeClock(), list[UndoStep]()
        async with client_of(device, clock=clock) as client:

            async def journal(step: UndoStep, steps: list[UndoStep] = steps) -> None:
                steps.append(step)

            wish = WISH.model_copy(update={"ntp": "10.0.0.9"})
            reached, met = asyncio.Event(), [0]

            def count(steps: list[UndoStep] = steps, met: list[int] = met, reached: asyncio.Event = reached) -> None:
                met[0] += bool(steps)
                if met[0] == after:  # noqa: B023 - called within this turn alone
                    reached.set()

            device.met = count
            running = asyncio.ensure_future(Treatment(client, device.look, clock, journal).run(wish))
            waiting = asyncio.ensure_future(reached.wait())
            await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
            running.cancel()
            waiting.cancel()
            await asyncio.wait({running, waiting})
            device.met = lambda: None
            await hurried(clock, undo(client, steps, clock))
        assert values(device) == before
        assert (device.ntp, device.time_type) == ("<tt:FromDHCP>true</tt:FromDHCP>", "Manual")


@pytest.mark.parametrize(
    ("encoders", "options", "wish", "code"),
    [
        ({"main": media()}, None, WISH, "cure.no_substream"),
        (None, "none", None, None),  # it does not say what it offers: it is tried
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_set(
    encoders: dict[str, str] | None, options: str | None, wish: FixWish | None, code: str | None
) -> None:
    service = Service.MEDIA if encoders else Service.MEDIA2
    async with case(Curable(service=service, encoders=encoders or {}, options=options)) as one:
        result = await one.mend(wish or WISH)
    if code is None:
        assert result.outcome is Outcome.DONE
        assert "cure.options_unknown" in {note.code for note in result.notes}
    else:
        assert result.problem is not None
        assert (result.outcome, result.problem.code, one.device.sets) == (Outcome.FAILED, code, [])


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ("<tt:名称>门口</tt:名称>", Outcome.DONE),
        ("<tt:A/>" * 2_000, Outcome.FAILED),
        (f"<tt:A>{'x' * 9_000}</tt:A>", Outcome.FAILED),
        ("<tt:B>" * 40 + "</tt:B>" * 40, Outcome.DONE),
    ],
)
async def test_what_could_not_be_put_back_whole_is_not_touched(more: str, outcome: Outcome) -> None:
    async with case(Curable(encoders={"main": media2(size="2560x1440"), "sub": media2() + more})) as one:
        result = await one.mend()
    assert result.outcome is outcome, result.problem
    assert bool(one.device.sets) is (outcome is Outcome.DONE)


async def test_media1_has_no_h265_to_be_set() -> None:
    async with case(Curable(service=Service.MEDIA)) as one:
        result = await one.mend(FixWish(codec="h265"))
    assert result.problem is not None
    assert (result.problem.code, one.device.sets) == ("cure.codec_not_offered", [])


async def test_a_wrong_password_ends_it_before_anything_is_set() -> None:
    device = Curable(login="digest")
    clock = FakeClock()
    async with client_of(device, "admin", "wrong", clock=clock) as client:
        result = await Treatment(client, device.look, clock).run(WISH)
    assert result.problem is not None
    assert (result.outcome, result.problem.code) == (Outcome.FAILED, "camera_gateway.login_refused")
    assert device.sets == []
