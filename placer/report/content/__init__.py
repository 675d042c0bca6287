"""The content of a page, before its layout."""
