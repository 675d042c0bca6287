"""A kit for pages that knows nothing of the domain: markup, tables, charts, drawings."""
