"""The sweep along the limits that finds every corner of a ceiling curve."""
