// Makes the picture of a plan explorable: search, zoom, filters, namespaces, and a panel.
// Everything that is shown comes from the page's own data and is set as text, never as markup.
"use strict";

(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const data = JSON.parse(document.getElementById("plan-data").textContent);
  const frame = document.querySelector(".picture");
  const svg = frame && frame.querySelector("svg.plan");
  const things = new Map(); // id of a row -> its step or dataset
  const byName = new Map([["step", new Map()], ["dataset", new Map()]]);
  for (const [kind, list] of [["step", data.steps], ["dataset", data.datasets]]) {
    for (const thing of list) {
      thing.kind = kind;
      things.set(thing.id, thing);
      // Names that differ in what cannot be shown look alike: the first one has the address.
      if (!byName.get(kind).has(thing.name)) byName.get(kind).set(thing.name, thing);
    }
  }

  function make(tag, text, attributes = {}) {
    const element = document.createElement(tag);
    if (text !== undefined && text !== null) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  function button(text, action, className) {
    const element = make("button", text, { type: "button" });
    if (className) element.className = className;
    element.addEventListener("click", action);
    return element;
  }

  const panel = make("aside", null, {
    class: "panel hidden", tabindex: "-1", "aria-label": "What was chosen",
  });

  // ---- the tools above the picture ----
  const tools = make("div", null, { class: "tools", role: "group", "aria-label": "Explore the plan" });
  const search = make("input", null, {
    type: "search", id: "search", placeholder: "step, node, dataset, file", "aria-describedby": "said",
  });
  const said = make("span", "", { id: "said", role: "status", class: "quiet" });
  tools.append(make("label", "Search", { for: "search" }), search);
  const title = document.querySelector("h1");
  const before = document.querySelector(".legend") || title.nextElementSibling;
  before.before(tools);

  // ---- picture: boxes, edges, and what is shown of them ----
  const boxes = svg ? [...svg.querySelectorAll(".box")] : [];
  const links = svg ? [...svg.querySelectorAll(".link")] : [];
  const boxesOf = new Map();
  for (const box of boxes) {
    const id = box.dataset.id;
    if (!boxesOf.has(id)) boxesOf.set(id, []);
    boxesOf.get(id).push(box);
  }
  const next = new Map();
  const previous = new Map();
  function relate(map, from, to) {
    if (!map.has(from)) map.set(from, new Set());
    map.get(from).add(to);
  }
  function connect(from, to) {
    relate(next, from, to);
    relate(previous, to, from);
  }
  for (const step of data.steps) {
    for (const id of step.reads) connect(id, step.id);
    for (const id of step.writes) connect(step.id, id);
    for (const id of step.waits) connect(id, step.id);
  }
  for (const link of links) connect(link.dataset.from, link.dataset.to);

  function reach(map, start) {
    const seen = new Set();
    const open = [start];
    while (open.length) {
      for (const id of map.get(open.pop()) || []) {
        if (!seen.has(id)) {
          seen.add(id);
          open.push(id);
        }
      }
    }
    seen.delete(start);
    return seen;
  }

  const hiddenKinds = new Set();
  const collapsed = new Set();
  const namespaceBoxes = new Map();
  let chosen = null;
  let matches = null;

  function namespaceOf(thing) {
    // The outermost collapsed namespace that a step is in.
    if (!thing || thing.kind !== "step") return null;
    for (let at = thing.name.indexOf("."); at > 0; at = thing.name.indexOf(".", at + 1)) {
      const prefix = thing.name.slice(0, at);
      if (collapsed.has(prefix)) return prefix;
    }
    return null;
  }

  function placeOf(id) {
    // The collapsed namespace in which something is hidden, or null. A dataset is inside where all
    // that use it are.
    const thing = things.get(id);
    if (!thing || collapsed.size === 0) return null;
    if (thing.kind === "step") return namespaceOf(thing);
    const users = [...(previous.get(id) || []), ...(next.get(id) || [])];
    if (!users.length) return null;
    const spaces = new Set(users.map((user) => namespaceOf(things.get(user))));
    return spaces.size === 1 ? [...spaces][0] : null;
  }

  let groups = null; // what stands for collapsed namespaces
  function show() {
    if (!svg) return;
    const near = chosen && things.has(chosen)
      ? new Set([chosen, ...reach(next, chosen), ...reach(previous, chosen)]) : null;
    const within = new Map();
    const place = (id) => {
      if (!within.has(id)) within.set(id, placeOf(id));
      return within.get(id);
    };
    const isOff = (box) => hiddenKinds.has(box.dataset.look) || place(box.dataset.id) !== null;
    const offIds = new Set();
    for (const box of boxes) {
      const id = box.dataset.id;
      const off = isOff(box);
      if (off) offIds.add(id);
      box.classList.toggle("off", off);
      box.classList.toggle("chosen", id === chosen);
      box.classList.toggle("near", near !== null && near.has(id) && id !== chosen);
      box.classList.toggle("found", matches !== null && matches.has(id));
      box.classList.toggle(
        "dim", (near !== null && !near.has(id)) || (matches !== null && !matches.has(id)));
    }
    for (const link of links) {
      const { from, to } = link.dataset;
      const both = near !== null && near.has(from) && near.has(to);
      link.classList.toggle("off", offIds.has(from) || offIds.has(to));
      link.classList.toggle("near", both);
      link.classList.toggle("dim", (near !== null && !both) || matches !== null);
    }
    drawGroups(place);
    fixTabStop();
  }

  function rectOf(id) {
    const shape = boxesOf.get(id)[0].querySelector(".shape");
    return shape.getBBox();
  }

  function drawGroups(place) {
    if (groups) groups.remove();
    groups = null;
    if (!collapsed.size) return;
    groups = document.createElementNS(SVG, "g");
    const rects = new Map();
    for (const prefix of collapsed) {
      const members = data.steps.filter((step) => namespaceOf(step) === prefix && boxesOf.has(step.id));
      if (!members.length) continue;
      for (const step of members) {
        for (const box of boxesOf.get(step.id)) box.classList.remove("off");
      }
      const all = members.map((step) => rectOf(step.id));
      for (const step of members) {
        for (const box of boxesOf.get(step.id)) box.classList.add("off");
      }
      const x = all.reduce((sum, r) => sum + r.x + r.width / 2, 0) / all.length;
      const y = all.reduce((sum, r) => sum + r.y + r.height / 2, 0) / all.length;
      const distance = (r) => Math.hypot(r.x + r.width / 2 - x, r.y + r.height / 2 - y);
      rects.set(prefix, all.reduce((best, r) => (distance(r) < distance(best) ? r : best)));
    }
    const centre = (id) => {
      const prefix = place(id);
      const rect = prefix === null ? (boxesOf.has(id) ? rectOf(id) : null) : rects.get(prefix);
      return rect ? [rect.x + rect.width / 2, rect.y + rect.height / 2] : null;
    };
    const drawn = new Set();
    for (const link of links) {
      const { from, to } = link.dataset;
      const ends = [place(from), place(to)];
      if ((ends[0] === null && ends[1] === null) || ends[0] === ends[1]) continue;
      const key = `${ends[0] === null ? from : `:${ends[0]}`} ${ends[1] === null ? to : `:${ends[1]}`}`;
      const visible = [from, to].every(
        (id, n) => ends[n] !== null || boxesOf.get(id).some((box) => !box.classList.contains("off")));
      if (drawn.has(key) || !visible) continue;
      drawn.add(key);
      const [a, b] = [centre(from), centre(to)];
      if (!a || !b) continue;
      const line = document.createElementNS(SVG, "path");
      line.setAttribute("class", "edge");
      line.setAttribute("d", `M${a[0]},${a[1]}L${b[0]},${b[1]}`);
      groups.append(line);
    }
    for (const [prefix, rect] of rects) {
      const box = document.createElementNS(SVG, "g");
      box.setAttribute("class", "box group");
      box.setAttribute("role", "button");
      box.setAttribute("tabindex", "0");
      box.setAttribute("aria-label", `Expand the namespace ${prefix}`);
      const shape = document.createElementNS(SVG, "rect");
      for (const name of ["x", "y", "width", "height"]) shape.setAttribute(name, rect[name]);
      shape.setAttribute("class", "shape step group");
      const text = document.createElementNS(SVG, "text");
      text.setAttribute("x", rect.x + rect.width / 2);
      text.setAttribute("y", rect.y + rect.height / 2 + 4);
      const room = Math.max(4, Math.floor(rect.width / 7.3) - 3);
      const letters = [...prefix]; // which halves no emoji
      text.textContent = `${letters.length > room ? `${letters.slice(0, room - 1).join("")}…` : prefix} +`;
      const tip = document.createElementNS(SVG, "title");
      tip.textContent = `${prefix}: collapsed; click to expand`;
      box.append(tip, shape, text);
      const expand = () => {
        setCollapsed(prefix, false);
        focusFirst(prefix);
      };
      box.addEventListener("click", (event) => {
        event.stopPropagation();
        if (!dragged) expand();
      });
      box.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          event.stopPropagation();
          expand();
        }
      });
      groups.append(box);
    }
    svg.append(groups);
  }

  function focusFirst(prefix) {
    // The box that had the focus is gone: go on with the first one that took its place.
    const step = data.steps.find((one) => one.name.startsWith(`${prefix}.`) && !isHiddenNow(one.id));
    const box = step ? boxesOf.get(step.id)[0] : groups && groups.querySelector(".group");
    if (!box) return;
    if (step) for (const one of boxes) one.setAttribute("tabindex", one === box ? "0" : "-1");
    box.focus({ preventScroll: true });
  }

  // ---- zoom and pan ----
  let view = null;
  let whole = null;
  let dragged = false;
  function setView(x, y, width, height) {
    // The middle of what is seen lies in the picture, so that nobody gets lost beside it.
    const within = (from, size, start, most) =>
      Math.min(Math.max(from, start - size / 2), start + most - size / 2);
    view = {
      x: within(x, width, whole.x, whole.width), y: within(y, height, whole.y, whole.height),
      width, height,
    };
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${width} ${height}`);
  }
  function showWhole() {
    setView(whole.x, whole.y, whole.width, whole.height);
  }
  function showStart() {
    // Readable first: a picture that is much larger than its frame starts at its first box.
    const wide = frame.clientWidth || 800;
    const high = frame.clientHeight || 500;
    if (whole.width <= wide * 1.7 && whole.height <= high * 1.7) {
      showWhole();
      return;
    }
    const rects = boxes.map((box) => box.querySelector(".shape").getBBox());
    // In a picture that goes down nearly all edges do; in one that goes right, half of them.
    const top = new Map(boxes.map((box, n) => [box.dataset.id, rects[n].y]));
    const down = links.filter((link) => top.get(link.dataset.to) > top.get(link.dataset.from));
    const isDown = down.length > links.length * 0.8;
    const first = rects.reduce((best, rect) => ((isDown ? rect.y < best.y : rect.x < best.x) ? rect : best));
    const start = (from, size, room, middle) => {
      if (size <= room) return from - (room - size) / 2;
      return Math.min(Math.max(middle - room / 2, from), from + size - room);
    };
    setView(
      isDown ? start(whole.x, whole.width, wide, first.x + first.width / 2) : whole.x,
      isDown ? whole.y : start(whole.y, whole.height, high, first.y + first.height / 2),
      wide, high);
  }
  // The panel and the window change the frame: what is seen keeps its size and its middle.
  let room = null;
  function keepScale() {
    if (!svg) return;
    const [wide, high] = [frame.clientWidth, frame.clientHeight];
    if (room && (room.wide !== wide || room.high !== high)) {
      const before = Math.max(view.width / room.wide, view.height / room.high);
      const isWhole = view.width === whole.width && view.height === whole.height;
      const [width, height] = [wide * before, high * before];
      if (!isWhole) {
        setView(
          view.x + (view.width - width) / 2, view.y + (view.height - height) / 2, width, height);
      }
    }
    room = { wide, high };
  }
  function scale() {
    return Math.max(view.width / frame.clientWidth, view.height / frame.clientHeight);
  }
  function zoom(factor, centreX = view.x + view.width / 2, centreY = view.y + view.height / 2) {
    const most = Math.max(whole.width, whole.height, frame.clientWidth) * 2;
    const least = Math.min(60, whole.width);
    const limited = Math.min(Math.max(factor, least / view.width), most / view.width);
    setView(
      centreX - (centreX - view.x) * limited, centreY - (centreY - view.y) * limited,
      view.width * limited, view.height * limited);
  }
  function pan(byX, byY) {
    setView(view.x + byX, view.y + byY, view.width, view.height);
  }
  function reveal(id) {
    const box = (boxesOf.get(id) || []).find((one) => !one.classList.contains("off"));
    if (!box) return;
    const rect = box.querySelector(".shape").getBBox();
    const size = { width: Math.min(view.width, frame.clientWidth), height: Math.min(view.height, frame.clientHeight) };
    setView(
      rect.x + rect.width / 2 - size.width / 2, rect.y + rect.height / 2 - size.height / 2,
      size.width, size.height);
  }

  if (svg) startPicture();
  function startPicture() {
    const box = svg.viewBox.baseVal;
    whole = { x: box.x, y: box.y, width: box.width, height: box.height };
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    const checkbox = document.getElementById("whole");
    if (checkbox) {
      document.querySelector('label[for="whole"]').remove();
      checkbox.remove();
    }
    svg.setAttribute("role", "group");
    const around = make("div", null, { class: "explored" });
    frame.before(around);
    around.append(frame, panel);
    frame.removeAttribute("tabindex");
    showStart();
    keepScale();
    window.addEventListener("resize", keepScale);
    // Paper shows the whole picture, wherever the reader is in it.
    let seen = null;
    window.addEventListener("beforeprint", () => {
      seen = view;
      showWhole();
    });
    window.addEventListener("afterprint", () => {
      if (seen) setView(seen.x, seen.y, seen.width, seen.height);
      seen = null;
    });
    const how = document.getElementById("how");
    if (how) how.textContent = "Click a box, or press Enter on it, for the reason.";
    tools.append(
      button("Zoom in", () => zoom(1 / 1.4)), button("Zoom out", () => zoom(1.4)),
      button("The whole picture", showWhole));

    frame.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
      event.preventDefault();
      zoom(Math.exp(event.deltaY / 300), ...pointAt(event));
    }, { passive: false });

    const pointers = new Map();
    let moved = 0;
    frame.addEventListener("pointerdown", (event) => {
      pointers.set(event.pointerId, event);
      if (pointers.size === 1) {
        moved = 0;
        dragged = false;
      }
    });
    frame.addEventListener("pointermove", (event) => {
      const last = pointers.get(event.pointerId);
      if (!last) return;
      if (event.buttons === 0) {
        pointers.delete(event.pointerId);
        return;
      }
      const byX = event.clientX - last.clientX;
      const byY = event.clientY - last.clientY;
      moved += Math.abs(byX) + Math.abs(byY);
      if (moved > 6 && !dragged) {
        dragged = true;
        frame.setPointerCapture(event.pointerId);
      }
      if (pointers.size === 1) {
        if (dragged) pan(-byX * scale(), -byY * scale());
      } else {
        const other = [...pointers.values()].find((one) => one.pointerId !== event.pointerId);
        const far = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
        if (far(event) > 0) zoom(far(last) / far(event), ...pointAt(other));
      }
      pointers.set(event.pointerId, event);
    });
    for (const name of ["pointerup", "pointercancel"]) {
      frame.addEventListener(name, (event) => {
        pointers.delete(event.pointerId);
        // After the click that ends a drag; screen readers click without a pointer.
        if (!pointers.size) setTimeout(() => { dragged = false; });
      });
    }

    for (const one of boxes) {
      const thing = things.get(one.dataset.id);
      one.setAttribute("role", "button");
      one.setAttribute("tabindex", "-1");
      one.setAttribute("aria-label", `${thing.kind} ${thing.name}`);
      one.addEventListener("click", () => {
        if (!dragged) choose(one.dataset.id);
      });
    }
    svg.addEventListener("keydown", moveByKey);
    addFilters();
    addNamespaces();
  }

  function pointAt(event) {
    const point = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(svg.getScreenCTM().inverse());
    return [point.x, point.y];
  }

  // One box is a tab stop, and the arrow keys lead to the others: hundreds of stops help nobody.
  function fixTabStop() {
    const shown = boxes.filter((box) => !box.classList.contains("off"));
    const stop = shown.find((box) => box.dataset.id === chosen)
      || shown.find((box) => box.getAttribute("tabindex") === "0") || shown[0];
    for (const box of boxes) box.setAttribute("tabindex", box === stop ? "0" : "-1");
  }

  function moveByKey(event) {
    const box = event.target.closest(".box");
    if (event.key === "+" || event.key === "=") zoom(1 / 1.4);
    else if (event.key === "-") zoom(1.4);
    else if (event.key === "0") showWhole();
    else if (!box || !box.dataset.id) return;
    else if (event.key === "Enter" || event.key === " ") choose(box.dataset.id, true);
    else if (event.key.startsWith("Arrow")) {
      const to = nearest(box, event.key);
      if (to) {
        for (const one of boxes) one.setAttribute("tabindex", one === to ? "0" : "-1");
        to.focus({ preventScroll: true });
        if (isOutside(to)) reveal(to.dataset.id);
      }
    } else return;
    event.preventDefault();
  }

  function isOutside(box) {
    const [inner, outer] = [box.getBoundingClientRect(), frame.getBoundingClientRect()];
    return inner.left < outer.left || inner.right > outer.right
      || inner.top < outer.top || inner.bottom > outer.bottom;
  }

  function nearest(box, key) {
    const middle = (one) => {
      const rect = one.querySelector(".shape").getBBox();
      return [rect.x + rect.width / 2, rect.y + rect.height / 2];
    };
    const [x, y] = middle(box);
    const [alongX, alongY] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    let best = null;
    let least = Infinity;
    for (const one of boxes) {
      if (one === box || one.classList.contains("off")) continue;
      const [toX, toY] = middle(one);
      const ahead = (toX - x) * alongX + (toY - y) * alongY;
      const aside = Math.abs((toX - x) * alongY) + Math.abs((toY - y) * alongX);
      if (ahead <= 1 || aside + ahead * 0.4 >= least) continue;
      least = aside + ahead * 0.4;
      best = one;
    }
    return best;
  }

  // ---- filters by kind, and namespaces ----
  function addFilters() {
    for (const item of document.querySelectorAll(".legend li[data-look]")) {
      const label = make("label");
      const box = make("input", null, { type: "checkbox" });
      box.checked = true;
      label.append(box, ...item.childNodes);
      item.append(label);
      box.addEventListener("change", () => {
        if (box.checked) hiddenKinds.delete(item.dataset.look);
        else hiddenKinds.add(item.dataset.look);
        show();
      });
    }
  }

  function setCollapsed(prefix, isCollapsed) {
    if (isCollapsed) collapsed.add(prefix);
    else collapsed.delete(prefix);
    if (namespaceBoxes.has(prefix)) namespaceBoxes.get(prefix).checked = isCollapsed;
    show();
  }

  function addNamespaces() {
    const counts = new Map();
    for (const step of data.steps) {
      for (let at = step.name.indexOf("."); at > 0; at = step.name.indexOf(".", at + 1)) {
        const prefix = step.name.slice(0, at);
        counts.set(prefix, (counts.get(prefix) || 0) + 1);
      }
    }
    const prefixes = [...counts].filter(([, count]) => count > 1).map(([prefix]) => prefix).sort();
    if (!prefixes.length) return;
    const menu = make("details");
    menu.append(make("summary", `Collapse namespaces (${prefixes.length})`));
    const list = make("ul");
    for (const prefix of prefixes) {
      const label = make("label");
      const box = make("input", null, { type: "checkbox" });
      box.addEventListener("change", () => setCollapsed(prefix, box.checked));
      namespaceBoxes.set(prefix, box);
      label.append(box, ` ${prefix} (${counts.get(prefix)} steps)`);
      const item = make("li");
      item.append(label);
      list.append(item);
    }
    menu.append(list);
    tools.append(menu);
  }

  // ---- search ----
  const texts = new Map();
  for (const thing of things.values()) {
    const parts = [thing.name, thing.file || "", thing.asset || ""];
    for (const node of thing.nodes || []) {
      parts.push(node.name, ...node.files.map(([, path]) => path));
    }
    texts.set(thing.id, parts.join("\n").toLowerCase());
  }
  let turn = 0;
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    turn = 0;
    matches = wanted
      ? new Set([...things.keys()].filter((id) => texts.get(id).includes(wanted))) : null;
    said.textContent = matches === null ? "" : `${matches.size} found`;
    for (const row of document.querySelectorAll("tbody tr[id]")) {
      const id = row.id.replace(/^run-/, ""); // a row of "What ran when" is about that step
      row.classList.toggle("hidden", matches !== null && things.has(id) && !matches.has(id));
    }
    show();
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !matches || !matches.size) return;
    event.preventDefault();
    const found = [...matches];
    choose(found[turn % found.length]);
    turn += 1;
  });

  // ---- the panel ----
  function choose(id, moveFocus = false) {
    chosen = id;
    const thing = things.get(id);
    const prefix = placeOf(id);
    if (prefix !== null) setCollapsed(prefix, false);
    show();
    fillPanel(thing);
    keepScale();
    if (svg && (isHiddenNow(id) || moveFocus || isFarAway(id))) reveal(id);
    if (moveFocus) panel.focus();
    showPanel();
    try {
      const isNamed = byName.get(thing.kind).get(thing.name) === thing;
      const address = isNamed ? `${thing.kind}:${encodeURIComponent(thing.name)}` : id;
      history.replaceState(null, "", `#${address}`);
    } catch { /* a page that has no address of its own keeps none */ }
  }
  function showPanel() {
    // On a phone it lies below the picture: its top comes to the middle of the window.
    panel.scrollTop = 0;
    const { top } = panel.getBoundingClientRect();
    if (top < 0 || top > window.innerHeight * 0.75) window.scrollBy(0, top - window.innerHeight / 2);
  }
  function isHiddenNow(id) {
    return !(boxesOf.get(id) || []).some((box) => !box.classList.contains("off"));
  }
  function isFarAway(id) {
    const box = (boxesOf.get(id) || [])[0];
    return Boolean(box) && isOutside(box);
  }
  function close() {
    const last = chosen;
    chosen = null;
    panel.classList.add("hidden");
    panel.parentElement.classList.remove("open");
    keepScale();
    show();
    const box = (boxesOf.get(last) || [])[0];
    if (box) box.focus({ preventScroll: true });
    try {
      history.replaceState(null, "", location.pathname + location.search);
    } catch { /* as above */ }
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen) close();
  });

  function part(heading, ...content) {
    panel.append(make("h3", heading), ...content);
  }
  function listOf(ids) {
    const list = make("ul");
    for (const id of ids) {
      const item = make("li");
      item.append(button(things.get(id).name, () => choose(id), "link"));
      list.append(item);
    }
    return list;
  }
  function block(text, label) {
    return make("pre", text, { tabindex: "0", role: "region", "aria-label": label });
  }
  function lines(texts_) {
    const list = make("ul");
    for (const text of texts_) list.append(make("li", text));
    return list;
  }

  function fillPanel(thing) {
    panel.textContent = "";
    panel.classList.remove("hidden");
    panel.parentElement.classList.add("open");
    panel.append(make("h2", thing.name), button("Close", close));
    for (const finding of data.findings.filter((one) => one.id === thing.id)) {
      part(`${finding.severity}: ${finding.code}`, make("p", finding.text, { class: "finding" }));
    }
    if (thing.kind === "step") fillStep(thing);
    else fillDataset(thing);
  }

  function fillStep(step) {
    if (step.run) {
      part("Status", make("p", step.run.status));
      if (step.run.took) part("Duration", make("p", step.run.took));
      if (step.run.waited) part("Waited for", make("p", step.run.waited));
      if (step.run.message) part("Message", make("p", step.run.message));
      if (step.run.log) {
        const row = make("p");
        row.append(make("a", "Last lines of the log", { href: `#${step.run.log}` }));
        part("Log", row);
      }
    }
    if (step.runsOn) part("Runs on", make("p", step.runsOn));
    if (step.environment) part("Environment", make("p", step.environment));
    if (step.why) part("Why", make("p", step.why));
    if (step.command) part("Command", block(step.command, "Command"));
    if (step.reads.length) part("Reads", listOf(step.reads));
    if (step.writes.length) part("Writes", listOf(step.writes));
    if (step.waits.length) part("Waits for", listOf(step.waits));
    if (step.mounts.length) part("Mounts", lines(step.mounts));
    part("Nodes and the files that they read", nodeList(step.nodes));
    if (step.yaml) part("In pipeline.yml", block(step.yaml, "Part of pipeline.yml"));
  }
  function nodeList(nodes) {
    const list = make("ul");
    for (const node of nodes) {
      const item = make("li", node.name);
      if (node.files.length) item.append(lines(node.files.map(([name, path]) => `${name}: ${path}`)));
      list.append(item);
    }
    return list;
  }
  function fillDataset(dataset) {
    part("Becomes", make("p", dataset.becomes));
    part("Why", make("p", dataset.why));
    if (dataset.asset) part("Data asset", make("p", dataset.asset));
    if (dataset.file) part("File", make("p", dataset.file));
    if (dataset.writtenBy.length) part("Written by", listOf(dataset.writtenBy));
    if (dataset.readBy.length) part("Read by", listOf(dataset.readBy));
    if (dataset.compared) part("Compared", make("p", dataset.compared));
  }

  // ---- deep links ----
  function follow() {
    let wanted = location.hash.slice(1);
    try {
      wanted = decodeURIComponent(wanted);
    } catch { /* not encoded */ }
    const [kind, ...rest] = wanted.split(":");
    const thing = things.get(wanted)
      || (byName.has(kind) && byName.get(kind).get(rest.join(":")))
      || byName.get("step").get(wanted) || byName.get("dataset").get(wanted)
      || data.steps.find((step) => step.nodes.some((node) => node.name === wanted));
    if (thing && thing.id !== chosen) choose(thing.id);
  }
  if (!svg) {
    tools.after(panel);
  }
  tools.append(said);
  show();
  follow();
  window.addEventListener("hashchange", follow);
})();
