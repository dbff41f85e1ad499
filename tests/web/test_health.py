from jieban.audit import sweep_ok
from tests.web.site import Site
from workflows.health import SWEEPS


def test_says_what_is_bad_with_503(site: Site) -> None:
    """Nobody answers at Prefect's address in this test, and no sweep has run."""
    answer = site.stranger().get("/healthz")

    assert answer.status_code == 503
    body = answer.json()
    assert body["status"] == "bad"
    assert body["database"]["ok"]
    assert not body["prefect"]["ok"]
    assert set(body["sweeps"]) == set(SWEEPS)
    assert body["version"]


def test_gives_the_age_of_each_sweep(site: Site) -> None:
    with site.database.write() as session:
        for name in SWEEPS:
            sweep_ok(session, name, site.now, "run-1", {"fired": 2})
    site.forward(seconds=40)

    sweeps = site.stranger().get("/healthz").json()["sweeps"]

    assert {one["age_seconds"] for one in sweeps.values()} == {40.0}
    assert all(one["ok"] for one in sweeps.values())


def test_the_page_shows_the_same_to_the_administrator(site: Site) -> None:
    with site.database.write() as session:
        sweep_ok(session, "fire_timers", site.now, "run-1", {"fired": 2})

    page = site.desk("sys_admin").get("/admin/health")

    assert page.status_code == 200
    assert "到时办理" in page.text
    assert "fired 2" in page.text
    assert "异常" in page.text
