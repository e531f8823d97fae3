"""The contract and the person behind it: papers, activation, credentials, cards."""
