"use strict";
(() => {
  // A table that is wider than its room scrolls, so the keyboard must be able to reach it; others need no stop.
  const reach = () => {
    for (const box of document.querySelectorAll(".wide, .log")) {
      const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
      if (scrolls) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };

  // A form is sent once: a second press would be a second run.
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", () => {
      // Later, since a disabled button would not tell which of them was pressed.
      window.setTimeout(() => {
        for (const part of form.elements) if (part.type === "submit") part.disabled = true;
      }, 0);
      const told = form.querySelector("[data-sending]");
      if (told) told.hidden = false;
    });
  }
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("button")) button.disabled = false;
    for (const told of document.querySelectorAll("[data-sending]")) told.hidden = true;
  });

  const run = document.querySelector("[data-events]");
  if (run) {
    const bar = document.getElementById("progress");
    const told = document.getElementById("told");
    const log = document.getElementById("log");
    const stages = [...document.querySelectorAll("[data-stage]")];

    const words = new Map(stages.map((stage) => [stage.dataset.stage, stage.dataset.word]));

    const show = (event) => {
      if (log.querySelector(`[data-number="${event.number}"]`)) return;
      const said = event.message || words.get(event.stage) || "";
      const text = event.message && event.done > 0 ? `${said} (${event.done} / ${event.total})` : said;
      const line = document.createElement("li");
      const time = document.createElement("time");
      const what = document.createElement("span");
      line.dataset.number = event.number;
      time.dateTime = event.at;
      time.textContent = event.at.slice(11, 19);
      what.textContent = text;
      line.append(time, what);
      log.append(line);
      log.parentElement.scrollTop = log.parentElement.scrollHeight;
      told.textContent = text;
      if (event.total > 0) {
        bar.max = event.total;
        bar.value = event.done;
      } else {
        bar.removeAttribute("value");
      }
      const at = stages.findIndex((stage) => stage.dataset.stage === event.stage);
      stages.forEach((stage, number) => {
        stage.className = number < at ? "done" : number === at ? "now" : "";
        if (number === at) stage.setAttribute("aria-current", "step");
        else stage.removeAttribute("aria-current");
        stage.querySelector(".sign").textContent = number < at ? "✓" : number === at ? "▶" : "○";
      });
      reach();
    };

    const source = new EventSource(run.dataset.events);
    source.addEventListener("progress", (message) => show(JSON.parse(message.data)));
    source.addEventListener("end", () => {
      source.close();
      location.reload();
    });
  }

  window.addEventListener("resize", reach);
  reach();
})();
