"""Surveys: waves of questionnaires whose answers nobody can take back to a person; released figures over cells of at least k."""
