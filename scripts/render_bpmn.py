"""Draws a BPMN model as a picture, with the same viewer as the case page: render_bpmn.py MODEL.bpmn OUT.png|OUT.svg."""

import argparse
import shutil
import sys
from pathlib import Path

from build_frontend import OUTPUT, BuildError, build, is_current

PADDING = 24
MARK_HEIGHT = 46  # room below the diagram for the bpmn.io mark, which must stay visible
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")

OPEN = """
async ([xml, active, done, late]) => {
  const element = document.getElementById('view');
  const viewer = await jieban.openDiagram(element, xml, {active, done, late, controls: false});
  window.viewer = viewer;
  const box = viewer.get('canvas').viewbox().inner;
  return {x: box.x, y: box.y, width: box.width, height: box.height};
}
"""
PLACE = "([x, y, width, height]) => viewer.get('canvas').viewbox({x, y, width, height})"


def main() -> int:
    """Draw; answers the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("picture", type=Path, help="ends with .png or .svg")
    parser.add_argument("--active", default="", help="ids of the steps in hand, separated by commas")
    parser.add_argument("--done", default="", help="ids of the steps done")
    parser.add_argument("--late", default="", help="ids of the late steps")
    parser.add_argument("--scale", type=float, default=1.5, help="pixels per unit of the diagram (png)")
    options = parser.parse_args()
    if options.picture.suffix not in {".png", ".svg"}:
        parser.error("the picture must end with .png or .svg")
    browser = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if browser is None:
        print("no Chromium found", file=sys.stderr)
        return 1
    try:
        if not is_current():
            build()
        size = draw(options, browser)
    except (BuildError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.picture}: {size}")
    return 0


def draw(options: argparse.Namespace, browser: str) -> str:
    """Draw the model with the built viewer; answers the size of the diagram."""
    from playwright.sync_api import sync_playwright

    marks = [
        [part for part in given.split(",") if part] for given in (options.active, options.done, options.late)
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(device_scale_factor=options.scale)
        page.set_content('<div id="view" style="position:absolute;inset:0"></div>')
        page.add_style_tag(path=OUTPUT / "app.css")
        page.add_style_tag(content="body{margin:0;background:#fff}")
        page.add_script_tag(path=OUTPUT / "viewer.js")
        box = page.evaluate(OPEN, [options.model.read_text(encoding="utf-8"), *marks])
        width = round(box["width"]) + 2 * PADDING
        height = round(box["height"]) + PADDING + MARK_HEIGHT
        page.set_viewport_size({"width": width, "height": height})
        # The viewer fits itself anew after the change of size; wait for that before placing the diagram.
        page.wait_for_timeout(150)
        page.evaluate(PLACE, [box["x"] - PADDING, box["y"] - PADDING, width, height])
        page.evaluate("document.fonts.ready")
        if options.picture.suffix == ".svg":
            options.picture.write_text(
                page.evaluate("async () => (await viewer.saveSVG()).svg"), encoding="utf-8"
            )
        else:
            page.screenshot(path=options.picture)
        chromium.close()
    return f"{width} x {height}"


if __name__ == "__main__":
    sys.exit(main())
