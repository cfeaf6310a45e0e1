"""Counters, gauges and histograms of this process, in Prometheus' text form.

One registry of our own (no platform collectors by surprise). Names begin with `probe_`; labels are few and bounded:
never a camera's name, never a user. Any thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

registry = CollectorRegistry()
ProcessCollector(registry=registry)
_made: dict[str, Counter | Gauge | Histogram] = {}


def counter(name: str, doc: str, labels: Sequence[str] = ()) -> Counter:
    """The counter of this name; made at the first call."""
    made = _made.get(name)
    if made is None:
        made = _made[name] = Counter(name, doc, labels, registry=registry)
    assert isinstance(made, Counter), f"{name} is no counter"  # noqa: S101 - a slip of ours
    return made


def gauge(name: str, doc: str, labels: Sequence[str] = ()) -> Gauge:
    """The gauge of this name; made at the first call."""
    made = _made.get(name)
    if made is None:
        made = _made[name] = Gauge(name, doc, labels, registry=registry)
    assert isinstance(made, Gauge), f"{name} is no gauge"  # noqa: S101 - a slip of ours
    return made


def histogram(name: str, doc: str, labels: Sequence[str] = (), buckets: Sequence[float] | None = None) -> Histogram:
    """The histogram of this name; made at the first call. `buckets` are upper bounds in the unit of the name."""
    made = _made.get(name)
    if made is None:
        bounds = Histogram.DEFAULT_BUCKETS if buckets is None else tuple(buckets)
        made = _made[name] = Histogram(name, doc, labels, registry=registry, buckets=bounds)
    assert isinstance(made, Histogram), f"{name} is no histogram"  # noqa: S101 - a slip of ours
    return made


def render() -> bytes:
    """The body of `/metrics`."""
    return generate_latest(registry)
