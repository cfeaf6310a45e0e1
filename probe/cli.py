"""The command `probe`: finds what was asked for, imports only that, and turns its failures into one sentence each.

Runs on the main thread. The groups are typer apps of the packages that they belong to; nothing of them is imported
for `probe --help`. Exit status: 0 done, 1 the thing asked about is not well, 2 wrong use (DESIGN §8). A trace is
shown only when `PROBE_DEBUG=1`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module, metadata

from hub.errors import ErrorKind, HubError
from hub.i18n import LANGUAGES
from probe import language
from probe.language import say

_OPEN_FILES = 65_536
DONE, UNWELL, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command lives: `module:attribute` is a typer app; a `group` has commands of its own."""

    target: str
    group: bool = True


COMMANDS: dict[str, Entry] = {
    "up": Entry("probe.up:app", group=False),
    "demo": Entry("probe.demo:app", group=False),
    "doctor": Entry("probe.doctor:app", group=False),
    "camera": Entry("probe.camera:app"),
    "models": Entry("analytics.cli:models_app"),
    "sim": Entry("camera_gateway.simulator.cli:app", group=False),
    "bench": Entry("probe.bench:app"),
    "gateway": Entry("camera_gateway.cli:app"),
    "analytics": Entry("analytics.cli:app"),
    "console": Entry("patrol_console.cli:app"),
    "db": Entry("patrol_console.cli:db_app"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command named by `arguments` (default: the process's own) and return its exit status."""
    wanted = list(sys.argv[1:] if arguments is None else arguments)
    os.umask(0o077)  # whatever is written, by us and by what we start: pictures, hashes, sealed passwords, logs
    _raise_open_files()
    if os.environ.get("PROBE_DEBUG") == "1":
        return _run(wanted)
    try:
        return _run(wanted)
    except HubError as error:
        _complain(error.text(language.current()))
        return WRONG_USE if error.kind is ErrorKind.INVALID else UNWELL
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`probe camera list | head`): say nothing more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNWELL
    except Exception as error:  # noqa: BLE001 - the top of the command: whatever is left becomes one sentence
        _complain(say("our_fault", error=type(error).__name__))
        return UNWELL


def version() -> str:
    """The version of this distribution; from the project's own file where it is not installed."""
    try:
        return metadata.version("probe-patrol")
    except metadata.PackageNotFoundError:
        import tomllib
        from pathlib import Path

        file = Path(__file__).resolve().parent.parent / "pyproject.toml"
        return str(tomllib.loads(file.read_text("utf-8"))["project"]["version"]) if file.is_file() else "0"


def _raise_open_files() -> None:
    """As many open files as the system allows: 600 cameras and 400 viewers are more than the usual 1024."""
    try:
        import resource
    except ImportError:  # Windows, where `camera probe` runs too
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _run(arguments: list[str]) -> int:
    json_wanted = False
    while arguments and arguments[0].startswith("-"):
        option = arguments.pop(0)
        if option in ("--help", "-h"):
            sys.stdout.write(_help())
            return DONE
        if option == "--version":
            sys.stdout.write(f"probe-patrol {version()}\n")
            return DONE
        if option == "--json":
            json_wanted = True
        elif option == "--lang" or option.startswith("--lang="):
            _choose_language(option, arguments)
        else:
            raise HubError(ErrorKind.INVALID, "probe.no_such_option", option=option)
    if not arguments:
        sys.stdout.write(_help())
        return WRONG_USE
    name, rest = arguments[0], arguments[1:]
    for index, argument in enumerate(rest):  # `probe camera list --lang en` is as good as `probe --lang en camera list`
        if argument == "--":
            break
        if argument == "--lang" or argument.startswith("--lang="):
            del rest[index]
            following = rest[index:]
            _choose_language(argument, following)
            rest[index:] = following
            break
    if name not in COMMANDS:
        raise HubError(ErrorKind.INVALID, "probe.no_such_command", name=name, known=" ".join(COMMANDS))
    return _dispatch(name, [*rest, "--json"] if json_wanted else rest)


def _choose_language(option: str, following: list[str]) -> None:
    _, equals, value = option.partition("=")
    if not equals:
        value = following.pop(0) if following else ""
    if value not in LANGUAGES:
        raise HubError(ErrorKind.INVALID, "probe.no_such_language", value=value)
    language.choose(value)


def _dispatch(name: str, arguments: list[str]) -> int:
    import typer.main

    module, _, attribute = COMMANDS[name].target.partition(":")
    app = getattr(import_module(module), attribute)
    command = typer.main.get_group(app) if COMMANDS[name].group else typer.main.get_command(app)
    try:
        command.main(args=arguments, prog_name=f"probe {name}")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else (DONE if end.code is None else UNWELL)
    return DONE


def _help() -> str:
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:<{width}}{say(f'group_{name}')}" for name in COMMANDS]
    return f"{say('usage')}\n\n" + "\n".join(lines) + f"\n\n{say('global_options')}\n"


def _complain(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    raise SystemExit(main())
