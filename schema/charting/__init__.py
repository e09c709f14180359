"""Charting: what is written of a session, reviewed, signed and kept."""
