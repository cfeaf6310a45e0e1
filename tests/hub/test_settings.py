"""Settings: the example tells the truth, the environment goes over the file, and what is wrong is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from hub.errors import HubError
from hub.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "configs" / "hub.example.yaml"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("PROBE_"):
            monkeypatch.delenv(name)


def fields(model: type[BaseModel], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= fields(inner, f"{prefix}{name}.")
        else:
            found.add(prefix + name)
    return found


def keys(tree: dict[str, object], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in tree.items():
        found |= keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return found


def test_the_example_has_every_key_and_no_other() -> None:
    assert keys(yaml.safe_load(EXAMPLE.read_text("utf-8"))) == fields(Settings)


def test_the_example_says_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Settings()
    monkeypatch.setenv("PROBE_CONFIG", str(EXAMPLE))
    assert Settings() == plain


def test_each_setting_of_the_example_has_a_comment_near() -> None:
    bare_run = 0
    for line in EXAMPLE.read_text("utf-8").splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#") or stripped.endswith(":"):
            bare_run = 0 if stripped.startswith("#") else bare_run
            continue
        bare_run += 1
        assert bare_run <= 2, f"no reason given for: {stripped}"


def test_the_environment_goes_over_the_file_key_by_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "hub.yaml"
    file.write_text("gateway: {port: 1, id: west}\ncentre_name: 甲镇\n", "utf-8")
    monkeypatch.setenv("PROBE_CONFIG", str(file))
    monkeypatch.setenv("PROBE_GATEWAY__PORT", "2")
    read = Settings()
    assert (read.gateway.port, read.gateway.id, read.centre_name) == (2, "west", "甲镇")


def test_settings_cannot_be_changed_in_place() -> None:
    read = Settings()
    with pytest.raises(ValidationError):
        read.gateway.port = 1  # type: ignore[misc]
    with pytest.raises(ValidationError):
        read.language = "en"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PROBE_GATEWAY__PORT", "70000", "gateway.port"),
        ("PROBE_GATEWAY__PROT", "1", "gateway.prot"),
        ("PROBE_TIMEZONE", "Mars/Olympus", "timezone"),
        ("PROBE_GATEWAY", "{", "gateway"),
    ],
)
def test_what_is_wrong_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(HubError) as caught:
        Settings()
    assert told in caught.value.text("zh")
    assert "\n" not in caught.value.text("zh")


def test_a_watermark_without_the_means_to_draw_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_CONSOLE__WATERMARK", "household")
    assert Settings().console.watermark == "household"
    monkeypatch.setenv("PROBE_GATEWAY__TRANSCODE_MPIXEL_S", "0")
    with pytest.raises(HubError) as caught:
        Settings()
    assert "console" in caught.value.text("zh")
    assert "gateway.transcode_mpixel_s" in caught.value.text("zh")


def test_a_wrong_file_is_named_with_its_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROBE_CONFIG", str(tmp_path / "none.yaml"))
    with pytest.raises(HubError, match=r"none\.yaml"):
        Settings()
    (tmp_path / "bad.yaml").write_text("a: 1\nb: [\n", "utf-8")
    monkeypatch.setenv("PROBE_CONFIG", str(tmp_path / "bad.yaml"))
    with pytest.raises(HubError, match=r"bad\.yaml:\d"):
        Settings()


def test_a_database_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_DATABASE_URL", "postgresql://u:geheim@db/x")
    read = Settings()
    assert "geheim" not in repr(read)
    assert "geheim" not in read.model_dump_json()
