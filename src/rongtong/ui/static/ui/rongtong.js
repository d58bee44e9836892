"use strict";
/* Charts, the drawer, the scope picker, keys. Everything here is an addition: pages work without it. */
(() => {
  const COLOURS = { production: "#1F5FA8", party: "#B4232A", grey: "#667085" };

  function read(id) {
    const script = document.getElementById(id);
    return script ? JSON.parse(script.textContent) : null;
  }

  function xmrOption(data, unit) {
    const hits = new Set(data.signals || []);
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
        markLine: { silent: true, symbol: "none", lineStyle: { type: "dashed", color: COLOURS.grey }, precision: 2,
          data: ["lower", "centre", "upper"].filter((k) => data[k] !== undefined).map((k) => ({ yAxis: data[k] })) },
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
    chart.on("click", (event) => { if (event.data && event.data.url) window.location.href = event.data.url; });
    new ResizeObserver(() => chart.resize()).observe(box);
  }

  function bars(root) {
    root.querySelectorAll("[data-share]").forEach((bar) => { bar.style.width = `${Math.max(0, Math.min(100, Number(bar.dataset.share)))}%`; });
  }

  function ready(root) {
    root.querySelectorAll(".rt-chart[data-source]").forEach(draw);
    bars(root);
  }

  const drawer = () => document.getElementById("drawer");
  let opener = null;

  function closeDrawer() {
    const box = drawer();
    if (!box || box.hidden) return;
    box.hidden = true;
    if (opener) opener.focus();
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "drawer") {
      const box = drawer();
      if (!box.contains(document.activeElement)) opener = event.detail.requestConfig ? event.detail.requestConfig.elt : opener;
      box.hidden = false;
      const close = box.querySelector("[data-close]");
      if (close) close.focus();
    }
    ready(event.target);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) { event.preventDefault(); closeDrawer(); }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeDrawer();
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const box = document.getElementById("q");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    }
  });

  function suggest(input) {
    let timer = 0;
    input.addEventListener("focus", () => input.select());
    input.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(async () => {
        const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(input.value)}`);
        if (!answer.ok) return;
        const list = document.getElementById(input.getAttribute("list"));
        list.replaceChildren(...(await answer.json()).items.map((item) => {
          const option = document.createElement("option");
          option.value = item.label;
          option.textContent = item.hint;
          return option;
        }));
      }, 150);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.body.classList.add("rt-scripted");
    if (window.matchMedia("(max-width: 900px)").matches) document.querySelectorAll(".rt-menu").forEach((menu) => { menu.open = false; });
    document.querySelectorAll("[data-suggest]").forEach(suggest);
    ready(document);
  });
})();
