"""Models as data: what is declared, which files may be used, where they come from.

Owns the folder of weights. A file is used only when it is declared, its SHA-256 and size are right, and its task is to
find objects: face and re-identification models are refused here, whatever they call themselves. Blocks; command line
and start-up only.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from analytics.coco import COCO_80
from hub.errors import ErrorKind, HubError

MANIFEST = Path(__file__).resolve().parent.parent / "models" / "manifest.yaml"
MOST_BYTES = 512 * 1024 * 1024
"""No model for a CPU in a township is larger; a wrong file on a stick often is."""
PULL_TIMEOUT_S = 10.0

_FORBIDDEN = re.compile(
    r"(?<!sur)(?<!inter)face|facial|scrfd|yunet|re-?id(?!e)|identif|gait|biometr|iris",
    re.I,
)


class ModelInput(BaseModel):
    """What goes into the network; a square, bytes in the order blue, green, red."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width_px: int = Field(ge=32, le=4096)
    height_px: int = Field(ge=32, le=4096)
    colours: Literal["bgr"] = "bgr"
    resize: Literal["letterbox", "stretch"] = "letterbox"


class Model(BaseModel):
    """One declared model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    task: str
    family: Literal["yolox", "nanodet"]
    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.onnx$")]
    source: str
    licence: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(gt=0, le=MOST_BYTES)]
    input: ModelInput
    classes: tuple[str, ...]

    @field_validator("classes", mode="before")
    @classmethod
    def _known_table(cls, value: object) -> object:
        return COCO_80 if value == "coco-80" else value


def read_manifest(*files: Path) -> dict[str, Model]:
    """All declared models by name; a later file adds, and never changes what an earlier one declared.

    Raises HubError INVALID `analytics.manifest_malformed`, FORBIDDEN `analytics.model_forbidden`.
    """
    models: dict[str, Model] = {}
    for file in files:
        try:
            content = yaml.safe_load(file.read_text("utf-8")) or {}
            declared = {name: Model(name=name, **entry) for name, entry in (content.get("models") or {}).items()}
        except (OSError, yaml.YAMLError, ValidationError, TypeError, AttributeError) as error:
            reason = " ".join(str(error).split())[:300]
            raise HubError(ErrorKind.INVALID, "analytics.manifest_malformed", path=file, reason=reason) from error
        for model in declared.values():
            refuse_forbidden(model)
        models = {**declared, **models}
    return models


def refuse_forbidden(model: Model) -> None:
    """Raise HubError FORBIDDEN for a model of faces or of who somebody is. A decision, not a gap (docs/decisions)."""
    words = " ".join((model.name, model.task, model.file, model.source, *model.classes))
    if model.task != "object-detection" or _FORBIDDEN.search(words):
        raise HubError(ErrorKind.FORBIDDEN, "analytics.model_forbidden", model=model.name)


class Weights:
    """The folder of weights beside the manifest (and what the folder's own manifest.yaml declares besides)."""

    def __init__(self, folder: Path, manifest: Path = MANIFEST) -> None:
        self.folder = folder
        own = folder / "manifest.yaml"
        self.models = read_manifest(manifest, *([own] if own.is_file() else []))

    def model(self, name: str) -> Model:
        """Raises HubError NOT_FOUND `analytics.model_unknown`."""
        try:
            return self.models[name]
        except KeyError as error:
            known = ", ".join(sorted(self.models))
            raise HubError(ErrorKind.NOT_FOUND, "analytics.model_unknown", model=name, known=known) from error

    def is_present(self, name: str) -> bool:
        """Whether a file of that name lies there (not whether it is right)."""
        return (self.folder / self.model(name).file).is_file()

    def path(self, name: str) -> Path:
        """The checked file. Raises HubError NOT_FOUND `analytics.model_absent`, INVALID `analytics.model_sha256`."""
        model = self.model(name)
        file = self.folder / model.file
        if not file.is_file():
            raise HubError(ErrorKind.NOT_FOUND, "analytics.model_absent", model=name, folder=self.folder)
        _check(file, model)
        return file

    def pull(self, name: str, material: Path | None = None, timeout_s: float = PULL_TIMEOUT_S) -> Path:
        """Get one: from `material` when a file there has its SHA-256, else from its source.

        Raises HubError UNREACHABLE `analytics.model_unreachable`, INVALID `analytics.model_sha256`.
        """
        model = self.model(name)
        if self.is_present(name) and _sha256(self.folder / model.file) == model.sha256:
            return self.folder / model.file
        if material is not None:
            candidate = material / "models" / model.file
            if candidate.is_file() and _sha256(candidate) == model.sha256:
                return self._place(model, candidate.read_bytes())
        return self._place(model, _download(model, timeout_s))

    def add(self, file: Path) -> Model:
        """Take a file that is declared, by its SHA-256, whatever its name.

        Raises HubError NOT_FOUND `analytics.file_absent`, INVALID `analytics.model_too_large`,
        INVALID `analytics.model_undeclared`.
        """
        if not file.is_file():
            raise HubError(ErrorKind.NOT_FOUND, "analytics.file_absent", path=file)
        if (size := file.stat().st_size) > MOST_BYTES:
            raise HubError(
                ErrorKind.INVALID, "analytics.model_too_large", path=file, mb=size >> 20, most_mb=MOST_BYTES >> 20
            )
        sha256 = _sha256(file)
        for model in self.models.values():
            if model.sha256 == sha256:
                self._place(model, file.read_bytes())
                return model
        own = self.folder / "manifest.yaml"
        raise HubError(ErrorKind.INVALID, "analytics.model_undeclared", path=file, sha256=sha256, manifest=own)

    def _place(self, model: Model, content: bytes) -> Path:
        if hashlib.sha256(content).hexdigest() != model.sha256:
            raise HubError(ErrorKind.INVALID, "analytics.model_sha256", model=model.name, path=model.source)
        target = self.folder / model.file
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor, part = tempfile.mkstemp(dir=self.folder, prefix=".part-")
            with os.fdopen(descriptor, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            Path(part).replace(target)
        except OSError as error:
            raise HubError(
                ErrorKind.UNAVAILABLE, "analytics.models_dir_unusable", folder=self.folder, reason=error.strerror
            ) from error
        return target


def _check(file: Path, model: Model) -> None:
    if file.stat().st_size != model.bytes or _sha256(file) != model.sha256:
        raise HubError(ErrorKind.INVALID, "analytics.model_sha256", model=model.name, path=file)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _download(model: Model, timeout_s: float) -> bytes:
    import httpx  # a detector that starts again downloads nothing

    content = bytearray()
    try:
        with httpx.stream("GET", model.source, follow_redirects=True, timeout=timeout_s) as answer:
            answer.raise_for_status()
            for part in answer.iter_bytes():
                content += part
                if len(content) > model.bytes:
                    raise HubError(ErrorKind.INVALID, "analytics.model_sha256", model=model.name, path=model.source)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise HubError(
            ErrorKind.UNREACHABLE, "analytics.model_unreachable", model=model.name, source=model.source, reason=error
        ) from error
    return bytes(content)
