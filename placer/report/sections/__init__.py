"""The sections of a page, one file for each."""
