"""The repository's own rules: what CONTRIBUTING.md asks for and a machine can check. Reads files, runs nothing."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("probe", "hub", "camera_gateway", "analytics", "patrol_console")
CJK = re.compile(r"[\u3400-\u9fff]")
# Words that are not ours, beside the one that is (docs/glossary.md).
FOREIGN_WORDS = {"摄像头": "摄像机", "点位": "摄像机", "告警": "预警", "报警": "预警"}
# Chinese in code is data here: the names of drawn places, of demo people, of classes drawn on evidence.
CHINESE_AS_DATA = ("camera_gateway/simulator/", "probe/demo", "hub/settings.py", "analytics/evidence")


@cache
def tracked() -> tuple[Path, ...]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return tuple(ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file())


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(*, tests: bool) -> list[Path]:
    tops = (*PACKAGES, "tests") if tests else PACKAGES
    return [p for p in tracked() if p.suffix == ".py" and name_of(p).split("/")[0] in tops]


def texts() -> list[tuple[str, str]]:
    found = []
    for path in tracked():
        try:
            found.append((name_of(path), path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_no_file_is_longer_than_a_reader_finishes() -> None:
    too_long = []
    for path in tracked():
        name = name_of(path)
        if "/migrations/versions/" in name or name.endswith("schema.d.ts"):
            continue
        cap = {".py": 600 if name.startswith("tests/") else 400, ".ts": 250, ".tsx": 250}.get(path.suffix)
        if cap is not None and (lines := len(path.read_text("utf-8").splitlines())) > cap:
            too_long.append(f"{name}: {lines} lines, {cap} is the end")
    assert not too_long, too_long


def test_every_module_says_what_it_is() -> None:
    silent = []
    for path in python_files(tests=False):
        source = path.read_text("utf-8")
        if source.strip() and not ast.get_docstring(ast.parse(source)):
            silent.append(name_of(path))
    assert not silent, silent


def test_no_drawer_for_odds_and_ends() -> None:
    drawers = [name_of(p) for p in tracked() if p.stem in {"utils", "util", "helpers", "helper", "common", "misc"}]
    assert not drawers, drawers


def test_every_catch_all_gives_its_reason() -> None:
    """A handler of everything either passes it on or says, on its line, why it may not."""
    bare = []
    for path in python_files(tests=False):
        source = path.read_text("utf-8")
        lines = source.splitlines()
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.ExceptHandler) or any(isinstance(n, ast.Raise) for n in ast.walk(node)):
                continue
            caught = ast.unparse(node.type) if node.type else "Exception"
            if re.search(r"\b(Base)?Exception\b", caught) and not re.search(
                r"# noqa: BLE001.{8,}", lines[node.lineno - 1]
            ):
                bare.append(f"{name_of(path)}:{node.lineno}: {lines[node.lineno - 1].strip()}")
    assert not bare, bare


def test_every_todo_has_an_issue() -> None:
    marker = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b(?!\(#\d+\))")
    loose = [
        f"{name}:{number}"
        for name, text in texts()
        if Path(name).suffix in {".py", ".ts", ".tsx", ".md", ".yaml", ".sh"}
        for number, line in enumerate(text.splitlines(), 1)
        if marker.search(line)
    ]
    assert not loose, loose


def test_logic_asks_the_clock_and_never_the_system() -> None:
    asks = re.compile(r"\b(datetime\.now|datetime\.utcnow|time\.time|time\.sleep)\(")
    guilty = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in python_files(tests=False)
        # The clock itself; benches measure the machine.
        if name_of(path) != "hub/clock.py" and not name_of(path).startswith("probe/bench/")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if asks.search(line)
    ]
    assert not guilty, guilty


def test_what_people_read_comes_from_the_messages() -> None:
    spoken = []
    for path in python_files(tests=False):
        name = name_of(path)
        if name.startswith(CHINESE_AS_DATA):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        docstrings = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        spoken += [
            f"{name}:{node.lineno}: {node.value[:40]}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and CJK.search(node.value)
        ]
    assert not spoken, spoken


@cache
def messages(lang: str) -> dict[str, str]:
    return {
        f"{path.stem}.{key}": str(sentence)
        for path in sorted((ROOT / "hub/messages" / lang).glob("*.yaml"))
        for key, sentence in (yaml.safe_load(path.read_text("utf-8")) or {}).items()
    }


def braces(sentence: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(sentence) if field}


def test_both_languages_say_the_same_things() -> None:
    zh, en = messages("zh"), messages("en")
    assert set(zh) == set(en)
    assert [code for code in zh if braces(zh[code]) != braces(en[code])] == []


def test_each_sentence_is_in_its_language() -> None:
    english_run = re.compile(r"(?:\b[a-z]{2,} ){4,}")
    assert [code for code, sentence in messages("zh").items() if english_run.search(sentence)] == []
    # A word in brackets may stand in an English sentence, a Chinese sentence may not.
    assert [code for code, sentence in messages("en").items() if len(CJK.findall(sentence)) > 6] == []


def test_messages_use_our_words() -> None:
    foreign = [
        f"{code}: {word} (say {ours})"
        for code, sentence in messages("zh").items()
        for word, ours in FOREIGN_WORDS.items()
        if word in sentence
    ]
    assert not foreign, foreign


def test_every_error_raised_has_its_sentence() -> None:
    code = re.compile(r"^(?:" + "|".join(PACKAGES) + r")\.[a-z][a-z0-9_]+$")
    known = set(messages("zh"))
    silent = [
        f"{name_of(path)}:{argument.lineno}: {argument.value}"
        for path in python_files(tests=False)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "HubError"
        for argument in node.args
        if isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and code.match(argument.value)
        and argument.value not in known
    ]
    assert not silent, silent


def test_locks_hold_hashes_and_no_addresses() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock", "requirements-node.lock"):
        text = (ROOT / lock).read_text("utf-8")
        assert "://" not in text, lock
        assert "--index" not in text, lock
        requirements = re.findall(r"^[a-z0-9].*?==.*(?:\n    .*)*", text, re.M)
        assert requirements, lock
        assert [r.splitlines()[0] for r in requirements if "--hash=sha256:" not in r] == []
    package_lock = json.loads((ROOT / "patrol_console/web/package-lock.json").read_text("utf-8"))
    assert [name for name, entry in package_lock["packages"].items() if "resolved" in entry] == []


def test_no_package_registry_and_no_path_of_a_machine_is_named() -> None:
    # Written in halves, so that this file does not name them either.
    registries = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "npm" + "mirror")
    places = ("/wor" + "k/", "/ro" + "ot/", "/home/" + "runner")
    named = [f"{name}: {word}" for name, text in texts() for word in (*registries, *places) if word in text]
    assert not named, named


def test_the_readme_is_short_and_its_pictures_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert len(readme.splitlines()) <= 120
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", readme)
    assert pictures
    assert [p for p in pictures if not (ROOT / p).is_file()] == []


def test_links_between_our_documents_lead_somewhere() -> None:
    dead = [
        f"{name_of(path)} -> {target}"
        for path in tracked()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert not dead, dead


def test_no_model_that_knows_faces_or_persons_again_is_declared() -> None:
    manifest = yaml.safe_load((ROOT / "models/manifest.yaml").read_text("utf-8"))
    words = re.compile(r"face|reid|re-id|re_id|gait|人脸", re.IGNORECASE)
    assert manifest["models"]
    assert [m for m in manifest["models"] if words.search(json.dumps(m, ensure_ascii=False))] == []


def test_weights_and_clips_are_not_in_the_repository() -> None:
    heavy = [
        name_of(p)
        for p in tracked()
        if p.suffix in {".onnx", ".pt", ".engine", ".mp4", ".mkv", ".h264", ".h265"} or p.stat().st_size > 1_500_000
    ]
    assert not heavy, heavy


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_tested_where_one_looks(package: str) -> None:
    tests = [p for p in tracked() if name_of(p).startswith(f"tests/{package}/") and p.name.startswith("test_")]
    assert tests, f"tests/{package} is empty"
