"""The field technician's tablet."""
