"""A long horizon in steps: each looks ahead, keeps its first hours, and hands on the work that waits."""
