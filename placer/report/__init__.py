"""One self-contained HTML file on a placement, or on several side by side: begin at ``write``."""
