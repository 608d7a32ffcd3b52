"""Describe dtypes and cell shapes in one way (`spec.py`), with one file for each other system.

May import `errors`; each file may import its own system. Start reading at `spec.py`.
"""
