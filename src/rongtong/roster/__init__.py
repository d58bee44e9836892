"""Who belongs to which Party organisation, who counts when votes are counted, and the figures of official member systems."""
