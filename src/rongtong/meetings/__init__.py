"""Organisational life: who belongs where, meetings from proposal to signed minutes, votes, elections, talks."""
