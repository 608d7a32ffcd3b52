"""One neutral language for dtype and cell shape (`spec.py`), and one file per foreign system.

May import `errors`, and in each file that file's system. Start reading at `spec.py`.
"""
