"""Plans over planning years."""
