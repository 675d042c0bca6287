"""Why demand is short, and the smallest change that cures it."""
