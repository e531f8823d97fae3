"""A technician at an address: free slots, the day, the steps, what is recorded."""
