"""The public verbs, a page each: what they take, bound to a frame, and run by it.

May import every layer above it in CONTRIBUTING's table, and pyspark; never IPython or a widget. Start
reading at `maps.py`.
"""
