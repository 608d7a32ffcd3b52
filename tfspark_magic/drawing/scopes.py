"""Build the tree of name scopes, and join runs of similar members.

`scope_tree` makes the tree; `fold_runs` finds `layer_1 ... layer_50` among the members of one
scope; `cut_into_bands` joins the remaining members into a few bands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any, Literal

import numpy as np

from tfspark_magic.drawing.plumbing import Item

_DIGITS = re.compile(r"\d+")
_LONGEST_PERIOD = 64
_FEWEST_REPEATS = 3
_FEWEST_FOLDED = 4


@dataclass(eq=False)
class Group:
    """A group, which is drawn as one node, or opened to show its members.

    Parameters
    ----------
    kind
        `scope`, a name scope; `series`, similar members; `step`, one repetition of several members;
        `band`, neighbours that are not similar.
    path
        The path of the scope, or of the scope around the group.
    members
        In the order of the computation.
    """

    kind: Literal["scope", "series", "step", "band"]
    path: str
    members: list[Member] = field(default_factory=list)
    operations: int = 0
    form: Hashable = None
    """Equal for groups that hold the same operations in the same order."""
    tokens: list[int] = field(default_factory=list)
    """The number of each member's likeness."""
    words: tuple[str, ...] | None = None
    """What it is, once somebody has looked: `kinds.words_of`."""

    def settle(self, members: Iterable[Member], forms: dict[Hashable, int]) -> Group:
        """Set the final members, and compute their summary."""
        self.members = list(members)
        self.operations = sum([member.operations for member in self.members])
        # Forms are numbered, because comparing nested tuples would visit whole subtrees again and
        # again.
        self.tokens = [forms.setdefault(likeness(member), len(forms)) for member in self.members]
        self.form = forms.setdefault(tuple(self.tokens), len(forms))
        self.words = None
        return self

    def leaves(self) -> Iterator[Item]:
        """Yield all operations inside."""
        stack = self.members[::-1]
        while stack:
            member = stack.pop()
            if isinstance(member, Item):
                yield member
            else:
                stack.extend(reversed(member.members))


Member = Item | Group


def name_of(member: Member) -> str:
    """Return an operation's name or a scope's path; for other groups, the name of the first member."""
    while not isinstance(member, Item):
        if member.kind == "scope":
            return member.path
        member = member.members[0]
    return member.name


def last_name_of(group: Group) -> str:
    """Return the name of a group's last member."""
    member: Member = group
    while not isinstance(member, Item) and (member is group or member.kind != "scope"):
        member = member.members[-1]
    return name_of(member)


def span_of(group: Group) -> str:
    """Return the names of a group's first and last member."""
    first, last = name_of(group), last_name_of(group)
    return first if first == last else f"{first} … {last}"


def call_of(group: Group) -> Item | None:
    """Return the operation whose functions are a scope: a loop, branches or a call; else None."""
    if group.kind != "scope":
        return None
    calls = (m for m in group.members if isinstance(m, Item) and m.node.opens)
    return next((call for call in calls if call.name == group.path), None)


def stem(name: str) -> str:
    """Return the common part of a name and its siblings with other numbers.

    >>> stem("tower/layer_12"), stem("layer"), stem("conv2_block1")
    ('layer', 'layer', 'conv#_block#')
    """
    return _stem(name.rpartition("/")[2])


@lru_cache(maxsize=65_536)
def _stem(name: str) -> str:
    found = _DIGITS.sub("#", name)
    while found.endswith("_#"):
        found = found[:-2]
    return found


def likeness(member: Member) -> Hashable:
    """Return a key that is equal for members with similar names and the same operations."""
    if isinstance(member, Item):
        return stem(member.node.name), member.node.op
    return stem(name_of(member)), member.form


def scope_tree(items: Sequence[Item], forms: dict[Hashable, int]) -> Group:
    """Arrange items by scope; a scope of one operation is left out.

    Parameters
    ----------
    items
        In the order of the computation.
    forms
        Filled with the numbers of the groups' forms.
    """
    root = Group("scope", "")
    groups = {"": root}
    for item in items:
        missing = []
        scope = item.scope
        while scope not in groups:
            missing.append(scope)
            scope = scope.rpartition("/")[0]
        for path in reversed(missing):
            groups[path] = Group("scope", path)
            groups[path.rpartition("/")[0]].members.append(groups[path])
        groups[item.scope].members.append(item)
    # The deepest first, so that the members of a scope are final before the scope.
    for group in sorted(groups.values(), key=lambda group: -len(group.path.split("/"))):
        if group is not root:
            group.settle(chain.from_iterable(map(_spread, group.members)), forms)
    return root.settle(chain.from_iterable(map(_spread, root.members)), forms)


def _spread(member: Member) -> list[Member]:
    """Return a scope's members if there are too few for a box around them."""
    if isinstance(member, Item):
        return [member]
    substantial = filter(_is_substantial, member.members)
    is_box = next(substantial, None) is not None and next(substantial, None) is not None
    return [member] if is_box else member.members


def _is_substantial(member: Member) -> bool:
    return not (
        isinstance(member, Item) and member.node.role == "constant" and member.node.constant
    )


def fold_runs(
    group: Group, pinned: Collection[str], forms: dict[Hashable, int], *, loosely: bool = False
) -> list[Member]:
    """Return a group's members, with each run of similar members joined to a series.

    `layer_1, layer_2, ... layer_50` is a run, and so is `mul, add, mul_1, add_1, ...`, a run of
    steps of two.

    Parameters
    ----------
    group
        A settled group.
    pinned
        Names of operations that are not changed.
    forms
        The forms from `scope_tree`.
    loosely
        Whether a similar name is enough, even if the operations differ.
    """
    folded: list[Member] = [m for m in group.members if isinstance(m, Item) and m.name in pinned]
    tokens: Sequence[Hashable] = group.tokens
    free = group.members
    if folded:
        fixed = set(map(id, folded))
        tokens = [t for t, m in zip(tokens, free, strict=True) if id(m) not in fixed]
        free = [m for m in free if id(m) not in fixed]
    if loosely:
        tokens = [stem(name_of(m)) for m in free]
    position = 0
    for start, period, count in find_runs(tokens):
        folded += free[position:start]
        position = start + period * count
        steps: list[Member] = [
            free[first]
            if period == 1
            else Group("step", group.path).settle(free[first : first + period], forms)
            for first in range(start, position, period)
        ]
        folded.append(Group("series", group.path).settle(steps, forms))
    return folded + free[position:]


def find_runs(tokens: Sequence[Hashable]) -> list[tuple[int, int, int]]:
    """Find (start, period, count) of repetitions that do not overlap, in order."""
    found = []
    numbers: dict[Hashable, int] = {}
    codes = np.array([numbers.setdefault(token, len(numbers)) for token in tokens])
    for period in range(1, min(_LONGEST_PERIOD, len(tokens) // _FEWEST_REPEATS) + 1):
        equal = (codes[:-period] == codes[period:]).tobytes()
        for run in re.finditer(b"\x01{%d,}" % ((_FEWEST_REPEATS - 1) * period), equal):
            count = (run.end() - run.start()) // period + 1
            if count * period >= _FEWEST_FOLDED:
                found.append((run.start(), period, count))
    # The longest repetition comes first; of equal ones, the one with the shortest period.
    found.sort(key=lambda run: (-run[1] * run[2], run[1], run[0]))
    taken = bytearray(len(tokens))
    chosen = []
    for start, period, count in found:
        end = start + period * count
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            chosen.append((start, period, count))
    return sorted(chosen)


def cut_into_bands(
    path: str, members: Sequence[Member], limit: int, forms: dict[Hashable, int]
) -> list[Member]:
    """Join neighbours, the smallest first, until at most `limit` members are left."""
    sums = np.cumsum([member.operations for member in members])
    low, high = 1, int(sums[-1]) if members else 1
    while low < high:
        middle = (low + high) // 2
        if len(_starts(sums, middle, limit)) <= limit:
            high = middle
        else:
            low = middle + 1
    starts = _starts(sums, high, limit)
    pieces = [members[a:b] for a, b in pairwise([*starts, len(members)])]
    return [
        piece[0] if len(piece) == 1 else Group("band", path).settle(piece, forms)
        for piece in pieces
    ]


def _starts(sums: np.ndarray[Any, Any], most: int, limit: int) -> list[int]:
    """Join neighbours as long as they hold at most `most` operations together; say where each begins.

    One more than `limit` is enough.
    """
    starts: list[int] = []
    at = 0
    while at < len(sums) and len(starts) <= limit:
        starts.append(at)
        before = sums[at - 1] if at else 0
        at = max(at + 1, int(np.searchsorted(sums, before + most, side="right")))
    return starts
