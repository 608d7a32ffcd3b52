"""The public verbs, a page each: a verb binds its arguments to a frame, and the frame runs the plan.

May import every layer above it in CONTRIBUTING's table, and pyspark; never IPython or a widget. Start
reading at `maps.py`.
"""
