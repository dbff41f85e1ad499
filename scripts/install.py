"""Installs locked packages with uv, from wherever pip is configured to fetch.

The lock files name hashes but no registry, so an intranet installs from its own mirror: the one in pip's
configuration or environment. uv does not read those, therefore they are handed over here.
"""

import os
import subprocess
import sys
from pathlib import Path

UV = Path(sys.executable).parent / "uv"
HANDED_OVER = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "proxy": "ALL_PROXY",
}


def main(locks: list[str]) -> int:
    """Install the lock files given, then this checkout itself; answers the exit code."""
    environment = {**settings_of_pip(), **os.environ}
    wanted = [argument for lock in locks for argument in ("-r", lock)]
    steps = (
        ["install", "--require-hashes", *wanted],
        ["install", "--no-deps", "--no-build-isolation", "--no-index", "-e", "."],
    )
    for step in steps:
        command = [str(UV), "pip", *step, "--python", sys.executable, "--quiet"]
        if code := subprocess.run(command, env=environment, check=False).returncode:
            print(f"install.py: uv pip {' '.join(step)} ended with {code}", file=sys.stderr)
            return code
    return 0


def settings_of_pip() -> dict[str, str]:
    """Read pip's settings (files and PIP_ variables) under the names by which uv knows them."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, str] = {}
    for line in said.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in {"global", "install", ":env:"} and key in HANDED_OVER:
            # Several values stand on several lines for pip, on one for uv.
            parts = value.strip("'\"").replace("\\n", " ").split()
            found[HANDED_OVER[key]] = ("," if key == "find-links" else " ").join(parts)
    # Like pip: the best version over all indexes. The hashes make sure that it is the right file.
    found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if found.get("UV_NO_INDEX", "").lower() not in {"1", "true", "yes", "on"}:
        found.pop("UV_NO_INDEX", None)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
