"""What people send with a page, checked."""
