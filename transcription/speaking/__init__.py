"""One speaker at a time: sound comes in, is made durable, is read, and text goes out."""
