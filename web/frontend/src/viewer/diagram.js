import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

import { look } from '../bpmn/look.js';
import jb from '../bpmn/jb.json';
import { addControls } from './controls.js';
import { markProgress } from './progress.js';

/** Opens the diagram in the element, marks how far the case is and fits it into view. */
export async function openDiagram(element, xml, { active = [], done = [], late = [], controls = true } = {}) {
  element.textContent = '';
  const viewer = new NavigatedViewer({
    container: element,
    moddleExtensions: { jb },
    // The wheel scrolls the page; Ctrl and wheel zoom (see controls.js).
    zoomScroll: { enabled: false },
    ...look,
  });
  await viewer.importXML(xml);
  markProgress(viewer, { active, done, late });
  const fit = () => {
    if (controls) fitHeight(element, viewer);
    fitDiagram(viewer, active);
  };
  whenSized(element, fit);
  if (controls) addControls(element, viewer, { fit, marked: active.length + done.length + late.length > 0 });
  return viewer;
}

/** Shows the whole diagram; where that would be too small to read (a phone), the step in hand instead. */
function fitDiagram(viewer, active) {
  const canvas = viewer.get('canvas');
  const scale = Math.min(1, canvas.zoom('fit-viewport', 'auto') * 0.97); // a little air round it
  const step = active.length && viewer.get('elementRegistry').get(active[0]);
  canvas.zoom(scale, 'auto');
  if (scale < 0.4 && step) {
    canvas.zoom(0.75, { x: step.x + step.width / 2, y: step.y + step.height / 2 });
    canvas.scrollToElement(step, 60);
  }
}

const ROOM = 84; // for the legend above and the mark of bpmn.io below
const TALLEST = 560;

/**
 * Makes the frame as high as the diagram needs at this width, so that a wide diagram leaves no empty space; at most
 * as high as the window, so that names are as large as one look at the whole allows.
 */
function fitHeight(element, viewer) {
  const { inner } = viewer.get('canvas').viewbox();
  const scale = Math.min(1, (element.clientWidth / inner.width) * 0.97);
  element.style.height = element.classList.contains('is-full')
    ? ''
    : `${Math.round(Math.min(Math.max(TALLEST, window.innerHeight - 60), Math.max(240, inner.height * scale + ROOM)))}px`;
  viewer.get('canvas').resized();
}

/** Runs `fit` at once or as soon as the element has a size (it may be inside a closed tab), and when that changes. */
function whenSized(element, fit) {
  let width = 0;
  new ResizeObserver(() => {
    if (element.clientWidth && element.clientWidth !== width) {
      width = element.clientWidth;
      fit();
    }
  }).observe(element);
}
