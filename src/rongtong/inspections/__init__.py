"""Inspections: items from rule rows run over records first; on site only what records cannot tell; findings become matters."""
