"""Tutorials are scripts that the build of the site runs; collecting their examples would run them once more."""

collect_ignore = ["tutorials"]
