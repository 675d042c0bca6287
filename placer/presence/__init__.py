"""Models that must be loaded where they serve: whole replicas, and the placement over them."""
