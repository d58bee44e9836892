"""Decisions: lists of matters, who pre-studies and who decides, on which day, and what became of it."""
