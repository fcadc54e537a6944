// Names and sums over the picture, at one size whatever the zoom, none over another or a mark.

const LABEL_FONT = 11.5;
const MOST_SUMS = 60;
const labelWidths = new Map();

// How wide a text is at a size of 1; texts come again with every drawing.
function labelWidth(context, text, weight, face) {
  const key = `${weight} ${text}`;
  if (!labelWidths.has(key)) {
    if (labelWidths.size > 5000) labelWidths.clear();
    context.font = `${weight} 100px ${face}`;
    labelWidths.set(key, context.measureText(text).width / 100);
  }
  return labelWidths.get(key);
}

// Names of accounts before sums of links; the selected one first, then the ring, then the riskiest.
function drawLabels(context, view) {
  const { network, colours } = view;
  const scale = network.getScale();
  const size = LABEL_FONT / scale;
  const points = network.getPositions();
  const taken = [];
  for (const { id, size: radius } of view.byImportance) {
    const point = points[id];
    if (point) taken.push([point.x - radius, point.y - radius, point.x + radius, point.y + radius]);
  }
  const isFree = (box) => taken.every((other) =>
    box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]);
  const write = (text, x, y, colour, weight) => {
    context.font = `${weight} ${size}px ${colours.face}`;
    context.lineWidth = 3 / scale;
    context.strokeStyle = colours.background;
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  };
  const put = (text, x, y, colour, weight) => {
    const half = (labelWidth(context, text, weight, colours.face) * size) / 2;
    const box = [x - half, y - size * 0.6, x + half, y + size * 0.6];
    if (!isFree(box)) return false;
    taken.push(box);
    write(text, x, y, colour, weight);
    return true;
  };
  context.save();
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const node of view.byImportance) {
    const point = points[node.id];
    if (!point || view.faint.has(node.id)) continue;
    if (!("role" in node.card)) {
      write(node.name, point.x, point.y, colours.text, 600);
      continue;
    }
    const isPicked = node.id === `@${view.selected}`;
    const weight = isPicked ? 700 : node.in_ring || node.isStart ? 600 : 400;
    const off = node.size + 9 / scale;
    // Below the mark, else above it.
    if (!put(node.name, point.x, point.y + off, colours.text, weight)) {
      put(node.name, point.x, point.y - off, colours.text, weight);
    }
  }
  drawSums(view, points, scale, put);
  context.restore();
}

// Among many links only the sums of the selected account are told: the others are on their cards.
function drawSums(view, points, scale, put) {
  const links = view.drawnEdges.filter(({ id }) => view.sums.get(id) > 0);
  const picked = `@${view.selected}`;
  for (const { id, from, to } of links) {
    if (links.length > MOST_SUMS && from !== picked && to !== picked) continue;
    const a = points[from], b = points[to];
    if (!a || !b || from === to || Math.hypot(a.x - b.x, a.y - b.y) * scale < 110) continue;
    // Nearer to the receiver: links of a fan would meet in the middle.
    const share = 0.58;
    put(view.words.compact(view.sums.get(id)),
      a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share, view.colours.muted, 400);
  }
}

function byImportance(nodes, selected) {
  const weight = (node) =>
    (node.id === `@${selected}` ? 100 : 0) +
    (node.in_ring || node.isStart ? 10 : "role" in node.card ? 0 : 20) + (node.card.risk ?? 0);
  return [...nodes].sort((a, b) => weight(b) - weight(a));
}
