// Draws the ring that Python hands over and reports which account was clicked.
// One vis.Network lives per element; new data change its DataSets, so the view is kept.
// Node ids are "@" and the account: see node_id in engine/network.py.

const views = new WeakMap();

function themed(options, host, size) {
  const style = getComputedStyle(host);
  const text = style.getPropertyValue("--st-text-color").trim();
  const face = style.getPropertyValue("--st-font").trim();
  const halo = style.getPropertyValue("--st-background-color").trim();
  const crowded = options.edgeCount > 500;
  return {
    ...options.vis,
    nodes: {
      ...options.vis.nodes,
      font: { size, color: text, face, strokeWidth: 3, strokeColor: halo },
    },
    interaction: { ...options.vis.interaction, hideEdgesOnDrag: crowded, hideEdgesOnZoom: crowded },
  };
}

// Labels keep about their size on the screen whatever the zoom, until there is no room for them.
function fit(view) {
  view.network.fit({ maxZoomLevel: 1.3 });
  view.fontSize = Math.min(Math.max(12 / view.network.getScale(), 12), 34);
  view.network.setOptions({ nodes: { font: { size: view.fontSize } } });
}

function showLegend(list, roles) {
  list.replaceChildren(
    ...roles.map(({ glyph, name, colour, accounts, meaning }) => {
      const mark = Object.assign(document.createElement("span"), { textContent: glyph });
      mark.style.color = colour;
      const entry = Object.assign(document.createElement("li"), { title: meaning });
      entry.append(mark, ` ${name} ${accounts}`);
      return entry;
    }),
  );
}

function createView(vis, canvas) {
  const nodes = new vis.DataSet();
  const edges = new vis.DataSet();
  const network = new vis.Network(canvas, { nodes, edges }, { physics: { enabled: false } });
  const view = { nodes, edges, network, ring: null, selected: null, component: null, fontSize: 13 };
  network.on("click", ({ nodes: [clicked] }) => {
    view.selected = clicked?.slice(1) ?? null;
    view.component.setStateValue("selected", view.selected);
  });
  network.on("doubleClick", ({ nodes: [clicked] }) => {
    if (clicked !== undefined) view.component.setTriggerValue("expand", clicked.slice(1));
  });
  // A tab that was hidden has no size when the network is made: fit once it has one.
  new ResizeObserver(() => fit(view)).observe(canvas);
  return view;
}

function show(view, data, host) {
  replace(view.nodes, data.nodes);
  replace(view.edges, data.edges.map((edge) => ({ ...edge, id: `${edge.from}\u0000${edge.to}` })));
  const options = { vis: data.options, edgeCount: data.edges.length };
  view.network.setOptions(themed(options, host, view.fontSize));
  const selected = `@${data.selected}`;
  const known = data.selected !== null && view.nodes.get(selected) !== null;
  if (known) view.network.selectNodes([selected]);
  else view.network.unselectAll();
  if (view.ring !== data.ring) {
    view.ring = data.ring;
    fit(view);
  }
}

export default async function (component) {
  const { data, parentElement } = component;
  const canvas = parentElement.querySelector(".ring-canvas");
  const host = parentElement.host ?? parentElement;
  canvas.setAttribute("aria-label", data.description);
  canvas.style.height = `${data.height}px`;
  parentElement.querySelector(".ring-fit").onclick = () => fit(views.get(parentElement));
  showLegend(parentElement.querySelector(".ring-legend"), data.legend);
  let vis;
  try {
    vis = await loadLibrary();
  } catch (error) {
    canvas.textContent = `The graph cannot be drawn: ${error.message}. Reload the page.`;
    return;
  }
  if (!views.has(parentElement)) views.set(parentElement, createView(vis, canvas));
  const view = views.get(parentElement);
  view.component = component;
  show(view, data, host);
}
