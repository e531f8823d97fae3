"""Tables, the questions a row can answer about itself, and named queries."""
