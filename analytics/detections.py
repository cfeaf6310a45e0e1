"""What was found in one picture: the one value that steps of analytics hand to each other.

Columns, not objects: a rule over two hundred boxes is one numpy expression. Frozen, its arrays read-only, so any thread
may hold it. Never holds a picture, never decides anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub.contracts.look import Box

MOTION = "motion"
"""The label of a moving patch, which is no class of any model."""


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """N boxes of one picture.

    `xyxy`: (N, 4) float32 pixels of `resolution_wh`, corners x1 <= x2, y1 <= y2. `confidence`: (N,) float32, 0..1.
    `class_id`: (N,) int32, places in `labels`. Raises ValueError where the columns do not fit each other.
    """

    xyxy: NDArray[np.float32]
    confidence: NDArray[np.float32]
    class_id: NDArray[np.int32]
    labels: tuple[str, ...]
    resolution_wh: tuple[int, int]

    def __post_init__(self) -> None:
        count = len(self.xyxy)
        if self.xyxy.shape != (count, 4) or self.confidence.shape != (count,) or self.class_id.shape != (count,):
            raise ValueError("columns of different length")
        if count and not 0 <= int(self.class_id.min()) <= int(self.class_id.max()) < len(self.labels):
            raise ValueError("a class without a label")
        for column in (self.xyxy, self.confidence, self.class_id):
            column.setflags(write=False)

    @classmethod
    def none(cls, resolution_wh: tuple[int, int], labels: tuple[str, ...] = ()) -> Detections:
        """Nothing found."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32), labels, resolution_wh)

    @classmethod
    def of_boxes(cls, boxes: Sequence[Box], resolution_wh: tuple[int, int]) -> Detections:
        """Boxes of the wire, 0..1, as pixels of `resolution_wh`."""
        labels = tuple(dict.fromkeys(box.label for box in boxes))
        xyxy = np.array([(b.x1, b.y1, b.x2, b.y2) for b in boxes], np.float32).reshape(-1, 4)
        return cls(
            xyxy * np.array(resolution_wh * 2, np.float32),
            np.array([box.confidence for box in boxes], np.float32),
            np.array([labels.index(box.label) for box in boxes], np.int32),
            labels,
            resolution_wh,
        )

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, rows: slice | NDArray[np.bool_] | NDArray[np.intp]) -> Detections:
        """Some of the rows, by slice, mask or places."""
        return Detections(self.xyxy[rows], self.confidence[rows], self.class_id[rows], self.labels, self.resolution_wh)

    def label(self, row: int) -> str:
        """The label of one box."""
        return self.labels[int(self.class_id[row])]

    def labelled(self, wanted: Sequence[str]) -> NDArray[np.bool_]:
        """(N,) which boxes carry one of the labels."""
        places = [place for place, label in enumerate(self.labels) if label in wanted]
        return np.isin(self.class_id, places)

    def joined(self, other: Detections) -> Detections:
        """Both, of one picture, under one label table. Raises ValueError for pictures of different size."""
        if self.resolution_wh != other.resolution_wh:
            raise ValueError("boxes of pictures of different size")
        labels = tuple(dict.fromkeys((*self.labels, *other.labels)))
        moved = [
            np.array([labels.index(label) for label in part.labels], np.int32)[part.class_id]
            if len(part)
            else part.class_id
            for part in (self, other)
        ]
        return Detections(
            np.concatenate((self.xyxy, other.xyxy)),
            np.concatenate((self.confidence, other.confidence)),
            np.concatenate(moved),
            labels,
            self.resolution_wh,
        )

    def to_boxes(self) -> tuple[Box, ...]:
        """For the wire: corners 0..1, cut at the picture's edges; boxes wholly outside or of no area are left out."""
        shares = self.xyxy / np.array(self.resolution_wh * 2, np.float32)
        shares = np.clip(np.round(shares.astype(np.float64), 5), 0.0, 1.0)
        kept = (shares[:, 0] < shares[:, 2]) & (shares[:, 1] < shares[:, 3])
        return tuple(
            Box(
                label=self.label(row),
                confidence=round(float(np.clip(self.confidence[row], 0, 1)), 4),
                x1=x1,
                y1=y1,
                x2=x2,
                y2=y2,
            )
            for row, (x1, y1, x2, y2) in enumerate(shares.tolist())
            if kept[row]
        )
