"""Pictures of all pages for the documentation: what is on them, how each is reached, and what takes them."""
