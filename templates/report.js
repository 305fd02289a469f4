"use strict";
(() => {
  const tools = document.getElementById("tools");
  const article = document.getElementById("by-article");
  const verdict = document.getElementById("by-verdict");
  const fold = document.getElementById("fold");
  const shown = document.getElementById("shown");
  const parts = [...document.querySelectorAll(".card, .rows")];
  const articles = [...document.querySelectorAll("section.article")];
  const details = [...document.querySelectorAll("details.more")];
  const size = (part) => Math.max(part.querySelectorAll(".row").length, 1);
  const all = parts.reduce((sum, part) => sum + size(part), 0);

  const filter = () => {
    let seen = 0;
    for (const part of parts) {
      part.hidden =
        (article.value !== "" && part.dataset.article !== article.value) ||
        (verdict.value !== "" && part.dataset.verdict !== verdict.value);
      seen += part.hidden ? 0 : size(part);
    }
    for (const section of articles) {
      section.hidden = !section.querySelector(".card:not([hidden]), .rows:not([hidden])");
    }
    shown.textContent = shown.dataset.shown.replace("{shown}", seen).replace("{all}", all);
  };
  const unfold = (open) => {
    for (const one of details) one.open = open;
    fold.setAttribute("aria-pressed", String(!open));
    fold.textContent = open ? fold.dataset.fold : fold.dataset.unfold;
  };
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) {
      article.value = verdict.value = "";
      filter();
      target.scrollIntoView();
    }
  };

  // A table that is wider than its room scrolls, so the keyboard must be able to reach it.
  const reach = () => {
    for (const table of document.querySelectorAll("main table, .summary table")) {
      if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
      else table.removeAttribute("tabindex");
    }
  };

  article.addEventListener("change", filter);
  verdict.addEventListener("change", filter);
  fold.addEventListener("click", () => unfold(fold.getAttribute("aria-pressed") === "true"));
  window.addEventListener("hashchange", reveal);
  window.addEventListener("resize", reach);
  window.addEventListener("beforeprint", () => {
    article.value = verdict.value = "";
    filter();
    unfold(true);
  });
  tools.hidden = false;
  filter();
  reach();
})();
