"""Find the placeholders of each fetch of a reduction, by the names of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tfspark_magic.errors import ReductionError
from tfspark_magic.graph.program import Program

BLOCKS, ROWS, GROUPS = "reduce_blocks", "reduce_rows", "aggregate"

SUFFIXES = {BLOCKS: ("_input",), ROWS: ("_1", "_2"), GROUPS: ("_input",)}
"""The suffixes that placeholders have after the name of their fetch."""


def sources_of(program: Program, verb: str) -> dict[str, tuple[str, ...]]:
    """Return the placeholders from which each fetch must be made.

    >>> sources_of(largest, "reduce_rows")                          # doctest: +SKIP
    {'z': ('z_1', 'z_2')}
    """
    suffixes = SUFFIXES[verb]
    return {spec.name: tuple(spec.name + end for end in suffixes) for spec in program.outputs}


def fetch_of(placeholder: str) -> str:
    """Return the fetch that a reduction makes from a placeholder.

    >>> fetch_of("z_input"), fetch_of("z_2"), fetch_of("z")
    ('z', 'z', 'z')
    """
    ends = (end for suffixes in SUFFIXES.values() for end in suffixes)
    return next((placeholder.removesuffix(e) for e in ends if placeholder.endswith(e)), placeholder)


def misnamed(program: Program, verb: str) -> tuple[list[str], list[str]]:
    """Return the placeholders that a reduction lacks, and the placeholders that belong to no fetch."""
    expected = [name for names in sources_of(program, verb).values() for name in names]
    found = [spec.name for spec in program.inputs]
    return [n for n in expected if n not in found], [n for n in found if n not in expected]


def named_reduction(program: Program) -> str | None:
    """Return the reduction of all rows that has names of this form; None if there is none."""
    return next((verb for verb in (BLOCKS, ROWS) if not any(misnamed(program, verb))), None)


def checked_sources(program: Program, verb: str) -> dict[str, tuple[str, ...]]:
    """Return the placeholders of each fetch.

    Raises
    ------
    ReductionError
        If the program has others.
    """
    sources, suffixes = sources_of(program, verb), SUFFIXES[verb]
    missing, strange = misnamed(program, verb)
    if missing:
        fetch, found = fetch_of(missing[0]), [spec.name for spec in program.inputs]
        needs = " and ".join(repr(name) for name in sources[fetch])
        takes = ", ".join(map(repr, found)) or "no placeholder"
        kind = "two cells" if verb == ROWS else "a block"
        raise ReductionError(
            f"In {verb}, fetch {fetch!r} is made from {needs}, {kind} of the column to reduce, "
            f"and the graph takes {takes}: {_renaming(fetch, sources, found, suffixes)}."
        )
    if strange:
        raise ReductionError(
            f"In {verb}, placeholder {strange[0]!r} belongs to no fetch: a fetch z is made from "
            f"{' and '.join('z' + suffix for suffix in suffixes)}, and from those of other fetches. "
            f"Make it a constant, or fetch its reduction too."
        )
    return sources


def _renaming(
    fetch: str,
    sources: Mapping[str, tuple[str, ...]],
    found: Sequence[str],
    suffixes: tuple[str, ...],
) -> str:
    """Say which new names make a fetch fit its placeholders."""
    stems = [name.removesuffix(suffixes[0]) for name in found if name.endswith(suffixes[0])]
    for stem in stems:
        if stem not in sources and all(stem + suffix in found for suffix in suffixes):
            return (
                f"give the fetch the name {stem!r}, by tf.identity({fetch}, name={stem!r}) or "
                f"tfs.load(..., outputs={{{fetch!r}: {stem!r}}})"
            )
    taken = {name for names in sources.values() for name in names}
    free = [name for name in found if name not in taken]
    needed = [name for name in sources[fetch] if name not in found]
    names = dict(zip(free, needed, strict=False))
    if len(names) < len(needed):
        return "make the fetch from placeholders of these names"
    told = " and ".join(f"{new!r} for {old!r}" for old, new in names.items())
    return f"give the fed placeholders other names, {told}, or pass tfs.load(..., inputs={names!r})"
