"""Corrections of a transcript as pure functions: rows in, changes out. The services keep what they return."""
