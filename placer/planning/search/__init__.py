"""The search for the plan of least cost, over the cuts, and the proof of the best one found."""
