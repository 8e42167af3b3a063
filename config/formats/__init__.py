"""Dates as pages write them, where Django's own formats of a language are not what is wanted."""
