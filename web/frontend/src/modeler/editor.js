import Modeler from 'bpmn-js/lib/Modeler';

import jb from '../bpmn/jb.json';
import { look } from '../bpmn/look.js';
import zh from '../bpmn/zh.js';
import palette from './palette.js';
import replaceMenu from './replace-menu.js';

/** The editor of bpmn-js, in Chinese, with our extension elements and a palette of what the engine executes. */
export const createEditor = (container) => new Modeler({
  container,
  moddleExtensions: { jb },
  additionalModules: [zh, palette, replaceMenu],
  ...look,
});

// An attribute that is not known is kept as it is.
const KEPT = /^unknown attribute/;

/** Opens a model; answers the words of each thing that could not be read and would be lost by saving. */
export async function openModel(modeler, xml) {
  const { warnings } = await modeler.importXML(xml);
  fit(modeler);
  return warnings.map(({ message }) => message).filter((message) => !KEPT.test(message));
}

export function fit(modeler) {
  const canvas = modeler.get('canvas');
  canvas.zoom('fit-viewport', 'auto');
  if (canvas.zoom() > 1) canvas.zoom(1, 'auto');
  // The palette lies over the left edge; keep the diagram clear of it where there is room.
  const palette = canvas.getContainer().querySelector('.djs-palette');
  const { scale, inner, outer, x } = canvas.viewbox();
  const covered = palette ? palette.offsetWidth + 40 : 0;
  const hidden = covered - (inner.x - x) * scale;
  if (hidden > 0 && inner.width * scale + covered < outer.width) canvas.scroll({ dx: hidden, dy: 0 });
  else if (hidden > 0) {
    canvas.zoom((outer.width - covered - 16) / inner.width);
    const now = canvas.viewbox();
    canvas.viewbox({
      x: inner.x - covered / now.scale,
      y: inner.y - (outer.height / now.scale - inner.height) / 2,
      width: outer.width / now.scale,
      height: outer.height / now.scale,
    });
  }
}

export const toXml = async (modeler) => (await modeler.saveXML({ format: true })).xml;
