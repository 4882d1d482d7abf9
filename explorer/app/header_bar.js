// The head of the page: which table, what is running, undo, share, light or dark, the keys.

import { _ } from "../core/gettext.js";
import { Connection } from "../ui/connection.js";
import { copyNames } from "../ui/copy_name.js";
import { childrenOf, h, openDialog } from "../ui/dom.js";
import { hasModifier, isTyping } from "../ui/keys.js";
import { lifetimeOf } from "../ui/lifetime.js";
import { HelpDialog } from "./help_dialog.js";
import { SidePanels } from "./side_panels.js";
import { Tour } from "./tour.js";
import { TrayPanel } from "../tray/tray_panel.js";
import { sayWhyUnavailable, setUnavailable } from "../ui/forms/unavailable.js";

const NARROW = "(max-width: 1180px)"; // below, the buttons find no room beside the tabs

const THEME = "explorer-theme";
const KEYS = [
  [_("Wheel, + −"), _("zoom the map")],
  [_("Drag, arrows"), _("move the map")],
  ["0", _("the whole map")],
  ["P B L", _("pan, box, lasso")],
  [
    "N",
    _(
      "names of regions; Tab and arrow keys move between them, Enter selects; a table of regions comes after them",
    ),
  ],
  [_("Shift / Alt + drag"), _("add to / remove from the selection; both: keep what is in both")],
  ["I", _("invert the selection")],
  [_("Ctrl + click"), _("on a level of the legend: select its rows")],
  [_("Click, R"), _("open a row; find a row by its title")],
  [_("Esc"), _("close the card of the row, then clear the selection")],
  [_("Double-click"), _("clear the selection")],
  ["[ ]", _("close or open the panel on the left, on the right")],
  ["G", _("open or close the rows and charts under the map")],
  ["{ }", _("previous tab, next tab")],
  ["1 2", _("store the selection as group A, as group B")],
  ["/", _("search features; paste a list of names")],
  [_("↑ ↓ Space C Enter"), _("move between features, tick, colour the map, open")],
  ["K D T M F", _("keep, drop, transform, merge or defer the open feature")],
  [_("Ctrl+C"), _("on a feature of a list: copy its name, as filters and scripts write it")],
  [_("Ctrl+Enter"), _("project the ticked features")],
  [_("↑ ↓ Enter"), _("in an experiment: move between cells, open one; in its segments ↑ ↓ only")],
  [_("Ctrl+Z, Ctrl+Shift+Z"), _("undo, redo")],
  ["?", _("help")],
];

/**
 * @typedef {import("../ui/types/messages.js").HeaderBarParameters} Parameters
 * @typedef {import("../ui/types/messages.js").HeaderBarMessage} Message
 */

const TAB_LABELS = {
  Map: _("Map"),
  Rows: _("Rows"),
  Feature: _("Feature"),
  Together: _("Together"),
  Compare: _("Compare"),
  Experiment: _("Experiment"),
  Models: _("Models"),
  Review: _("Review"),
};

class HeaderBar {
  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.table = h("h1", { class: "table" });
    this.tabs = h("nav", { role: "tablist", "aria-label": _("Views") });
    this.done = h("i");
    this.told = h("span");
    this.stop = h(
      "button",
      {
        "aria-label": _("Cancel"),
        onclick: () => {
          const { job } = this.model.header;
          if (job) this.send({ type: job.over ? "dismiss" : "cancel" });
        },
      },
      "×",
    );
    this.job = h("span", { class: "job", role: "status" }, this.done, this.told, this.stop);
    this.undo = h(
      "button",
      {
        "aria-label": _("Undo"),
        onclick: () => this.send({ type: "undo" }),
      },
      "↶",
    );
    this.redo = h(
      "button",
      {
        "aria-label": _("Redo"),
        onclick: () => this.send({ type: "redo" }),
      },
      "↷",
    );
    this.share = h(
      "button",
      { title: _("Copy a link to exactly this state"), onclick: () => this.copy() },
      _("Share"),
    );
    this.sessions = h(
      "button",
      {
        title: _("Sessions: saved automatically, and as files"),
        onclick: () => {
          this.send({ type: "sessions" });
          this.list();
          openDialog(this.past);
        },
      },
      _("Sessions"),
    );
    this.file = h("input", {
      type: "file",
      accept: ".json",
      hidden: true,
      onchange: () => this.read(),
    });
    this.kept = h("div", { class: "kept" });
    this.notes = h("div", { class: "notes", role: "status" });
    this.past = h(
      "dialog",
      { class: "sheet" },
      h("h2", { class: "minor" }, _("Sessions")),
      h(
        "p",
        { class: "note" },
        _(
          "Sessions are saved automatically, in the data folder of whoever runs the server. You can undo opening one with Ctrl+Z.",
        ),
      ),
      this.kept,
      this.notes,
      this.file,
      h(
        "div",
        { class: "row" },
        h(
          "button",
          {
            class: "pill",
            title: _("All choices and steps as JSON; can be opened with new data too"),
            onclick: () => this.send({ type: "save_file" }),
          },
          _("Save as a file"),
        ),
        h("button", { class: "pill", onclick: () => this.file.click() }, _("Open a file…")),
        h("span", { class: "fill" }),
        h("button", { class: "primary", onclick: () => this.past.close() }, _("Close")),
      ),
    );
    this.theme = h(
      "button",
      {
        title: _("Light or dark"),
        "aria-label": _("Light or dark"),
        onclick: () => this.changeTheme(),
      },
      "◐",
    );
    this.help = new HelpDialog(() => this.send({ type: "help" }), lifetime);
    this.tour = document.getElementById("rows") ? new Tour() : null;
    this.sheet = h(
      "dialog",
      { class: "sheet" },
      h("h2", {}, _("Help")),
      h(
        "form",
        { class: "row", method: "dialog" },
        this.tour &&
          h(
            "button",
            { class: "pill", onclick: () => setTimeout(() => this.tour?.start()) },
            _("Take the tour"),
          ),
        h(
          "button",
          { class: "pill", onclick: () => setTimeout(() => this.help.open("map")) },
          _("How figures are computed"),
        ),
      ),
      h("h3", {}, _("Keys")),
      h("dl", {}, ...KEYS.flatMap(([key, meaning]) => [h("dt", {}, key), h("dd", {}, meaning)])),
      h("form", { method: "dialog" }, h("button", { class: "primary" }, _("Close"))),
    );
    this.panels = document.getElementById("rows") ? new SidePanels(lifetime) : null;
    this.tray = document.getElementById("tray")
      ? new TrayPanel((on) => this.send({ type: "tray", on }), lifetime)
      : null;
    this.actions = h(
      "div",
      { class: "actions" },
      this.undo,
      this.redo,
      this.sessions,
      this.share,
      this.theme,
      h(
        "button",
        {
          title: _("Help and keys (?)"),
          "aria-label": _("Help"),
          onclick: () => openDialog(this.sheet),
        },
        "?",
      ),
    );
    this.changed = h(
      "div",
      { class: "changed", role: "alert", hidden: true },
      h("span", {}),
      h("button", { class: "pill", onclick: () => this.changed.remove() }, _("Dismiss")),
    );
    this.more = h("button", { class: "more", "aria-label": _("More"), title: _("More") }, "⋯");
    root.append(
      h(
        "header",
        {},
        this.panels && this.panels.rows.button,
        h("span", { class: "brand" }, _("Explorer")),
        this.table,
        this.tabs,
        h("span", { class: "fill" }),
        this.tour && this.tour.offer,
        this.job,
        this.more,
        this.actions,
        this.tray && this.tray.button,
        this.panels && this.panels.features.button,
      ),
      this.changed,
      this.sheet,
      this.past,
      this.help.node,
      ...(this.tour ? [this.tour.spot, this.tour.card] : []),
    );
    this.show();
    model.on("help", () => this.help.fill(model.help));
    model.on("header", () => this.show());
    model.on("earlier", () => this.list());
    model.on("told", () => {
      this.notes.replaceChildren(...model.told.notes.map((text) => h("p", {}, text)));
      if (!model.told.notes.length) this.past.close();
    });
    model.on("saved", () => {
      if (model.saved.data) h("a", { href: model.saved.data, download: model.saved.name }).click();
    });
    document.addEventListener("keydown", (event) => this.key(event), { signal: lifetime });
    const narrow = window.matchMedia(NARROW);
    narrow.addEventListener("change", () => this.fold(narrow.matches), { signal: lifetime });
    this.fold(narrow.matches);
    copyNames(lifetime);
    sayWhyUnavailable(lifetime);
    this.connection = new Connection(lifetime);
    this.connection.restore();
    const theme = sessionStorage.getItem(THEME) || localStorage.getItem(THEME);
    if (theme && theme !== model.header.theme) this.send({ type: "theme" });
  }

  // Light or dark is the reader's own, so it is not in the address: the browser remembers it, for
  // this tab when it is loaded again, and for new ones.
  changeTheme() {
    const theme = this.model.header.theme === "dark" ? "light" : "dark";
    sessionStorage.setItem(THEME, theme);
    localStorage.setItem(THEME, theme);
    this.send({ type: "theme" });
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  // On a narrow window the buttons are a menu.
  fold(narrow) {
    this.actions.popover = narrow ? "auto" : null;
    this.more.hidden = !narrow;
    this.more.popoverTargetElement = this.actions;
  }

  show() {
    const header = this.model.header;
    this.table.textContent = header.table || "";
    setUnavailable(this.undo, !header.can_undo && _("Nothing to undo"), _("Undo (Ctrl+Z)"));
    setUnavailable(this.redo, !header.can_redo && _("Nothing to redo"), _("Redo (Ctrl+Shift+Z)"));
    document.documentElement.dataset.theme = header.theme;
    document.documentElement.dataset.tab = header.tab;
    this.tray?.show(header.tray);
    this.showTabs(header.tabs || [], header.tab);
    this.address(header.link);
    this.showChanged(header.changed);
    const job = header.job;
    this.job.classList.toggle("shown", Boolean(job));
    if (!job) return;
    this.job.classList.toggle("failed", Boolean(job.failed));
    this.job.title = job.title || "";
    this.done.style.width = `${Math.round(100 * job.share)}%`;
    this.told.textContent = job.text;
    this.stop.title = job.over ? _("Dismiss") : _("Cancel");
    this.stop.setAttribute("aria-label", this.stop.title);
  }

  // Figures that are there stay right: they are of the file as it was opened.
  showChanged(how) {
    this.changed.hidden = !how;
    this.changed.title = how || "";
    const [text] = childrenOf(this.changed);
    text.textContent = how
      ? _(
          "The data file has changed since it was opened. The page shows the file as it was and can read no more of it. To see the new file, stop Explorer and start it again.",
        )
      : "";
  }

  // Buttons stay the same ones while a job tells how far it is: one that is replaced between press
  // and release, or under the keys, is lost.
  showTabs(names, current) {
    if (
      names.join("\n") !==
      childrenOf(this.tabs)
        .map((tab) => tab.dataset.name)
        .join("\n")
    ) {
      this.tabs.replaceChildren(
        ...names.map((name) =>
          h(
            "button",
            {
              role: "tab",
              title: TAB_LABELS[name],
              "data-name": name,
              onclick: () => this.send({ type: "tab", name }),
              onkeydown: (event) => this.walkTabs(event),
            },
            TAB_LABELS[name],
          ),
        ),
      );
    }
    for (const tab of childrenOf(this.tabs)) {
      tab.setAttribute("aria-selected", String(tab.dataset.name === current));
      tab.className = tab.dataset.name === current ? "on" : "";
      tab.tabIndex = tab.dataset.name === current ? 0 : -1;
      if (tab.dataset.name === current && tab.dataset.name !== this.shown) {
        tab.scrollIntoView({ block: "nearest", inline: "nearest" });
      }
    }
    this.shown = current;
  }

  // Arrows move between the tabs, Enter or Space opens one: opening may have to count first.
  walkTabs(event) {
    const tabs = childrenOf(this.tabs);
    const at = tabs.indexOf(event.currentTarget);
    /** @type {Record<string, number>} */
    const places = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 };
    if (!(event.key in places)) return;
    tabs[(places[event.key] + tabs.length) % tabs.length].focus();
    event.preventDefault();
    event.stopPropagation();
  }

  // Every state has its address; the browser's history stays one entry a visit.
  address(link) {
    const url = new URL(location.href);
    if ((url.searchParams.get("s") || "") === (link || "")) return;
    if (link) url.searchParams.set("s", link);
    else url.searchParams.delete("s");
    history.replaceState(null, "", url);
  }

  list() {
    this.notes.replaceChildren();
    this.kept.replaceChildren(
      ...(this.model.earlier.length
        ? this.model.earlier.map((session) =>
            h(
              "button",
              { class: "session", onclick: () => this.send({ type: "reopen", key: session.key }) },
              h("b", {}, session.ago),
              ` ${session.who ? `${session.who} · ` : ""}${session.words}`,
              session.changed ? h("i", {}, ` · ${_("made with other data")}`) : "",
            ),
          )
        : [h("p", { class: "note" }, _("None yet."))]),
    );
  }

  read() {
    const file = this.file.files?.[0];
    if (file && file.size > 15e6) {
      this.notes.replaceChildren(
        h(
          "p",
          {},
          _("{name} has {size} MB; a session file may have 15 MB at most", {
            name: file.name,
            size: Math.round(file.size / 1e6),
          }),
        ),
      );
    } else if (file) file.text().then((text) => this.send({ type: "open_file", text }));
    this.file.value = "";
  }

  copy() {
    const done = () => {
      this.share.textContent = _("Copied");
      setTimeout(() => {
        this.share.textContent = _("Share");
      }, 1500);
    };
    if (navigator.clipboard) {
      navigator.clipboard
        .writeText(location.href)
        .then(done, () => window.prompt(_("Link to this state"), location.href));
    } else window.prompt(_("Link to this state"), location.href);
  }

  key(event) {
    if (isTyping(event)) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === "z") {
      this.send({ type: event.shiftKey ? "redo" : "undo" });
    } else if (hasModifier(event)) return;
    else if (this.panels?.key(event)) event.stopImmediatePropagation();
    else if (this.tray?.key(event)) event.preventDefault();
    else if (event.key === "{" || event.key === "}") {
      this.send({ type: "step", by: event.key === "}" ? 1 : -1 });
    } else if (event.key === "1" || event.key === "2") {
      this.send({ type: "store", which: event.key === "1" ? "a" : "b" });
    } else if (event.key === "?") openDialog(this.sheet);
    else if (event.key === "Escape" && !this.sheet.open && !this.past.open) {
      this.send({ type: "clear" });
    } else if (key === "i") this.send({ type: "invert" });
    else if ("pbl".includes(key) && key.length === 1) {
      this.send({ type: "tool", name: { p: "pan", b: "box", l: "lasso" }[key] });
    } else return;
    event.preventDefault();
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  el.style.height = "100%";
  new HeaderBar(model, el, lifetimeOf({ model, view }));
}
