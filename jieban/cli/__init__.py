import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from jieban.cli.app import run

    sys.exit(run(sys.argv[1:]))
