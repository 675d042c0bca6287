"""The sections of a page, a file each."""
