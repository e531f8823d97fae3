"""The money of a contract: the ledger, charges, and everything that changes what is charged."""
