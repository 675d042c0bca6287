"""The restricted master program: rows, columns, prices."""
