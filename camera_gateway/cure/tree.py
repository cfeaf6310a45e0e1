"""A piece of a camera's answer with some of its values changed, or kept for later. Pure; nothing of it is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pydantic import ValidationError

from camera_gateway.onvif.answer import Answer
from camera_gateway.onvif.service import SCHEMA
from hub.contracts.cure import XmlTree
from hub.errors import ErrorKind, HubError

MOST_ELEMENTS: Final = 1_000  # a configuration has about twenty


def kept(told: Answer) -> XmlTree:
    """To be stored. Raises HubError PROTOCOL `camera_gateway.onvif_garbled` for what no camera needs to tell."""
    if _size(told) > MOST_ELEMENTS:
        raise HubError(ErrorKind.PROTOCOL, "camera_gateway.onvif_garbled")
    try:
        return _kept(told)
    except ValidationError as error:
        raise HubError(ErrorKind.PROTOCOL, "camera_gateway.onvif_garbled") from error


def _kept(told: Answer) -> XmlTree:
    return XmlTree(
        name=told.name,
        namespace=told.namespace,
        text=told.text,
        attributes=dict(told.attributes),
        children=tuple(_kept(child) for child in told.children),
    )


def _size(told: Answer) -> int:
    return 1 + sum(_size(child) for child in told.children)


def given(tree: XmlTree) -> Answer:
    """As it was read."""
    children = tuple(given(child) for child in tree.children)
    return Answer(tree.name, tree.namespace, tree.text, dict(tree.attributes), children)


def with_attribute(told: Answer, name: str, value: str | None) -> Answer:
    """With that attribute, or without it."""
    others = {key: one for key, one in told.attributes.items() if key != name}
    return replace(told, attributes=others if value is None else {**others, name: value})


def with_child(told: Answer, child: Answer, *, after: tuple[str, ...] = ()) -> Answer:
    """With `child` in the place of the one of its name, else behind the last that is named in `after`."""
    children = list(told.children)
    for at, one in enumerate(children):
        if one.name == child.name:
            children[at] = child
            return replace(told, children=tuple(children))
    behind = max((at + 1 for at, one in enumerate(children) if one.name in after), default=len(children))
    children.insert(behind, child)
    return replace(told, children=tuple(children))


def without(told: Answer, *names: str) -> Answer:
    """Without the children of these names."""
    return replace(told, children=tuple(one for one in told.children if one.name not in names))


def with_texts(told: Answer, values: Mapping[str, str]) -> Answer:
    """With these texts in the children of these names; one that is not there is added at the end."""
    for name, value in values.items():
        old = told.at(name)
        child = replace(old, text=value) if old else Answer(name, SCHEMA, value)
        told = with_child(told, child)
    return told
