"""Other answers within a budget: the least and the most of groups over all of them, and a few that differ most."""
