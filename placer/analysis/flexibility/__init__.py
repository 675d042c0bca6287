"""What it costs that zones draw less power in some hours."""
