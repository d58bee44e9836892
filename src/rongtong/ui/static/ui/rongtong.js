"use strict";
/* Moves, charts, the drawer, pickers, keys. Everything here is an addition: pages work without it. */
(() => {
  const COLOURS = { production: "#1F5FA8", party: "#B4232A", grey: "#667085" };
  const NARROW = "(max-width: 900px)";
  const $ = (id) => document.getElementById(id);

  /* ---- moves: links and GET forms are swaps with the address kept right; what changes something or downloads stays with the browser */

  const DOWNLOAD = /[?&]export=|\/export\/|\.ics$|[?&]print=|[?&]wall=/;

  document.addEventListener("htmx:beforeProcessNode", (event) => {
    const it = event.target;
    if (it.tagName === "FORM" && (it.getAttribute("method") || "get").toLowerCase() === "post") it.setAttribute("hx-boost", "false");
    if (it.tagName === "FORM" && it.querySelector("[name=export]")) it.setAttribute("hx-boost", "false");
    if (it.tagName === "A" && (it.hasAttribute("download") || DOWNLOAD.test(it.getAttribute("href") || ""))) it.setAttribute("hx-boost", "false");
  });

  document.addEventListener("htmx:beforeHistoryUpdate", () => document.body.classList.remove("rt-moving"));
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.boosted) document.body.classList.add("rt-moving"); });
  for (const name of ["htmx:afterRequest", "htmx:sendError"]) document.addEventListener(name, () => document.body.classList.remove("rt-moving"));

  function moved() {
    ready(document);
    window.scrollTo(0, 0);
    const target = window.location.hash ? $(window.location.hash.slice(1)) : null;
    if (target) { target.scrollIntoView(); return; }
    const main = $("main");
    if (main) main.focus({ preventScroll: true });
  }

  /* ---- charts */

  function read(id) {
    const script = $(id);
    return script ? JSON.parse(script.textContent) : null;
  }

  function xmrOption(data, unit) {
    const hits = new Set(data.signals || []);
    const starts = (data.starts || []).map((one) => ({ xAxis: one.month, name: one.name, label: { formatter: one.name, color: "#6B4FA0" }, lineStyle: { color: "#6B4FA0" } }));
    const limits = ["lower", "centre", "upper"].filter((k) => data[k] !== undefined).map((k) => ({ yAxis: data[k] }));
    return {
      animation: false, tooltip: { trigger: "axis", renderMode: "richText" }, grid: { left: 56, right: 64, top: 26, bottom: 28 },
      xAxis: { type: "category", data: data.months, boundaryGap: false },
      yAxis: { type: "value", scale: true, name: unit },
      series: [{
        type: "line", connectNulls: false, lineStyle: { color: COLOURS.production },
        data: data.values.map((value, at) => {
          const hit = hits.has(data.months[at]);
          return { value, symbolSize: hit ? 9 : 5, itemStyle: { color: hit ? COLOURS.party : COLOURS.production } };
        }),
        markLine: { silent: true, symbol: "none", lineStyle: { type: "dashed", color: COLOURS.grey }, precision: 2, data: limits.concat(starts) },
      }],
    };
  }

  function draw(box) {
    if (!window.echarts || box.dataset.drawn) return;
    const data = read(box.dataset.source);
    if (!data) return;
    box.dataset.drawn = "1";
    const chart = window.echarts.init(box, null, { renderer: "svg" });
    chart.setOption(data.series ? data : xmrOption(data, box.dataset.unit || ""));
    chart.on("click", (event) => { if (event.data && event.data.url) open(event.data.url); });
    new ResizeObserver(() => { if (document.contains(box)) chart.resize(); }).observe(box);
    tools(box, chart);
  }

  function open(url) {
    const link = document.createElement("a");
    link.href = url;
    document.body.append(link);
    if (window.htmx) window.htmx.process(link);
    link.click();
    link.remove();
  }

  /* a table of the same data one key away, the picture and the data to take along */
  function tools(box, chart) {
    const card = box.closest("section, .rt-card, .card") || box.parentElement;
    const table = card.querySelector("details table");
    const bar = card.querySelector(".rt-tools");
    if (!bar) return;
    const name = (card.querySelector("h2") || box).textContent.trim().split(/\s{2,}|\n/)[0] || "chart";
    bar.hidden = false;
    bar.querySelector("[data-picture]").addEventListener("click", () => {
      save(`${name}.svg`, decodeURIComponent(chart.getDataURL({ type: "svg" }).split(",").slice(1).join(",")), "image/svg+xml");
    });
    const data = bar.querySelector("[data-table]");
    if (!table) { data.hidden = true; return; }
    data.addEventListener("click", () => {
      const rows = [...table.rows].map((row) => [...row.cells].map((cell) => `"${cell.textContent.trim().replace(/\s+/g, " ").replace(/"/g, '""')}"`).join(","));
      save(`${name}.csv`, `\ufeff${rows.join("\r\n")}\r\n`, "text/csv");
    });
    box.tabIndex = 0;
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "t") { event.preventDefault(); const more = table.closest("details"); more.open = !more.open; }
    });
  }

  function save(name, text, type) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function bars(root) {
    root.querySelectorAll("[data-share]").forEach((bar) => { bar.style.width = `${Math.max(0, Math.min(100, Number(bar.dataset.share)))}%`; });
  }

  /* ---- the drawer: each line goes one step deeper, back goes one step up */

  let opener = null;
  let trail = [];

  function closeDrawer() {
    const box = $("drawer");
    if (!box || box.hidden) return;
    box.hidden = true;
    trail = [];
    if (opener && document.contains(opener)) opener.focus();
    opener = null;
  }

  function headed(box) {
    const head = document.createElement("div");
    head.className = "rt-drawer-head";
    if (trail.length > 1) head.append(button(box.dataset.back, "back"));
    head.append(button(box.dataset.closeLabel, "close"));
    box.prepend(head);
  }

  function button(label, action) {
    const one = document.createElement("button");
    one.type = "button";
    one.className = "btn btn-sm";
    one.textContent = label;
    one.dataset.drawer = action;
    return one;
  }

  function entered(event) {
    const box = $("drawer");
    const asked = event.detail.pathInfo ? event.detail.pathInfo.finalRequestPath : "";
    if (!box.contains(document.activeElement) && box.hidden) { opener = event.detail.requestConfig ? event.detail.requestConfig.elt : opener; trail = []; }
    if (trail[trail.length - 1] !== asked) trail.push(asked);
    headed(box);
    box.hidden = false;
    box.scrollTop = 0;
    box.querySelector("[data-drawer='close']").focus();
  }

  function back() {
    trail.pop();
    const last = trail.pop();
    if (last && window.htmx) window.htmx.ajax("GET", last, { target: "#drawer", swap: "innerHTML" });
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "drawer") entered(event);
    if (event.target.id === "found") { const box = $("found"); box.hidden = !box.textContent.trim(); }
    if (event.target === document.body) { moved(); return; }
    ready(event.target);
  });
  document.addEventListener("htmx:historyRestore", () => ready(document));

  document.addEventListener("click", (event) => {
    const action = event.target.closest("[data-drawer]");
    if (action) { event.preventDefault(); if (action.dataset.drawer === "back") back(); else closeDrawer(); return; }
    if (event.target.closest("[data-close]")) { event.preventDefault(); closeDrawer(); }
    if (event.target.closest("[data-fold]")) fold();
    if (event.target.closest("[data-print]")) window.print();
    document.querySelectorAll(".rt-account[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    document.querySelectorAll(".rt-options:not([hidden])").forEach((list) => { if (!list.parentElement.contains(event.target)) shut(list); });
  });

  function fold() {
    const page = document.querySelector(".rt");
    const narrow = page.classList.toggle("rt-narrow");
    document.cookie = `rt_nav=${narrow ? "narrow" : "wide"}; path=/; max-age=31536000; samesite=lax`;
    document.querySelectorAll(".rt-menu a").forEach((link) => { if (narrow) link.title = link.textContent.trim(); else link.removeAttribute("title"); });
    window.dispatchEvent(new Event("resize"));
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { document.querySelectorAll(".rt-options:not([hidden])").forEach(shut); closeDrawer(); }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const box = $("q");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && (event.target.id === "q" || (event.target.closest && event.target.closest("#found")))) {
      const links = [...document.querySelectorAll("#found li > a:first-child")];
      if (!links.length) return;
      event.preventDefault();
      const at = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      (links[at] || $("q")).focus();
    }
  });

  /* ---- pickers */

  function shut(list) {
    list.hidden = true;
    const input = list.parentElement.querySelector("[role=combobox]");
    if (input) { input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); }
  }

  function suggest(input) {
    if (input.dataset.ready) return;
    input.dataset.ready = "1";
    const list = $(input.getAttribute("aria-controls"));
    let timer = 0;
    let at = -1;

    function mark(next) {
      const options = [...list.children];
      if (!options.length) return;
      at = (next + options.length) % options.length;
      options.forEach((one, k) => one.setAttribute("aria-selected", String(k === at)));
      input.setAttribute("aria-activedescendant", options[at].id);
      options[at].scrollIntoView({ block: "nearest" });
    }

    function choose(option) {
      input.value = option.dataset.value;
      shut(list);
      input.form.requestSubmit();
    }

    async function ask(text) {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`);
      if (!answer.ok) return;
      const items = (await answer.json()).items;
      list.replaceChildren(...items.map((item, k) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${k}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.value = item.label;
        option.className = item.tree === "P" ? "rt-party-text" : "rt-production-text";
        option.textContent = item.label;
        const hint = document.createElement("small");
        hint.textContent = item.hint || "";
        option.append(hint);
        option.addEventListener("mousedown", (event) => { event.preventDefault(); choose(option); });
        return option;
      }));
      at = -1;
      list.hidden = !items.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
    }

    input.addEventListener("focus", () => { input.select(); ask(""); });
    input.addEventListener("blur", () => shut(list));
    input.addEventListener("input", () => { window.clearTimeout(timer); timer = window.setTimeout(() => ask(input.value), 150); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); if (list.hidden) ask(input.value); else mark(event.key === "ArrowDown" ? at + 1 : at - 1); }
      if (event.key === "Enter" && !list.hidden && at >= 0) { event.preventDefault(); choose(list.children[at]); }
    });
  }

  /* a field of a form: the browser's own list, filled as one types */
  function listed(input) {
    if (input.dataset.ready) return;
    input.dataset.ready = "1";
    let timer = 0;
    input.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(async () => {
        const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(input.value)}`);
        if (!answer.ok) return;
        const list = $(input.getAttribute("list"));
        if (list) list.replaceChildren(...(await answer.json()).items.map((item) => {
          const option = document.createElement("option");
          option.value = item.label;
          option.textContent = item.hint;
          return option;
        }));
      }, 150);
    });
  }

  /* ---- selections of table rows: the bulk bar says how many */

  function picked(form) {
    const bar = form.querySelector("[data-bulk]");
    if (!bar) return;
    const count = form.querySelectorAll("tbody input[type=checkbox]:checked").length;
    bar.hidden = !count;
    const say = bar.querySelector("[data-count]");
    if (say) say.textContent = String(count);
  }

  document.addEventListener("change", (event) => {
    const it = event.target;
    if (it.matches("[data-send]")) it.form.requestSubmit();
    if (it.matches("[data-all]")) it.closest("table").querySelectorAll("tbody input[type=checkbox]").forEach((box) => { box.checked = it.checked; });
    const form = it.closest("form[data-bulk-form]");
    if (form) picked(form);
  });

  /* weights of a set: their sum stands beside the heading as one types */
  function weigh(side) {
    const weights = [...side.querySelectorAll("[data-weight]")].map((input) => Number.parseFloat(input.value.replace(",", "."))).filter((value) => !Number.isNaN(value));
    const total = weights.reduce((sum, value) => sum + value, 0);
    const say = side.querySelector("[data-weight-sum]");
    say.textContent = weights.length ? `${total.toFixed(4)} ${Math.abs(total - 1) < 1e-6 ? "✓" : "▲"}` : "—";
    say.className = weights.length && Math.abs(total - 1) >= 1e-6 ? "rt-red" : "rt-green";
  }

  document.addEventListener("input", (event) => {
    const side = event.target.matches("[data-weight]") ? event.target.closest("[data-weight-side]") : null;
    if (side) weigh(side);
  });

  /* a node of one tree and what it goes with in the other light up together */
  function together(event) {
    const row = event.target.closest ? event.target.closest("[data-node]") : null;
    document.querySelectorAll(".rt-linked").forEach((one) => one.classList.remove("rt-linked"));
    if (!row) return;
    const wanted = (row.dataset.goes || "").split(" ").filter(Boolean);
    wanted.forEach((pk) => document.querySelectorAll(`[data-node="${pk}"]`).forEach((one) => one.classList.add("rt-linked")));
  }
  document.addEventListener("mouseover", together);
  document.addEventListener("focusin", together);

  /* a table that scrolls sideways and holds nothing to tab to can be reached by key all the same */
  function reachable(box) {
    if (box.scrollWidth > box.clientWidth && !box.querySelector("a[href], button, input, select")) box.tabIndex = 0;
  }

  /* on a phone a wide table of words becomes one block a row, every cell under the name of its column */
  function stacked(table) {
    if (table.matches("[role=grid], .rt-matrix, .rt-duties, .rt-map, .rt-month-grid, .rt-linkage, .rt-stack") || !table.tHead) return;
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    const words = heads.filter((head) => head.textContent.trim() && !head.matches(".rt-n, .text-end"));
    if (words.length < 4 || heads.some((head) => head.colSpan > 1)) return;
    table.classList.add("rt-stack");
    for (const body of table.tBodies) {
      for (const row of body.rows) {
        const whole = [...row.cells].every((cell) => cell.colSpan === 1);
        [...row.cells].forEach((cell, at) => { if (whole && heads[at]) cell.dataset.label = heads[at].textContent.trim(); });
      }
    }
  }

  /* ---- what a new piece of page needs */

  function groups(root) {
    let closed = [];
    try { closed = JSON.parse(localStorage.getItem("rt-groups") || "[]"); } catch { closed = []; }
    root.querySelectorAll(".rt-group").forEach((group) => {
      if (group.dataset.ready) return;
      group.dataset.ready = "1";
      group.open = !closed.includes(group.dataset.group) || Boolean(group.querySelector("[aria-current]"));
      group.addEventListener("toggle", () => {
        const shutOnes = [...document.querySelectorAll(".rt-group:not([open])")].map((one) => one.dataset.group);
        try { localStorage.setItem("rt-groups", JSON.stringify(shutOnes)); } catch { /* private mode: not remembered */ }
      });
    });
    const here = root.querySelector(".rt-menu [aria-current]");
    const side = here && here.closest(".rt-side");
    if (side && here.offsetTop > side.clientHeight - 40) side.scrollTop = here.offsetTop - side.clientHeight / 2;
    if (window.matchMedia(NARROW).matches) root.querySelectorAll(".rt-menu").forEach((menu) => { menu.open = false; });
  }

  function ready(root) {
    root.querySelectorAll(".rt-chart[data-source]").forEach(draw);
    root.querySelectorAll("[data-suggest][role=combobox]").forEach(suggest);
    root.querySelectorAll("[data-suggest][list]").forEach(listed);
    root.querySelectorAll("form[data-bulk-form]").forEach(picked);
    root.querySelectorAll("[data-weight-side]").forEach(weigh);
    root.querySelectorAll("main .rt-scroll > table, main form .rt-scroll table").forEach(stacked);
    root.querySelectorAll(".rt-scroll, .table-responsive").forEach(reachable);
    bars(root);
    groups(root);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.body.classList.add("rt-scripted");
    ready(document);
  });
})();
