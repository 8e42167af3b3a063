"""``manage.py serve``: everything that Scripta needs, in one command, on one machine."""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from accounts.services.first_run import first_run_link
from config import schema, static
from config.supervisor import ROOT, Plan, Supervisor, SupervisorError
from transcription.speech.engines import weights
from transcription.speech.errors import ModelError


class Command(BaseCommand):
    help = "Run Scripta: database, channel layer, web server and worker, until Ctrl-C."
    requires_system_checks = []  # made later, when what they look for has been put in place

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="Address to listen on (SCRIPTA_HOST).")
        parser.add_argument("--port", type=int, default=settings.PORT, help="Port to listen on (SCRIPTA_PORT).")
        parser.add_argument("--workers", type=int, default=1, help="Worker processes; 0 when they run elsewhere.")

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        settings.HOST, settings.PORT = host, port  # for the system checks
        plan = Plan(
            data=settings.DATA,
            host=host,
            port=port,
            workers=workers,
            postgres=settings.EMBEDDED_DATABASE,
            valkey=settings.EMBEDDED_REDIS,
        )
        try:
            with Supervisor(plan, self._say) as supervisor:
                self._prepare()
                supervisor.start()
                if not supervisor.stopping:
                    self._welcome(plan)
                supervisor.watch()
                self._say("Stopping.")
        except SupervisorError as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(f"The database cannot be used: {str(error).strip()}") from error

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _prepare(self) -> None:
        """Bring schema, static files and model to where the processes need them; a missing model stops nobody."""
        if schema.bring_up_to_date():
            self._say("The database is up to date.")
        if static.collect_if_changed():
            self._say("Static files are in place.")
        if settings.ENGINE != "scripted" and _model_is_missing():
            subprocess.run([sys.executable, "manage.py", "fetch_model", settings.MODEL], cwd=ROOT, check=False)
        self.check(databases=["default"])

    def _welcome(self, plan: Plan) -> None:
        base_url = settings.PUBLIC_URL or plan.address
        link = first_run_link(base_url=base_url)
        connections.close_all()  # the supervisor itself needs the database no more, and it may be restarted
        self._say(f"\nScripta is ready: {base_url}/")
        if link:
            self._say(f"Create the first administrator here (works once): {link}")
        self._say(f"Logs: {plan.data / 'logs'}. Stop with Ctrl-C.\n")


def _model_is_missing() -> bool:
    """False also for a model that is there and damaged, or unknown: the system checks say what is wrong with it."""
    try:
        return weights.locate(settings.MODEL, settings.MODELS) is None
    except ModelError:
        return False
