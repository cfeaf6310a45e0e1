"""`probe analytics run` and `probe models list|pull|add|test`. Parses, prints, decides nothing; main thread."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Annotated

import typer

from analytics.weights import Model, Weights
from hub import i18n
from hub.clock import SystemClock
from hub.errors import ErrorKind, HubError
from hub.settings import Settings

TEST_ROUNDS = 20
UNWELL = 1


def _language() -> str:
    """As `probe --lang` left it in the environment, else Chinese."""
    chosen = os.environ.get("PROBE_LANGUAGE", "")
    return chosen if chosen in i18n.LANGUAGES else i18n.LANGUAGES[0]


def _say(name: str, /, **params: object) -> str:
    return i18n.text(f"analytics.{name}", _language(), **params)


app = typer.Typer(help=_say("help_analytics"), no_args_is_help=True, add_completion=False)
models_app = typer.Typer(help=_say("help_models"), no_args_is_help=True, add_completion=False)

Json = Annotated[bool, typer.Option("--json", help=_say("help_json"))]
Data = Annotated[Path | None, typer.Option("--data", help=_say("help_data"))]


@app.callback()
def _group() -> None:
    """A group even while it has one command."""


@app.command(help=_say("help_run"))
def run(role: Annotated[str, typer.Option("--role", help=_say("help_role"))]) -> None:
    """Run a role until SIGTERM."""
    from analytics.service import Role, serve
    from hub import log

    if role not in tuple(Role):
        raise HubError(ErrorKind.INVALID, "analytics.role_unknown", role=role)
    settings = Settings()
    log.configure(settings.log, service=role)
    asyncio.run(serve(Role(role), settings, SystemClock()))


@models_app.command("list", help=_say("help_list"))
def list_models(data: Data = None, as_json: Json = False) -> None:
    """Models, their state, and which detector is in use and why."""
    from analytics.detectors.chosen import choose

    settings, weights = _open(data)
    why: dict[str, object]
    try:
        choice = choose(settings.analytics, weights)
        why = {"name": choice.name, "reason": i18n.text(choice.reason, _language(), model=settings.analytics.model)}
    except HubError as error:
        why = {"name": None, "reason": error.text(_language())}
    rows = [
        {
            "name": model.name,
            "state": _state(weights, model),
            "file": str(weights.folder / model.file),
            "licence": model.licence,
            "source": model.source,
            "sha256": model.sha256,
            "bytes": model.bytes,
            "classes": len(model.classes),
        }
        for model in weights.models.values()
    ]
    if as_json:
        _print_json({"models": rows, "in_use": why})
        return
    for row, model in zip(rows, weights.models.values(), strict=True):
        state = _say(f"models_{row['state']}")
        typer.echo(
            _say(
                "models_line", name=model.name, state=state, licence=model.licence,
                mb=f"{model.bytes / 1e6:.1f}", file=model.file,
            )
        )  # fmt: skip
    typer.echo(_say("models_in_use", name=why["name"] or "-", why=why["reason"]))


@models_app.command("pull", help=_say("help_pull"))
def pull(
    name: Annotated[str | None, typer.Argument(help=_say("help_name"))] = None, data: Data = None, as_json: Json = False
) -> None:
    """Fetch a declared model."""
    settings, weights = _open(data)
    material = os.environ.get("PROBE_MATERIAL")
    wanted = name or settings.analytics.model
    file = weights.pull(wanted, Path(material) if material else None)
    _told(wanted, file, as_json)


@models_app.command("add", help=_say("help_add"))
def add(
    file: Annotated[Path, typer.Argument(help=_say("help_file"))], data: Data = None, as_json: Json = False
) -> None:
    """Take a declared model from a file."""
    _, weights = _open(data)
    model = weights.add(file)
    _told(model.name, weights.folder / model.file, as_json)


@models_app.command("test", help=_say("help_test"))
def try_out(
    name: Annotated[str | None, typer.Argument(help=_say("help_name"))] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help=_say("help_picture"))] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Run a model on a picture: milliseconds a picture, and what it finds."""
    import cv2
    import numpy as np

    from analytics.detectors.chosen import open_model
    from analytics.evidence import label_name

    settings, weights = _open(data)
    cv2.setNumThreads(settings.analytics.threads)
    model = weights.model(name or settings.analytics.model)
    detector = open_model(model, settings.analytics, weights)
    if picture is None:
        image = np.random.default_rng(1).integers(0, 255, (432, 768, 3), np.uint8)
    else:
        read = cv2.imread(str(picture), cv2.IMREAD_COLOR)
        if read is None:
            raise HubError(ErrorKind.INVALID, "analytics.picture_unreadable", path=picture)
        image = np.asarray(read, np.uint8)
    found = detector.detect([image])[0]  # the first also warms up
    times_ms = []
    for _ in range(TEST_ROUNDS):
        begun = time.perf_counter()
        detector.detect([image])
        times_ms.append((time.perf_counter() - begun) * 1000)
    ms = round(float(np.median(times_ms)), 1)
    height, width = image.shape[:2]
    if as_json:
        boxes = [box.model_dump() for box in found.to_boxes()]
        _print_json({"model": model.name, "width_px": width, "height_px": height, "ms": ms, "boxes": boxes})
        return
    typer.echo(_say("models_tested", name=model.name, width=width, height=height, ms=ms, count=len(found)))
    for box in found.to_boxes():
        label = label_name(box.label, _language())
        typer.echo(_say("models_tested_box", label=label, confidence=f"{box.confidence:.0%}"))


def _open(data: Path | None) -> tuple[Settings, Weights]:
    settings = Settings() if data is None else Settings(data_dir=data)
    return settings, Weights(settings.models_path)


def _state(weights: Weights, model: Model) -> str:
    if not weights.is_present(model.name):
        return "not_present"
    try:
        weights.path(model.name)
    except HubError:
        return "wrong"
    return "present"


def _told(name: str, file: Path, as_json: bool) -> None:
    if as_json:
        _print_json({"model": name, "file": str(file)})
    else:
        typer.echo(_say("models_pulled", model=name, path=file))


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))
