"""The gateway's figures for Prometheus, counted when they are asked for: the hot path keeps plain integers only."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from camera_gateway.uplink import Uplinks
from hub.contracts.camera import CameraState

if TYPE_CHECKING:
    from camera_gateway.gateway import Gateway


class GatewayCollector(Collector):
    """Reads one gateway, on its loop."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def collect(self) -> Iterable[Metric]:
        """All families."""
        gateway = self._gateway
        cameras = list(gateway.manager.cameras.values())
        states = GaugeMetricFamily("probe_gateway_cameras", "cameras by state", labels=["state"])
        counted = Counter(camera.condition.state for camera in cameras)
        for state in CameraState:
            states.add_metric([state.value], counted[state])
        yield states
        causes = GaugeMetricFamily(
            "probe_gateway_cameras_by_cause", "cameras by state and cause", labels=["state", "cause"]
        )
        for (state, cause), count in sorted(Counter((c.condition.state, c.condition.cause) for c in cameras).items()):
            causes.add_metric([state.value, cause.value], count)
        yield causes
        pulled = sum(camera.puller.running for camera in cameras)
        yield GaugeMetricFamily("probe_gateway_cameras_pulled", "open, or on their way to be", value=pulled)
        yield GaugeMetricFamily("probe_gateway_viewers", "live pictures open", value=gateway.manager.viewers)
        yield _counter("units_received", "access units from all cameras", sum(c.stream.units for c in cameras))
        yield _counter("keyframes_received", "keyframes from all cameras", sum(c.stream.keyframes for c in cameras))
        yield _counter("media_bytes", "bytes of access units", sum(c.stream.bytes for c in cameras))
        yield _counter("source_failures", "tries that ended", sum(c.puller.failures for c in cameras))
        dropped = sum(c.broadcast.frames_dropped for c in cameras)
        yield _counter("viewer_frames_dropped", "frames that slow viewers were spared", dropped)
        yield from self._webrtc()
        drawn = gateway.transcodings
        yield GaugeMetricFamily("probe_gateway_transcodings", "pictures drawn anew", value=drawn.running)
        yield _mpixels("used", "megapixels a second held of the transcoding budget", drawn.budget.used_pixels_s)
        yield _mpixels("budget", "megapixels a second that may be drawn anew", drawn.budget.pixels_s)
        yield _counter("transcodings_refused", "viewers that the budget did not bear", drawn.refused)
        yield _counter("transcoded_pictures", "pictures drawn anew", drawn.pictures)
        yield _counter("transcode_dropped", "pictures there was no time to draw", drawn.dropped)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        yield _counter("cpu_seconds", "user and system time of this process", usage.ru_utime + usage.ru_stime)
        yield _counter("opens", "connections begun", gateway.ramp.opens)
        yield GaugeMetricFamily("probe_gateway_opens_waiting", "for their turn on the ramp", value=gateway.ramp.waiting)
        yield _counter("knocks", "bare connects to cameras that are dark or at rest", gateway.knocker.knocks)
        yield GaugeMetricFamily("probe_gateway_knocked_for", "dark or at rest", value=gateway.knocker.watched)
        yield from _uplinks(gateway.uplinks)
        yield _counter("frames_published", "keyframes given to the detectors", gateway.frames.published)
        yield _counter("frames_dropped", "keyframes given up while Redis was away", gateway.frames.dropped)
        yield _counter("sweeps", "begun", gateway.sweeps.sweeps)
        yield _counter("sweep_pictures", "keyframes that sweeps gave to the detectors", gateway.sweeps.pictures)
        yield _counter("statuses_published", "words on cameras", gateway.statuses.published)
        yield _counter("tickets_admitted", "tickets that opened something", gateway.admission.admitted)
        yield _counter("tickets_refused", "tickets that did not", gateway.admission.refused)
        yield GaugeMetricFamily("probe_gateway_viewings_waiting", "not yet published", value=gateway.register.waiting)
        yield GaugeMetricFamily("probe_gateway_tasks", "tasks on the loop", value=len(asyncio.all_tasks()))
        yield GaugeMetricFamily("probe_gateway_loop_lag_seconds", "of the last tick", value=gateway.manager.loop_lag_s)

    def _webrtc(self) -> Iterable[Metric]:
        whep, endpoint = self._gateway.whep, self._gateway.whep.endpoint
        repeated = whep.repeated + sum(one.viewer.packets_repeated for one in whep.viewings)
        yield GaugeMetricFamily("probe_gateway_webrtc_viewers", "of them by WebRTC", value=len(whep.viewings))
        worst = max((one.viewer.loss for one in whep.viewings), default=0.0)
        yield GaugeMetricFamily("probe_gateway_webrtc_worst_loss", "share that a browser missed", value=worst)
        yield _counter("webrtc_packets", "RTP packets sent", endpoint.packets_sent if endpoint else 0)
        yield _counter("webrtc_packets_repeated", "sent again because a browser asked", repeated)
        yield _counter("webrtc_keyframes_wanted", "browsers that lost the picture", whep.keyframes_wanted)
        yield _counter("webrtc_strangers", "datagrams of nobody known", endpoint.strangers if endpoint else 0)
        yield _counter("webrtc_unsent", "writes that a full socket refused", endpoint.unsent if endpoint else 0)
        yield GaugeMetricFamily(
            "probe_gateway_webrtc_first_picture_p95_seconds",
            "from a request to its first picture sent, of the last 512",
            value=whep.first_picture_p95_s,
        )


def render(gateway: Gateway) -> bytes:
    """The text of `/metrics`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(GatewayCollector(gateway))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def _uplinks(uplinks: Uplinks) -> Iterable[Metric]:
    """Each line that has a budget. No camera is named: the page says which wait."""
    used = GaugeMetricFamily("probe_gateway_uplink_mbit_s", "taken of it now", labels=["uplink_id"])
    budget = GaugeMetricFamily("probe_gateway_uplink_budget_mbit_s", "what may be taken", labels=["uplink_id"])
    open_ = GaugeMetricFamily("probe_gateway_uplink_connections", "open on it", labels=["uplink_id"])
    most = GaugeMetricFamily("probe_gateway_uplink_budget_connections", "that may be open", labels=["uplink_id"])
    waiting = GaugeMetricFamily("probe_gateway_uplink_waiting", "openings that wait for a place", labels=["uplink_id"])
    for line in uplinks.lines():
        label = [line.uplink.uplink_id]
        used.add_metric(label, round(line.kbps / 1000, 3))
        open_.add_metric(label, line.connections)
        waiting.add_metric(label, line.waiting)
        if line.uplink.mbit_s is not None:
            budget.add_metric(label, line.uplink.mbit_s)
        if line.uplink.connections is not None:
            most.add_metric(label, line.uplink.connections)
    yield from (used, budget, open_, most, waiting)
    yield _counter("gave_way", "cameras closed for the sake of a budget or of somebody before them", uplinks.gave_way)


def _counter(name: str, doc: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"probe_gateway_{name}", doc, value=value)


def _mpixels(name: str, doc: str, pixels_s: int) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"probe_gateway_transcode_{name}_mpixel_s", doc, value=pixels_s / 1e6)
