// Draws the scene that Python hands over, plays its transfers, and reports what was done.
// One vis.Network lives per element; new data change its DataSets, so the view is kept.
// Node ids are "@" and the account, or "+" and the account for who is not drawn round it.

const DOUBLE_CLICK_MS = 280;
const NOT_YET = 0.22;
// So near the rim a mark and its name are cut off.
const EDGE = 40;
const views = new WeakMap();

function coloursOf(host) {
  const style = getComputedStyle(host);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const text = read("text-color");
  return {
    text,
    muted: `color-mix(in srgb, ${text} 62%, transparent)`,
    outside: `color-mix(in srgb, #64748b 78%, ${text})`,
    link: `color-mix(in srgb, ${text} 26%, transparent)`,
    plain: `color-mix(in srgb, ${text} 38%, transparent)`,
    proof: `color-mix(in srgb, ${text} 58%, transparent)`,
    background: read("background-color"),
    border: read("border-color"),
    primary: read("primary-color"),
    face: read("font") || "sans-serif",
  };
}

// vis-network knows no color-mix: the browser works the colour out.
function settled(colours) {
  const probe = document.createElement("canvas").getContext("2d");
  return Object.fromEntries(Object.entries(colours).map(([name, value]) => {
    if (name === "face") return [name, value];
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = value;
    probe.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = probe.getImageData(0, 0, 1, 1).data;
    return [name, `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(3)})`];
  }));
}

function drawnNode(node, colours, places, starts) {
  const isRest = !("role" in node.card);
  const isStart = starts.has(node.id);
  const line = node.in_ring ? node.color : colours.outside;
  const fill = node.in_ring || isStart ? line : colours.background;
  const item = {
    ...node,
    name: node.label,
    label: undefined,
    shape: isRest ? "dot" : node.shape,
    size: isRest ? 24 : node.size,
    title: undefined,
    isStart,
    borderWidth: node.in_ring ? 1.5 : 2,
    borderWidthSelected: 4,
    color: {
      background: fill,
      border: line,
      highlight: { background: fill, border: colours.primary },
      hover: { background: fill, border: colours.primary },
    },
    font: { color: colours.text, face: colours.face, size: 15 },
    shapeProperties: { borderDashes: isRest ? [5, 4] : false },
  };
  // Who was dragged stays there until Python puts them elsewhere.
  const place = `${node.x},${node.y}`;
  if (places.get(node.id) === place) {
    delete item.x;
    delete item.y;
  }
  places.set(node.id, place);
  return item;
}

function drawnEdge(edge, number, pairs, colours, hasRing) {
  const isMutual = pairs.has(`${edge.to}\u0000${edge.from}`) && edge.from !== edge.to;
  const colour = hasRing && edge.card.proving ? colours.proof : hasRing ? colours.link : colours.plain;
  return {
    ...edge,
    id: `${edge.from}\u0000${edge.to}`,
    number,
    base: colour,
    color: { color: colour, highlight: colours.primary, hover: colours.primary },
    arrows: { to: { enabled: true, scaleFactor: 0.45 } },
    smooth: isMutual ? { enabled: true, type: "curvedCW", roundness: 0.14 } : false,
  };
}

function restEdge(node, colours) {
  return {
    id: `rest\u0000${node.id}`, from: `@${node.card.account}`, to: node.id, dashes: [4, 4], width: 1,
    arrows: { to: { enabled: false } }, color: { color: colours.border }, smooth: false,
  };
}

function fit(view, animated = false) {
  view.network.fit({ maxZoomLevel: 1.15, animation: animated ? { duration: 350 } : false });
}

function isInSight(view, ids) {
  const { clientWidth, clientHeight } = view.canvas;
  return ids.every((id) => {
    const { x, y } = view.network.canvasToDOM(view.network.getPosition(id));
    return x > EDGE && y > EDGE && x < clientWidth - EDGE && y < clientHeight - EDGE;
  });
}

function showLegend(list, legend, hasRing) {
  const entry = (glyph, colour, text, meaning) => {
    const mark = Object.assign(document.createElement("span"), { textContent: glyph });
    mark.style.color = colour;
    const item = Object.assign(document.createElement("li"), { title: meaning });
    item.append(mark, ` ${text}`);
    return item;
  };
  const items = legend.map(({ glyph, name, colour, marks, meaning }) =>
    entry(glyph, colour, `${name} ${marks}`, meaning));
  if (hasRing) {
    items.push(entry("━", "var(--st-text-color)", "proves the ring", "A link with transfers that prove the ring"));
  }
  list.replaceChildren(...items);
}

function showCard(view, item, event) {
  const { card } = view;
  if (!item?.card) {
    card.hidden = true;
    return;
  }
  const { title, rows, hint } = cardOf(view.words, item);
  const heading = Object.assign(document.createElement("strong"), { textContent: title });
  const table = document.createElement("dl");
  for (const [name, value] of rows) {
    table.append(
      Object.assign(document.createElement("dt"), { textContent: name }),
      Object.assign(document.createElement("dd"), { textContent: value }),
    );
  }
  card.replaceChildren(heading, table);
  if (hint) card.append(Object.assign(document.createElement("small"), { textContent: hint }));
  card.hidden = false;
  const { x, y } = event.pointer.DOM;
  const { clientWidth, clientHeight } = view.canvas;
  const left = x + 16 + card.offsetWidth > clientWidth ? x - card.offsetWidth - 16 : x + 16;
  card.style.left = `${Math.max(left, 4)}px`;
  card.style.top = `${Math.max(Math.min(y + 12, clientHeight - card.offsetHeight - 6), 4)}px`;
}

function createView(vis, root) {
  const canvas = root.querySelector(".explorer-canvas");
  const nodes = new vis.DataSet();
  const edges = new vis.DataSet();
  const network = new vis.Network(canvas, { nodes, edges }, { physics: { enabled: false } });
  const view = {
    canvas, nodes, edges, network, card: root.querySelector(".explorer-card"), places: new Map(),
    name: null, selected: null, component: null, clicking: null,
    byImportance: [], drawnNodes: [], drawnEdges: [], marks: new Map(), sums: new Map(), faint: new Set(),
  };
  // A frame tells where the keys go, not where the mouse was.
  canvas.addEventListener("pointerdown", () => canvas.classList.add("by-mouse"));
  canvas.addEventListener("keydown", () => canvas.classList.remove("by-mouse"));
  canvas.addEventListener("focusout", () => canvas.classList.remove("by-mouse"));
  const act = (what) => view.component.setTriggerValue("act", what);
  network.on("click", ({ nodes: [clicked], edges: [link] }) => {
    clearTimeout(view.clicking);
    view.clicking = setTimeout(() => {
      if (clicked?.startsWith("+")) return;
      const ends = clicked === undefined ? edges.get(link ?? "")?.card : null;
      if (ends) {
        act({ kind: "link", account: ends.sender, other: ends.receiver });
        return;
      }
      const account = clicked?.slice(1) ?? null;
      if (account !== view.selected) act({ kind: "select", account });
    }, DOUBLE_CLICK_MS);
  });
  network.on("doubleClick", ({ nodes: [clicked] }) => {
    clearTimeout(view.clicking);
    if (clicked === undefined) return;
    const { card } = nodes.get(clicked);
    const isDone = card.shown_counterparties >= card.counterparties;
    const kind = isDone ? "select" : card.is_hub ? "ask" : "expand";
    act({ kind, account: clicked.slice(1) });
  });
  network.on("hoverNode", (event) => showCard(view, nodes.get(event.node), event));
  network.on("hoverEdge", (event) => showCard(view, edges.get(event.edge), event));
  for (const name of ["blurNode", "blurEdge", "dragStart", "zoom"]) {
    network.on(name, () => showCard(view, null));
  }
  network.on("afterDrawing", (context) => drawLabels(context, view));
  root.querySelector(".explorer-fit").onclick = () => fit(view, true);
  const zoomBy = (factor) => network.moveTo({ scale: network.getScale() * factor, animation: { duration: 150 } });
  root.querySelector(".explorer-in").onclick = () => zoomBy(1.3);
  root.querySelector(".explorer-out").onclick = () => zoomBy(1 / 1.3);
  view.replay = new Replay(
    root,
    (state) => showState(view, state),
    // Up to the full second: links name no smaller part of it.
    (moment) => act({
      kind: "as_of",
      moment: moment === null ? null : new Date(Math.ceil(moment / 1000) * 1000).toISOString().slice(0, 19),
    }),
  );
  // A tab that was hidden has no size when the network is made: fit once it has one.
  new ResizeObserver(() => fit(view)).observe(canvas);
  return view;
}

// Links that have not happened yet are hidden, accounts that took no part yet are faint.
function showState(view, state) {
  const whole = state.moment === null;
  const changes = [];
  const active = new Set();
  for (const edge of view.drawnEdges) {
    const count = whole ? edge.card.transactions : state.count.get(edge.number) ?? 0;
    view.sums.set(edge.id, !count ? 0 : whole ? edge.card.amount : state.sum.get(edge.number));
    if (count) active.add(edge.from).add(edge.to);
    const isLatest = state.latest.has(edge.number);
    const mark = count ? (isLatest ? "latest" : "past") : "future";
    if (view.marks.get(edge.id) === mark) continue;
    view.marks.set(edge.id, mark);
    const { primary } = view.colours;
    changes.push({
      id: edge.id,
      hidden: !count,
      color: isLatest ? { color: primary, highlight: primary, hover: primary } : edge.color,
      width: isLatest ? Math.max(edge.width, 3) : edge.width,
    });
  }
  const faded = [];
  view.faint.clear();
  for (const { id, card } of view.drawnNodes) {
    const opacity = whole || active.has(id) || !("role" in card) ? 1 : NOT_YET;
    if (opacity < 1) view.faint.add(id);
    if (view.marks.get(id) !== opacity) {
      view.marks.set(id, opacity);
      faded.push({ id, opacity });
    }
  }
  if (faded.length) view.nodes.update(faded);
  if (changes.length) view.edges.update(changes);
  // The sums on links may change where nothing else does.
  if (!faded.length && !changes.length) view.network.redraw();
}

function show(view, data, host) {
  view.colours = settled(coloursOf(host));
  view.words = wordsFor(data.format);
  view.selected = data.selected;
  const isNew = view.name !== data.name;
  if (isNew) view.places.clear();
  const pairs = new Set(data.edges.map((edge) => `${edge.from}\u0000${edge.to}`));
  const before = new Set(view.nodes.getIds());
  const starts = new Set(data.starts.map((account) => `@${account}`));
  view.drawnNodes = data.nodes.map((node) => drawnNode(node, view.colours, view.places, starts));
  view.drawnEdges = data.edges.map((edge, number) => drawnEdge(edge, number, pairs, view.colours, data.has_ring));
  view.marks.clear();
  view.sums.clear();
  showCard(view, null);
  view.byImportance = byImportance(view.drawnNodes, data.selected);
  const crowded = data.edges.length > 500;
  view.network.setOptions({
    ...data.options,
    interaction: { ...data.options.interaction, hideEdgesOnDrag: crowded, hideEdgesOnZoom: crowded },
  });
  replace(view.nodes, view.drawnNodes);
  const rests = data.nodes.filter(({ card }) => !("role" in card)).map((node) => restEdge(node, view.colours));
  replace(view.edges, [...view.drawnEdges, ...rests]);
  const picked = `@${data.selected}`;
  if (data.selected !== null && view.nodes.get(picked) !== null) view.network.selectNodes([picked]);
  else view.network.unselectAll();
  view.replay.load({ ...data.events, unplayed: data.unplayed }, data.frames, data.as_of, view.words, view.colours);
  const newcomers = view.drawnNodes.map(({ id }) => id).filter((id) => !before.has(id));
  if (isNew) fit(view);
  else if (newcomers.length && !isInSight(view, newcomers)) fit(view, true);
  view.name = data.name;
}

export default async function (component) {
  const { data, parentElement } = component;
  const canvas = parentElement.querySelector(".explorer-canvas");
  const host = parentElement.host ?? parentElement;
  canvas.setAttribute("aria-label", data.description);
  // On a low screen the legend and the replay stay in sight.
  canvas.style.height = `clamp(300px, 100vh - 330px, ${data.height}px)`;
  showLegend(parentElement.querySelector(".explorer-legend"), data.legend, data.has_ring);
  let vis;
  try {
    vis = await loadLibrary();
  } catch (error) {
    canvas.textContent = `The graph cannot be drawn: ${error.message}. Reload the page.`;
    return;
  }
  if (!views.has(parentElement)) views.set(parentElement, createView(vis, parentElement));
  const view = views.get(parentElement);
  view.component = component;
  show(view, data, host);
}
