/**
 * Marks the steps that are done, in hand and late, and the way taken between them.
 * The server may name the sequence flows that were taken; otherwise a flow between two marked steps counts as taken.
 */
export function markProgress(viewer, { active, done, late }) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const mark = (id, name) => registry.get(id) && canvas.addMarker(id, name);

  done.forEach((id) => mark(id, 'jb-done'));
  active.forEach((id) => mark(id, 'jb-active'));
  late.forEach((id) => mark(id, 'jb-late'));

  const isFlow = (element) => element.type === 'bpmn:SequenceFlow';
  if (done.some((id) => registry.get(id) && isFlow(registry.get(id)))) return;
  const from = new Set(done);
  const to = new Set([...done, ...active, ...late]);
  registry
    .filter((element) => isFlow(element) && from.has(element.source.id) && to.has(element.target.id))
    .forEach((flow) => canvas.addMarker(flow, 'jb-done'));
}
