"""`probe camera fix`: a camera's substream and its clock set right by ONVIF, or put back as they were.

An address is mended from here, with no server; a camera's name or `--all` by the running hub. Exit status 0 done, 1 a
camera was not mended, 2 wrong use. Main thread.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hub.contracts.cure import FixResult, FixWish
from hub.errors import ErrorKind, HubError
from probe.camera import fix_direct, fix_hub
from probe.camera.add import read_camera_password
from probe.camera.fix_report import as_json, print_result, tell
from probe.camera.fix_wish import wish_of
from probe.camera.options import DataOption, JsonFlag, PasswordStdin, PersonOption, UrlOption, UsernameOption
from probe.camera.record import find_camera
from probe.language import say
from probe.printer import print_json, print_line
from probe.target import Target


class SubstreamCodec(StrEnum):
    """What the substream is to be encoded as."""

    H264 = "h264"
    H265 = "h265"


def fix(
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS|CAMERA]", help=say("arg_address_or_camera"))
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=say("opt_fix_all"))] = False,
    area: Annotated[str | None, typer.Option("--area", "-a", help=say("opt_area"))] = None,
    tag: Annotated[str | None, typer.Option("--tag", help=say("opt_fix_tag"))] = None,
    substream: Annotated[SubstreamCodec | None, typer.Option("--substream", help=say("opt_fix_substream"))] = None,
    size: Annotated[str | None, typer.Option("--size", metavar="640x360", help=say("opt_fix_size"))] = None,
    fps: Annotated[float | None, typer.Option("--fps", help=say("opt_fix_fps"))] = None,
    gop: Annotated[str | None, typer.Option("--gop", metavar="2s", help=say("opt_fix_gop"))] = None,
    bitrate: Annotated[str | None, typer.Option("--bitrate", metavar="512k", help=say("opt_fix_bitrate"))] = None,
    ntp: Annotated[str | None, typer.Option("--ntp", metavar="HOST", help=say("opt_fix_ntp"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=say("opt_fix_dry_run"))] = False,
    undo: Annotated[str | None, typer.Option("--undo", metavar="FILE|CAMERA", help=say("opt_fix_undo"))] = None,
    undo_file: Annotated[
        Path | None, typer.Option("--undo-file", dir_okay=False, help=say("opt_fix_undo_file"))
    ] = None,
    keep_going: Annotated[bool, typer.Option("--keep-going", help=say("opt_fix_keep_going"))] = False,
    user: UsernameOption = None,
    password_stdin: PasswordStdin = False,
    data: DataOption = None,
    url: UrlOption = None,
    person: PersonOption = None,
    json: JsonFlag = False,
) -> None:
    """Mend, or put back; exit 1 where it did not come to what was asked."""
    target = Target(data, url, person)
    asked = (substream, size, fps, gop, bitrate, ntp)
    if undo is not None:
        if every or any(one is not None for one in asked):
            raise HubError(ErrorKind.INVALID, "cure.undo_alone")
        _undo(undo, address, user, password_stdin, target, dry_run=dry_run, json=json)
        return
    if (address is None) is not every:
        raise HubError(ErrorKind.INVALID, "cure.address_or_all")
    wish = wish_of(substream.value if substream else None, size, fps, gop, bitrate, ntp)
    if address is None:
        _mend_all(target, wish, area, tag, dry_run=dry_run, keep_going=keep_going, json=json)
    elif _is_direct(address, user):
        password = read_camera_password(user, password_stdin) if user is not None else None
        result, kept = fix_direct.mend(address, wish, user, password, dry_run=dry_run, undo_file=undo_file, quiet=json)
        if json:
            print_json(as_json(result, address=_shown(address), undo_file=str(kept) if kept else None))
        else:
            print_result(result)
        _end(result)
    else:
        _mend_camera(target, address, wish, dry_run=dry_run, json=json)


def _mend_camera(target: Target, wanted: str, wish: FixWish, *, dry_run: bool, json: bool) -> None:
    with target.connect(answer_s=fix_hub.ANSWER_S) as client:
        camera = find_camera(client, wanted)
        result = fix_hub.mend(client, camera.id, wish, dry_run=dry_run)
    if json:
        print_json(as_json(result, id=camera.id, name=camera.name))
    else:
        print_result(result)
        if result.outcome.value == "done":
            print_line(tell("undo_of_record", camera=camera.id))
    _end(result)


def _mend_all(
    target: Target,
    wish: FixWish,
    area: str | None,
    tag: str | None,
    *,
    dry_run: bool,
    keep_going: bool,
    json: bool,
) -> None:
    with target.connect(answer_s=fix_hub.ANSWER_S) as client:
        cameras = fix_hub.cameras_of(client, area, tag)
        if not cameras:
            raise HubError(ErrorKind.NOT_FOUND, "cure.no_cameras")
        tally = fix_hub.mend_all(client, cameras, wish, dry_run=dry_run, keep_going=keep_going, json=json)
    fix_hub.print_tally(tally, json=json)
    if tally.failed or tally.left:
        raise typer.Exit(1)


def _undo(
    undo: str,
    address: str | None,
    user: str | None,
    password_stdin: bool,
    target: Target,
    *,
    dry_run: bool,
    json: bool,
) -> None:
    file = Path(undo)
    if not file.is_file():
        if undo.endswith(".jsonl") or address is not None:
            raise HubError(ErrorKind.INVALID, "cure.undo_no_file", file=undo)
        _undo_camera(target, undo, dry_run=dry_run, json=json)
        return
    steps = fix_direct.steps_of(file, address)
    password = read_camera_password(user, password_stdin) if user is not None else None
    failed = False
    for url, of_one in steps.items():
        result = fix_direct.put_back(url, of_one, user, password, dry_run=dry_run)
        failed = failed or result.failed
        if json:
            print_json(as_json(result, address=url))
        else:
            print_line(url)
            print_result(result, undoing=True)
    if failed:
        raise typer.Exit(1)


def _undo_camera(target: Target, wanted: str, *, dry_run: bool, json: bool) -> None:
    with target.connect(answer_s=fix_hub.ANSWER_S) as client:
        camera = find_camera(client, wanted)
        result = fix_hub.put_back(client, camera.id, dry_run=dry_run)
    if json:
        print_json(as_json(result, id=camera.id, name=camera.name))
    else:
        print_result(result, undoing=True)
    _end(result)


def _end(result: FixResult) -> None:
    if result.failed:
        raise typer.Exit(1)


def _is_direct(address: str, user: str | None) -> bool:
    """With a login of its own it can only be an address."""
    from camera_gateway.cure.door import is_address

    return user is not None or is_address(address)


def _shown(address: str) -> str:
    from hub.addresses import split_credentials

    return split_credentials(address)[0]
