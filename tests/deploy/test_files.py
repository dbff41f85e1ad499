"""The files of docs/deploy say what the program understands."""

import importlib
import re

import yaml

from jieban.settings import read_settings
from tests.deploy.recipe import FOLDER, UNITS, command, example


def test_the_example_of_the_settings_is_understood() -> None:
    """Every setting of ours in it is one that the program reads."""
    found = example()
    settings = read_settings(found)

    assert settings.database_url == found["JIEBAN_DATABASE_URL"]
    assert settings.prefect_api_url == found["PREFECT_API_URL"] == found["JIEBAN_PREFECT_API_URL"]
    assert settings.secure_cookies
    assert set(example(redis=True)) > set(found)


def test_the_compose_file_is_whole() -> None:
    """It can be read, names only services that it has, and starts the same commands as the units."""
    made = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
    services = made["services"]

    assert {"postgres", "redis", "prefect", "web", "worker", "migrate"} <= set(services)
    for one in services.values():
        assert "image" in one
        assert set(one.get("depends_on", {})) <= set(services)
    assert "web.app:create_app" in services["web"]["command"]
    assert "--pool jieban --type process --limit 1" in services["worker"]["command"]
    named = set(
        re.findall(r"([a-z]+):", " ".join(v for one in services.values() for v in one.get("volumes", [])))
    )
    assert {name for name in named if not name.startswith("docker")} >= set(made["volumes"])


def test_the_plan_of_the_workers_is_whole() -> None:
    """It names a flow that exists, and a shift is shorter than what its workers need for two."""
    (one,) = yaml.safe_load((FOLDER / "prefect.yaml").read_text("utf-8"))["deployments"]
    module, _, name = one["entrypoint"].rpartition(".")

    assert getattr(importlib.import_module(module), name).name == "sweeps"
    assert one["work_pool"]["name"] == "jieban"
    assert 60 < one["parameters"]["seconds"] < 120


def test_every_unit_has_its_settings_and_comes_back() -> None:
    """Each program reads the same file and is started again when it ends."""
    units = sorted(UNITS.iterdir())

    assert [one.name for one in units] == [
        "jieban-prefect.service",
        "jieban-web@.service",
        "jieban-worker@.service",
    ]
    for one in units:
        text = one.read_text("utf-8")
        assert "EnvironmentFile=/etc/jieban/jieban.env" in text
        assert "Restart=always" in text
        assert command(one.name, "7")[1] == "-m"
