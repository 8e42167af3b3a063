"""What clients of OpenAI's API find under ``/v1``: the same addresses, fields, answers and errors."""
