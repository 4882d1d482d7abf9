"""How features go with each other and with a target."""
