"""An ONNX model of a known family run by OpenVINO on the CPU, in the thread that asks.

Bytes go in as they are (uint8, height x width x 3): the change of layout and the normalisation are part of the compiled
graph. The input buffer is written in place, never copied. The only file that imports openvino. Not thread-safe.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino.preprocess import PrePostProcessor

from analytics.detections import Detections
from analytics.detectors.nanodet import Nanodet
from analytics.detectors.yolox import Yolox
from hub.errors import ErrorKind, HubError
from hub.picture import Picture

FAMILIES: dict[str, type[Yolox] | type[Nanodet]] = {"yolox": Yolox, "nanodet": Nanodet}


class _Family(Protocol):
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]

    def output_shapes(self) -> list[tuple[int, ...]]: ...
    def fill(self, picture: Picture, into: NDArray[np.uint8]) -> None: ...
    def read(self, outputs: Sequence[NDArray[np.float32]], resolution_wh: tuple[int, int]) -> Detections: ...


class OpenVinoDetector:
    """One compiled model. Raises HubError INVALID `analytics.model_shape` where the file is not of that family."""

    def __init__(
        self,
        file: Path,
        *,
        name: str,
        family: str,
        size_px: int,
        labels: tuple[str, ...],
        least_confidence: float,
        threads: int = 1,
    ) -> None:
        self._name = name
        self._family: _Family = FAMILIES[family](size_px, labels, least_confidence)
        core = ov.Core()
        try:
            model = core.read_model(str(file))
            self._check(model, size_px)
            compiled = core.compile_model(
                _with_input_of_bytes(model, self._family),
                "CPU",
                {
                    "INFERENCE_NUM_THREADS": threads,
                    "NUM_STREAMS": 1,
                    "PERFORMANCE_HINT": "LATENCY",
                    "INFERENCE_PRECISION_HINT": "f32",
                },
            )
        except RuntimeError as error:
            raise _misshapen(name, str(error).strip().splitlines()[-1]) from error
        self._request = compiled.create_infer_request()
        self._input: NDArray[np.uint8] = np.zeros((1, size_px, size_px, 3), np.uint8)
        self._request.set_input_tensor(ov.Tensor(self._input, shared_memory=True))

    @property
    def name(self) -> str:
        """`openvino:<model>`."""
        return f"openvino:{self._name}"

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """One inference a picture, one after the other."""
        found = []
        for picture in pictures:
            self._family.fill(picture, self._input[0])
            self._request.infer()
            outputs = [tensor.data for tensor in self._request.output_tensors]
            found.append(self._family.read(outputs, (picture.shape[1], picture.shape[0])))
        return found

    def _check(self, model: Any, size_px: int) -> None:
        wanted = ([(1, 3, size_px, size_px)], self._family.output_shapes())
        try:
            given = tuple([tuple(int(side) for side in port.shape) for port in ports] for ports in _ports(model))
        except RuntimeError as error:  # a shape that is not fixed
            raise _misshapen(self._name, "dynamic shape") from error
        if given != wanted:
            raise _misshapen(self._name, f"{given} != {wanted}")


def _ports(model: Any) -> tuple[Any, Any]:
    return model.inputs, model.outputs


def _with_input_of_bytes(model: Any, family: _Family) -> Any:
    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().model().set_layout(ov.Layout("NCHW"))
    change = steps.input().preprocess().convert_element_type(ov.Type.f32)
    if any(family.mean):
        change.mean(list(family.mean)).scale(list(family.deviation))
    return steps.build()


def _misshapen(name: str, reason: str) -> HubError:
    return HubError(ErrorKind.INVALID, "analytics.model_shape", model=name, reason=reason)
