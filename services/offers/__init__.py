"""What is sold, where, to which house, and for which promo code."""
