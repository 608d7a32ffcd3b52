"""Fold a tall network into its stages, by what its layers are and not by their names.

The layers of ResNet or MobileNet repeat, but their names and sizes differ, and some repetitions have
a padding or a convolution more. `fold_stages` cuts a group where all of its data passes through one
member, and joins what repeats: a residual block counts by the layers of its longest path. Such a run
is cut again where the size of the images changes.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from itertools import groupby

from tfspark_magic.drawing.kinds import WITH_WEIGHTS, words_of
from tfspark_magic.drawing.plumbing import Item
from tfspark_magic.drawing.scopes import Group, Member, find_runs

_TALL = 16
_MOST_STAGES = 8
_FIRST = ("Conv", "DepthwiseConv", "Dense")
_IMAGES = 4
"""The rank of a block of images."""


def fold_stages(
    group: Group, pinned: Collection[str], forms: dict[Hashable, int]
) -> list[Member] | None:
    """Return a group's members with its stages joined; None if it has no layers, or is not tall.

    A stage repeats layers with weights, because a network is told by them.

    Parameters
    ----------
    group
        A settled group.
    pinned
        Names of operations that are not changed.
    forms
        The forms from `scope_tree`.
    """
    if len(group.members) < _TALL:
        return None
    if not any(item.node.op in WITH_WEIGHTS for item in group.leaves()):
        return None
    fixed: list[Member] = [m for m in group.members if isinstance(m, Item) and m.name in pinned]
    free = [m for m in group.members if not (isinstance(m, Item) and m.name in pinned)]
    said = _with_idle(_cut(free))
    pieces = [piece for piece, _ in said]
    tokens: list[Hashable] = [words or _contents(piece) for piece, words in said]
    folded: list[Member] = []
    position = 0
    runs = [_from_layer(tokens, *run) for run in find_runs(tokens)]
    for start, period, count in runs:
        if not has_weights(tokens[start]):
            continue
        folded += [member for piece in pieces[position:start] for member in piece]
        position = start + period * count
        steps = [
            Group("step", group.path).settle(
                [member for piece in pieces[first : first + period] for member in piece], forms
            )
            for first in range(start, position, period)
        ]
        folded += _stages(group.path, steps, forms)
    folded += [member for piece in pieces[position:] for member in piece]
    return fixed + folded


def path_words(members: Sequence[Member]) -> tuple[str, ...]:
    """Say what the members on the longest way through them are, in order."""
    if len(members) == 1:
        return words_of(members[0])
    words = [words_of(member) for member in members]
    if not any(words):
        return ()
    before: list[int | None] = []
    lengths: list[int] = []
    for taken, said in zip(_inputs(members), words, strict=True):
        source = max(taken, key=lengths.__getitem__, default=None)
        before.append(source)
        lengths.append(len(said) + (0 if source is None else lengths[source]))
    way: list[tuple[str, ...]] = []
    at: int | None = max(range(len(members)), key=lengths.__getitem__)
    while at is not None:
        way.append(words[at])
        at = before[at]
    return tuple(word for said in reversed(way) for word in said)


def _stages(path: str, steps: list[Group], forms: dict[Hashable, int]) -> list[Member]:
    """Join steps as long as their images have one size."""
    stages = [list(found) for _, found in groupby(steps, _size)]
    if len(stages) > _MOST_STAGES:
        stages = [steps]
    return [
        Group("series", path).settle(stage, forms) if len(stage) > 1 else stage[0]
        for stage in stages
    ]


def _from_layer(
    tokens: Sequence[Hashable], start: int, period: int, count: int
) -> tuple[int, int, int]:
    """Let the steps of a run begin with a layer that has weights, if one does."""
    for shift in range(period):
        if has_weights(tokens[start + shift]):
            shifted = tokens[start + shift : start + shift + period * count]
            is_whole = len(shifted) == period * count and shifted[period:] == shifted[:-period]
            return start + shift, period, count if is_whole or not shift else count - 1
    return start, period, count


def has_weights(words: Hashable) -> bool:
    """Whether the first of some words is a layer with weights."""
    return isinstance(words, tuple) and bool(words) and str(words[0]).startswith(_FIRST)


def _size(step: Group) -> Hashable:
    items = [item for item in step.leaves() if item.node.role in {"op", "fetch"}]
    outputs = items[-1].node.outputs if items else ()
    shape = outputs[0].shape if outputs else None
    return shape[1:-1] if shape is not None and len(shape) == _IMAGES else None


def _contents(piece: Sequence[Member]) -> Hashable:
    return tuple(m.node.op if isinstance(m, Item) else m.form for m in piece)


def _cut(members: Sequence[Member]) -> list[list[Member]]:
    """Cut after each member through which all data passes that later members take."""
    # What takes nothing from others, such as a weight, stands with the first that takes it.
    inputs = _inputs(members)
    reach = list(range(len(members)))
    for at, taken in enumerate(inputs):
        for source in taken:
            reach[source] = max(reach[source], at)
    pieces: list[list[Member]] = [[]]
    furthest = 0
    for at, member in enumerate(members):
        pieces[-1].append(member)
        if furthest <= at and at + 1 < len(members):
            pieces.append([])
        furthest = max(furthest, reach[at])
    return pieces


def _with_idle(pieces: list[list[Member]]) -> list[tuple[list[Member], tuple[str, ...]]]:
    """Join what has no word, such as a padding, to what follows it; return all with their words."""
    joined: list[tuple[list[Member], tuple[str, ...]]] = []
    waiting: list[Member] = []
    for piece in pieces:
        words = path_words(piece)
        if not words and all(_is_idle(member) for member in piece):
            waiting += piece
        else:
            joined.append((waiting + piece, words))
            waiting = []
    return [*joined, (waiting, ())] if waiting else joined


def _is_idle(member: Member) -> bool:
    return isinstance(member, Item) or member.operations <= _IMAGES


def _inputs(members: Sequence[Member]) -> list[set[int]]:
    """Return for each member the earlier members whose tensors it takes."""
    at: dict[str, int] = {}
    items: list[list[Item]] = []
    for number, member in enumerate(members):
        items.append([member] if isinstance(member, Item) else list(member.leaves()))
        for item in items[-1]:
            at[item.node.name] = number
    return [
        {
            at[edge.source]
            for item in inside
            for edge in item.inputs
            if at.get(edge.source, number) < number
        }
        for number, inside in enumerate(items)
    ]
