"""Make the twin of a loop that keeps the loop's variables as they were before the last turn."""

from __future__ import annotations

from typing import Any

from tfspark_magic.graph.nodes import inputs_of
from tfspark_magic.graph.runtime import tf, tf1

TWIN = "/last_turn"
"""What follows the name of a loop in the name of its twin."""

INT32 = tf.int32.as_datatype_enum


def last_turn(
    loop: Any, cond: Any, body: Any, name: str, ran: str
) -> tuple[list[Any], dict[str, Any]]:
    """Return the operations of the twin, and the functions that it needs, by their names.

    The twin takes the loop's variables twice, and a number. A turn makes the variables from the
    first half as the loop does, puts the first half into the second, and adds 1 to the number. So
    its outputs are the loop's, then the variables before the last turn, then the number of turns.

    Parameters
    ----------
    loop, cond, body
        The loop, and its functions.
    name
        The name of the twin.
    ran
        The name of an operation that is 1 if there was a turn, else 0.
    """
    tensors, control = inputs_of(loop.input)
    types = [arg.type for arg in body.signature.input_arg]
    zero, one = int_constant(f"{name}/zero", 0), int_constant(f"{name}/one", 1)
    twin = tf1.NodeDef(name=name, op=loop.op)
    twin.input.extend([*tensors, *tensors, zero.name, *(f"^{one}" for one in control)])
    twin.attr["T"].list.type.extend([*types, *types, INT32])
    for key in ("parallel_iterations", "_lower_using_switch_merge"):
        if key in loop.attr:
            twin.attr[key].CopyFrom(loop.attr[key])
    shapes = loop.attr["output_shapes"].list.shape
    if shapes:
        scalar = tf.TensorShape([]).as_proto()
        twin.attr["output_shapes"].list.shape.extend([*shapes, *shapes, scalar])
    asks, turns = _asks(cond, types), _turns(body, types)
    twin.attr["cond"].func.name = asks.signature.name
    twin.attr["body"].func.name = turns.signature.name
    least = tf1.NodeDef(name=ran, op="Minimum", input=[f"{name}:{2 * len(types)}", one.name])
    least.attr["T"].type = INT32
    functions = {function.signature.name: function for function in (asks, turns)}
    return [zero, one, twin, least], functions


def _function(of: Any, types: list[int]) -> tuple[Any, list[str]]:
    """Return a function of the twin's variables, which calls one of the loop's; and their names."""
    function = type(of)()
    function.signature.name = f"{of.signature.name}__of_twin"
    now = [f"now{at}" for at in range(len(types))]
    before = [f"before{at}" for at in range(len(types))]
    for arg, kind in zip([*now, *before], [*types, *types], strict=True):
        function.signature.input_arg.add(name=arg, type=kind)
    function.signature.input_arg.add(name="turns", type=INT32)
    call = function.node_def.add(name="call", op="StatefulPartitionedCall", input=now)
    call.attr["f"].func.name = of.signature.name
    call.attr["Tin"].list.type.extend(types)
    call.attr["Tout"].list.type.extend(arg.type for arg in of.signature.output_arg)
    return function, now


def _asks(cond: Any, types: list[int]) -> Any:
    function, _ = _function(cond, types)
    function.signature.output_arg.add(name="goes_on", type=cond.signature.output_arg[0].type)
    function.ret["goes_on"] = "call:output:0"
    return function


def _turns(body: Any, types: list[int]) -> Any:
    function, now = _function(body, types)
    function.node_def.append(int_constant("one", 1))
    add = function.node_def.add(name="add", op="AddV2", input=["turns", "one:output:0"])
    add.attr["T"].type = INT32
    results = [*(f"call:output:{at}" for at in range(len(types))), *now]
    for at, (source, kind) in enumerate(zip(results, [*types, *types], strict=True)):
        function.signature.output_arg.add(name=f"result{at}", type=kind)
        function.ret[f"result{at}"] = source
    function.signature.output_arg.add(name="turned", type=INT32)
    function.ret["turned"] = "add:z:0"
    return function


def int_constant(name: str, value: int) -> Any:
    """Return an operation that gives a number."""
    node = tf1.NodeDef(name=name, op="Const")
    node.attr["dtype"].type = INT32
    node.attr["value"].tensor.CopyFrom(tf1.make_tensor_proto(value, tf.int32))
    return node
