"""Imported by a process that is forked, it brings what Kedro imports to hold any data in memory.

That is pandas and Ibis, where they are installed: one to two thousand modules for each fork.
"""

from kedro.io import MemoryDataset

MemoryDataset("")
