"""The ledger: one piece of work is one matter, with one leader post, one handler post, a due date, evidence and a reviewer."""
