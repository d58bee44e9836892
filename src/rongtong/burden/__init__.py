"""What filling in costs, what the system holds already, and the gate before a form goes out (填报准入)."""
