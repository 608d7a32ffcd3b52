"""Repeat fetches that depend on no placeholder, such as constants and variables, for each row."""

from __future__ import annotations

from dataclasses import replace

from tfspark_magic.graph.nodes import operation_of, parse, reached
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.schema.spec import TensorSpec
from tfspark_magic.schema.tensorflow import shape_from_tensorflow

_ROWS = "tfspark_magic_rows"


def independent(program: Program) -> frozenset[str]:
    """Return the names of the outputs that depend on no placeholder."""
    inputs = {node.name: list(map(operation_of, node.input)) for node in parse(program).node}
    fed = {spec.operation for spec in program.inputs}
    return frozenset(
        spec.name
        for spec in program.outputs
        if fed.isdisjoint(reached([spec.operation], lambda name: inputs.get(name, ())))
    )


def for_each_row(program: Program, *, per_row: bool, trim: bool) -> Program:
    """Repeat each output that depends on no placeholder for each row; with `trim`, keep its own rows.

    >>> for_each_row(three, per_row=False, trim=False)              # doctest: +SKIP
    Program three: tfspark_magic_rows bool[?] -> z float32[?]

    The first placeholder gives the number of rows. A program without a placeholder gets one, which
    is fed any value for each row.
    """
    alone = independent(program)
    # Vectorizing repeats the constant outputs of a row graph, and trimmed outputs belong to the
    # block. Only the number of rows, or the presence of a block, must come from a placeholder.
    if not alone or (program.inputs and (per_row or trim)):
        return program
    with tf.Graph().as_default() as graph:
        tf1.import_graph_def(parse(program), name="")
        if program.inputs:
            inputs = program.inputs
            rows = graph.get_tensor_by_name(inputs[0].tensor)
        else:
            rows = tf1.placeholder(tf.bool, [] if per_row else [None], name=_ROWS)
            shape = shape_from_tensorflow(rows.shape)
            inputs = (TensorSpec(rows.op.name, rows.name, "bool", shape),)
        outputs = []
        for spec in program.outputs:
            value = graph.get_tensor_by_name(spec.tensor)
            if spec.name in alone:
                value = _of_rows(value, rows, per_row=per_row, trim=trim)
            shape = shape_from_tensorflow(value.shape)
            outputs.append(replace(spec, tensor=value.name, shape=shape))
        graph_def = graph.as_graph_def().SerializeToString(deterministic=True)
    return replace(program, graph_def=graph_def, inputs=inputs, outputs=tuple(outputs))


def _of_rows(value: tf.Tensor, rows: tf.Tensor, *, per_row: bool, trim: bool) -> tf.Tensor:
    if per_row:
        return tf.where(rows, value, value)
    if trim:
        return tf.where(tf.size(rows) > 0, value, value)
    count = tf.shape(rows)[:1]
    return tf.gather(tf.expand_dims(value, 0), tf.zeros(count, tf.int32))
