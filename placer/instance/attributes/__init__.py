"""The attributes of tables and settings: their schema, their meanings, and the values that they may take."""
