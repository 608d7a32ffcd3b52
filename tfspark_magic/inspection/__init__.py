"""Look inside a graph: the tensors that some rows make of its nodes.

`graph_on_rows` computes the tensors, `statistics` sums them up, `peeked` is what the user gets, and
`thumbnail` is the small picture of a tensor in the drawing. `comparing` compares the values of two graphs;
the user gets a `comparison`.
"""
