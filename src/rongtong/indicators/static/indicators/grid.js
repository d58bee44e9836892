// The entry grid: arrows, Enter, paste of a block, undo, private drafts. Without this file the grid is a plain form.
(() => {
  "use strict";
  const form = document.getElementById("entry-grid");
  if (!form) return;
  const state = document.getElementById("entry-state");
  const rows = Array.from(form.querySelectorAll("tbody tr"), (row) => Array.from(row.querySelectorAll("td"), (cell) => cell.querySelector("input")));
  const history = [];
  let timer = 0;
  let sending = null;

  const place = (input) => {
    for (let y = 0; y < rows.length; y += 1) {
      const x = rows[y].indexOf(input);
      if (x >= 0) return [y, x];
    }
    return null;
  };

  const move = (input, down, right) => {
    const at = place(input);
    if (!at) return false;
    let [y, x] = [at[0] + down, at[1] + right];
    while (y >= 0 && y < rows.length && x >= 0 && x < rows[y].length) {
      if (rows[y][x]) {
        rows[y][x].focus();
        rows[y][x].select();
        return true;
      }
      y += down;
      x += right;
    }
    return false;
  };

  const remember = (changes) => {
    history.push(changes);
    if (history.length > 200) history.shift();
  };

  const keep = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(send, 600);
  };

  const show = (errors) => {
    form.querySelectorAll("tbody input").forEach((input) => {
      const error = errors[input.name] || "";
      input.classList.toggle("is-invalid", Boolean(error));
      input.toggleAttribute("aria-invalid", Boolean(error));
      const text = document.getElementById(`error-${input.name}`);
      if (text) text.textContent = error;
    });
  };

  const send = async () => {
    if (sending) sending.abort();
    sending = new AbortController();
    try {
      const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: new FormData(form), signal: sending.signal, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      show((await answer.json()).errors);
      state.textContent = `✓ ${form.dataset.saved}`;
    } catch (failure) {
      if (failure.name !== "AbortError") state.textContent = form.dataset.failed;
    }
  };

  form.addEventListener("focusin", (event) => {
    if (event.target.matches("tbody input")) event.target.dataset.before = event.target.value;
  });

  form.addEventListener("change", (event) => {
    if (!event.target.matches("tbody input")) return;
    remember([[event.target, event.target.dataset.before || ""]]);
    event.target.dataset.before = event.target.value;
    keep();
  });

  form.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.matches("tbody input")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && history.length && input.value === (input.dataset.before || "")) {
      history.pop().forEach(([cell, text]) => {
        cell.value = text;
        cell.dataset.before = text;
      });
      event.preventDefault();
      keep();
      return;
    }
    const atEdge = { ArrowLeft: input.selectionEnd === 0, ArrowRight: input.selectionStart === input.value.length };
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [event.shiftKey ? -1 : 1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const step = steps[event.key];
    if (!step || atEdge[event.key] === false || event.isComposing) return;
    if (move(input, step[0], step[1]) || event.key === "Enter") event.preventDefault();
  });

  form.addEventListener("paste", (event) => {
    const input = event.target;
    const at = input.matches("tbody input") ? place(input) : null;
    const text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!at || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    const changes = [];
    text.replace(/\r?\n$/, "").split(/\r?\n/).forEach((line, down) => {
      line.split("\t").forEach((value, right) => {
        const cell = rows[at[0] + down] && rows[at[0] + down][at[1] + right];
        if (!cell) return;
        changes.push([cell, cell.value]);
        cell.value = value.trim();
        cell.dataset.before = cell.value;
      });
    });
    remember(changes);
    keep();
  });
})();
