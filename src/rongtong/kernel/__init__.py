"""What everything stands on: acts, references, periods, the clock, constraints, errors. Knows no business."""
