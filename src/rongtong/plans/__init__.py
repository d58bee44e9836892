"""Plans of both sides, integration links, carriers and results."""
