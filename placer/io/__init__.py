"""Other people's formats: graph files, tables, networks of PyPSA."""
