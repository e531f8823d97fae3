"""The network follows the contract: which line works and how fast, and who makes it so."""
