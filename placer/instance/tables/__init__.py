"""Tables and graphs as users give them, cleaned and frozen, with their backlog."""
