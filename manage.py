#!/usr/bin/env python
"""Scripta's command line: ``manage.py serve`` runs everything, ``manage.py help`` lists the rest."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if __name__ == "__main__":
    try:
        from config.commandline import run  # noqa: PLC0415 -- to say what is missing when requirements are not installed
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is not installed. Run `make .venv`, then use .venv/bin/python.")
    sys.exit(run(sys.argv))
