"""One self-contained HTML file on a placement, or on several side by side; ``write`` is the entry point."""
