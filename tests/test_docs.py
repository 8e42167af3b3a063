"""The documents keep up with the code."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from transcription.enums import JOB_GRAPH

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def test_configuration_lists_every_variable_that_settings_read():
    settings = (ROOT / "config" / "settings.py").read_text()
    read = set(re.findall(r'"(SCRIPTA_[A-Z_]+|DATABASE_URL|REDIS_URL)"', settings))
    listed = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(read)


def test_readme_names_no_variable_that_does_not_exist():
    listed = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "configuration.md").read_text()))
    named = set(re.findall(r"\b(SCRIPTA_[A-Z_]+|DATABASE_URL|REDIS_URL)\b", (ROOT / "README.md").read_text()))
    assert named - listed == set()


def test_data_model_draws_the_graph_of_job_states():
    drawn = re.findall(r"^    ([a-z_]+) --> ([a-z_]+)$", (ROOT / "docs" / "data-model.md").read_text(), re.MULTILINE)
    assert sorted(drawn) == sorted((str(a), str(b)) for a, targets in JOB_GRAPH.items() for b in targets)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_exist(document):
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_commands_of_the_readme_exist():
    line = (ROOT / "README.md").read_text().split("Commands:")[1].split("Each starts")[0]
    named = set(re.findall(r"`([a-z_]+)(?: [^`]*)?`", line))
    assert (len(named), named - set(get_commands())) == (10, set())
