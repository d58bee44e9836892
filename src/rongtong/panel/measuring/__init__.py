"""From snapshot files to a run: plan (what is measured how), cube (values of a period), projection (Party values to units), scoring, store."""
