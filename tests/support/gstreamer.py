"""A camera that nobody here wrote: the material's GStreamer RTSP server, one process a camera, on a free port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

PYTHON = "/usr/bin/python3"
# A camera of any pipeline, with its own certificate where two files are given; run by the system's Python.
_LAUNCHED = """
import sys, gi
gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtspServer
port, launch, *files = sys.argv[1:]
Gst.init(None)
server, factory = GstRtspServer.RTSPServer(), GstRtspServer.RTSPMediaFactory()
server.set_address("127.0.0.1"); server.set_service(port)
factory.set_launch(launch); factory.set_shared(True)
if files:
    auth = GstRtspServer.RTSPAuth()
    auth.set_tls_certificate(Gio.TlsCertificate.new_from_files(*files))
    token = GstRtspServer.RTSPToken(); token.set_string("media.factory.role", "anybody")
    auth.set_default_token(token); server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions(); permissions.add_role("anybody")
    for right in ("access", "construct"):
        permissions.add_permission_for_role("anybody", "media.factory." + right, True)
    factory.set_permissions(permissions)
server.get_mount_points().add_factory("/stream1", factory); server.attach(None)
GLib.MainLoop().run()
"""
CLIP = "one-by-one-person-detection.mp4"


@cache
def lack() -> str | None:
    """Why it cannot run here; None: it can."""
    material = os.environ.get("PROBE_MATERIAL")
    if not material or not (Path(material) / "rtsp/gst_rtsp_camera.py").is_file():
        return "PROBE_MATERIAL does not name the material"
    if shutil.which("ffmpeg") is None:
        return "ffmpeg is not installed"
    if not Path(PYTHON).exists():
        return f"{PYTHON} is not there"
    check = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    if subprocess.run([PYTHON, "-c", check], capture_output=True, check=False).returncode:
        return "gir1.2-gst-rtsp-server-1.0 is not installed"
    return None


def material() -> Path:
    """The folder of the material; skips the test where it or GStreamer is missing."""
    reason = lack()
    if reason:
        pytest.skip(reason)
    return Path(os.environ["PROBE_MATERIAL"])


def video() -> Path:
    """The clip as it is, with B-frames."""
    return material() / "videos" / CLIP


def prepared_clip(directory: Path, fps: int = 10) -> Path:
    """The clip without B-frames, with delimiters, as the server wants it; made once a directory."""
    clip = directory / f"person{fps}.h264"
    if not clip.exists():
        script = material() / "rtsp/prepare_clip.sh"
        short = directory / "short.mp4"
        cut = ["ffmpeg", "-v", "error", "-y", "-t", "20", "-i", str(video()), "-c", "copy", str(short)]
        subprocess.run(cut, check=True)
        subprocess.run(["/bin/sh", str(script), str(short), str(clip), str(fps)], check=True)
    return clip


@contextmanager
def gstreamer_camera(*options: str) -> Iterator[str]:
    """Run the server with these options of its own; gives the address of its stream."""
    script, port = material() / "rtsp/gst_rtsp_camera.py", _free_port()
    with _run([PYTHON, str(script), *options, "--port", str(port)], port):
        yield f"rtsp://127.0.0.1:{port}/stream1"


@contextmanager
def launched_camera(launch: str, certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """A camera of this pipeline; with a certificate and its key, by rtsps."""
    material()
    port = _free_port()
    files = [str(path) for path in certificate or ()]
    with _run([PYTHON, "-c", _LAUNCHED, str(port), launch, *files], port):
        yield f"{'rtsps' if certificate else 'rtsp'}://127.0.0.1:{port}/stream1"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _run(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield
    finally:
        process.kill()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the GStreamer camera did not start")
