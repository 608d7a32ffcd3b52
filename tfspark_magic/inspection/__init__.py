"""Look inside a graph: the tensors that some rows make of its nodes.

`node_values` computes the tensors, `statistics` sums them up, and `peeked` is what the user gets.
"""
