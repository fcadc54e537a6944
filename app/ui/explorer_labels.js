// Names and sums over the picture, at one size whatever the zoom, and none over another.

const LABEL_FONT = 11.5;
const MOST_SUMS = 60;

// Names of accounts before sums of links; the selected one first, then the ring, then the riskiest.
function drawLabels(context, view) {
  const { network, nodes, edges, colours } = view;
  const scale = network.getScale();
  const taken = [];
  const isFree = (box) => taken.every((other) =>
    box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]);
  const put = (text, x, y, colour, weight) => {
    const size = LABEL_FONT / scale;
    context.font = `${weight} ${size}px ${colours.face}`;
    const half = context.measureText(text).width / 2;
    const box = [x - half, y - size * 0.6, x + half, y + size * 0.6];
    if (!isFree(box)) return;
    taken.push(box);
    context.lineWidth = 3 / scale;
    context.strokeStyle = colours.background;
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  };
  context.save();
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  const points = network.getPositions();
  for (const node of view.byImportance) {
    const point = points[node.id];
    const shown = nodes.get(node.id);
    if (!point || (shown?.opacity ?? 1) < 1) continue;
    const y = point.y + (node.size ?? 12) + 9 / scale;
    if (!("role" in node.card)) {
      put(node.name, point.x, point.y, colours.text, 600);
      continue;
    }
    const isPicked = node.id === `@${view.selected}`;
    put(node.name, point.x, y, colours.text, isPicked ? 700 : node.in_ring || node.isStart ? 600 : 400);
  }
  const links = edges.get({ filter: (one) => one.card && !one.hidden });
  // Among many links only the sums of the selected account are told: the others are on their cards.
  const picked = `@${view.selected}`;
  const isTold = (one) => links.length <= MOST_SUMS || one.from === picked || one.to === picked;
  for (const edge of links.filter(isTold)) {
    const from = points[edge.from], to = points[edge.to];
    if (!from || !to || edge.from === edge.to) continue;
    if (Math.hypot(from.x - to.x, from.y - to.y) * scale < 110) continue;
    // Nearer to the receiver: links of a fan would meet in the middle.
    const share = 0.58;
    put(view.words.compact(edge.sum ?? edge.card.amount),
      from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share, colours.muted, 400);
  }
  context.restore();
}

function byImportance(nodes, selected) {
  const weight = (node) =>
    (node.id === `@${selected}` ? 100 : 0) + (node.in_ring || node.isStart ? 10 : 0) + (node.card.risk ?? 0);
  return [...nodes].sort((a, b) => weight(b) - weight(a));
}
