"""Duties: who owes what by which rule, issued to units, and who implements it."""
