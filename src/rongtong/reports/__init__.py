"""Papers across packages: the inspection folder, the branch work book, drafts of the yearly reports."""
