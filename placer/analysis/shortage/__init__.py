"""Why demand is short, and the least change that cures it."""
