"""Which detector is in use, and why: the one place that decides. Blocks while a model is compiled; start-up only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.detectors.base import Detector
from analytics.detectors.hog import HogDetector
from analytics.weights import Model, Weights
from hub.errors import HubError
from hub.settings import AnalyticsSettings

if TYPE_CHECKING:
    from analytics.detectors.openvino import OpenVinoDetector


@dataclass(frozen=True, slots=True)
class Choice:
    """What will be used: `name` as looks carry it, `reason` a code of `hub/messages` that says why.

    `model` is set where one is used. `with_motion`: moving patches are reported for every camera, because nothing
    better finds them; otherwise only for cameras whose rules ask for `motion`.
    """

    name: str
    reason: str
    model: Model | None
    with_motion: bool


def choose(settings: AnalyticsSettings, weights: Weights) -> Choice:
    """By the settings; `auto` takes the model when its file is there and right, else `hog` and `motion`.

    Raises HubError where the settings name `openvino` and its model is absent, wrong or forbidden.
    """
    if settings.detector == "motion":
        return Choice("motion", "analytics.why_set", None, True)
    if settings.detector == "hog":
        return Choice("hog", "analytics.why_set", None, False)
    if settings.detector == "openvino":
        weights.path(settings.model)
        return Choice(f"openvino:{settings.model}", "analytics.why_set", weights.model(settings.model), False)
    try:
        weights.path(settings.model)
    except HubError as error:
        why = "analytics.why_no_model" if error.code == "analytics.model_absent" else "analytics.why_model_refused"
        return Choice("hog+motion", why, None, True)
    return Choice(f"openvino:{settings.model}", "analytics.why_model_present", weights.model(settings.model), False)


def load(choice: Choice, settings: AnalyticsSettings, weights: Weights) -> Detector | None:
    """The detector of a choice; None where moving patches are all that is wanted."""
    if choice.model is not None:
        return open_model(choice.model, settings, weights)
    return HogDetector(settings.least_confidence) if choice.name.startswith("hog") else None


def open_model(model: Model, settings: AnalyticsSettings, weights: Weights) -> OpenVinoDetector:
    """A declared model, compiled."""
    from analytics.detectors.openvino import OpenVinoDetector  # half a second of start, for those who have a model

    return OpenVinoDetector(
        weights.path(model.name),
        name=model.name,
        family=model.family,
        size_px=model.input.width_px,
        labels=model.classes,
        least_confidence=settings.least_confidence,
        threads=settings.threads,
    )
