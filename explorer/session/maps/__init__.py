"""Which maps a person sees, and what is drawn on them."""
