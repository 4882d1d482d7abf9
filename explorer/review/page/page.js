// The Review tab: what reviewers say of each feature, the set they agree on, its approval.

import { _, ngettext } from "../../core/gettext.js";
import { introduce } from "../../ui/bokeh.js";
import { childrenOf, h } from "../../ui/dom.js";
import { howComputed } from "../../ui/how_computed.js";
import { switchButtons } from "../../ui/forms/choices.js";
import { decisionOf, isTyping } from "../../ui/keys.js";
import { lifetimeOf, observeFor } from "../../ui/lifetime.js";
import { formatCount } from "../../ui/number_format.js";
import { unavailable } from "../../ui/forms/unavailable.js";

const LINE = 25; // height of a line in CSS pixels, fixed so that any line's place is arithmetic
const AHEAD = 10;
const VIEWS = [
  ["queue", _("my queue")],
  ["apart", _("disagreements")],
  ["conflict", _("conflicts")],
  ["proposal", _("proposals")],
  ["outdated", _("outdated")],
  ["all", _("all")],
];

/**
 * @typedef {import("../../ui/types/messages.js").ReviewPageParameters} Parameters
 * @typedef {import("../../ui/types/messages.js").ReviewPageMessage} Message
 * @typedef {import("../../ui/types/messages.js").ReviewPageEvent} ServerEvent
 */

class ReviewPage {
  /** @type {any[]} */
  rows;
  /** @type {string} */
  last;

  /** @type {HTMLTextAreaElement} */
  reason;
  /** @type {HTMLSelectElement} */
  recipe;
  /** @type {HTMLSelectElement} */
  into;
  /** @type {HTMLSelectElement} */
  confidence;
  /** @type {HTMLSelectElement} */
  cite;
  /** @type {HTMLDivElement} */
  buttons;
  /** @type {HTMLDivElement} */
  aboutNode;
  /** @type {HTMLDivElement} */
  historyNode;
  /** @type {{name: string, node: HTMLElement, sent: boolean} | undefined} */
  form;
  /** @type {Set<string>} */
  queued;
  /** @type {string[]} */
  people;

  /**
   * @param {import("../../ui/types/page.js").Model<Parameters, Message, ServerEvent>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.wanted = null; // the view that was chosen; else what there is to do
    this.view = "queue";
    this.search = "";
    this.chosen = new Set();
    // the feature looked at; what is known of it comes a moment later
    this.current = model.detail.name || null;
    this.waiting = null; // a decision whose form is still to come
    this.lost = [];
    this.known = {};
    /** @type {Pick<ServerEvent, "queue" | "people" | "apply">} */
    this.told = { queue: [], people: [], apply: 0 };
    this.typed = new Map(); // what was written of a feature, until its verdict is on the disk
    this.head = h("div", { class: "head" });
    this.fault = h("p", { class: "fault", role: "alert" });
    this.answer = h("p", { class: "answer", role: "status" });
    this.tools = h("div", { class: "tools" });
    this.titles = h("div", { class: "line titles" });
    this.inner = h("div", { class: "inner", role: "rowgroup" });
    this.list = h(
      "div",
      {
        class: "list",
        tabIndex: 0,
        role: "grid",
        "aria-label": _("Features to review"),
        "aria-multiselectable": "true",
        onscroll: () => this.draw(),
        onkeydown: (event) => this.key(event),
      },
      this.inner,
    );
    this.nothing = h("p", { class: "note" });
    this.detail = h("aside", { class: "detail" });
    this.file = h("input", {
      type: "file",
      accept: ".json",
      hidden: true,
      onchange: () => this.read(),
    });
    this.quorum = h("input", {
      type: "number",
      min: 1,
      max: 100,
      "aria-label": _("Reviewers who have to approve"),
      onchange: (event) => this.send({ type: "quorum", quorum: Number(event.target.value) }),
    });
    this.rules = h("textarea", {
      rows: 7,
      oninput: () => {
        this.dirty = true;
      },
      spellcheck: false,
      "aria-label": _("Rules"),
      title: _("DECISION: NAME: CONDITION, one a line; the first that fits a feature proposes"),
    });
    this.rulesForm = h(
      "details",
      { class: "rules" },
      h("summary", {}, _("rules")),
      this.rules,
      h(
        "div",
        { class: "line" },
        h(
          "button",
          {
            class: "small",
            onclick: () => {
              this.dirty = false;
              this.send({ type: "rules", text: this.rules.value });
            },
          },
          _("propose by these"),
        ),
        h(
          "span",
          { class: "note" },
          _(
            "conditions over kind, missing_share, distinct_values, top_share, nearest_r, grade, transform, far_rate, skewness …; a person approves what they propose",
          ),
        ),
      ),
    );
    this.find = h("input", {
      type: "search",
      placeholder: _("find a feature"),
      "aria-label": _("Find a feature"),
      oninput: (event) => {
        this.search = event.target.value.trim().toLowerCase();
        this.arrange();
      },
    });
    this.views = h("span", { class: "switch" });
    this.many = h("span", { class: "many" });
    this.tools.append(
      h("div", { class: "line" }, this.views, this.many, h("span", { class: "fill" }), this.find),
      this.rulesForm,
    );
    root.append(
      h(
        "div",
        { class: "page", role: "region", "aria-label": _("Review") },
        this.head,
        this.fault,
        this.answer,
        this.tools,
        h(
          "div",
          { class: "body" },
          h("div", { class: "lines" }, this.titles, this.nothing, this.list),
          this.detail,
        ),
      ),
    );
    model.on(["features", "members"], () => this.arrange());
    model.on("msg:custom", (event) => this.take(event.data || event));
    model.on("notes", () => this.hear());
    model.on("status", () => this.showHead());
    model.on(["detail", "cited"], () => this.showDetail());
    model.on("told", () => this.hear());
    model.on("busy", () => this.showBusy());
    model.on("saved", () => {
      if (model.saved.data) h("a", { href: model.saved.data, download: model.saved.name }).click();
    });
    observeFor(lifetime, new ResizeObserver(() => this.draw()), this.list);
    this.showHead();
    this.arrange();
    this.showDetail();
    this.send({ type: "ready" });
    document.addEventListener("keydown", (event) => this.judgeByKey(event), { signal: lifetime });
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  // A verdict bears a name: it is asked for once, by the list of features.
  named(then) {
    if (this.model.status.who) then();
    else document.dispatchEvent(new CustomEvent("explorer:who", { detail: then }));
  }

  // What could not be kept, and what to know of it, stays to be read until somebody has read it.
  hear() {
    const { words, why, names = [], turn } = this.model.told;
    if (turn !== this.heard) {
      this.heard = turn;
      if (why) this.lost.push(`${words ? `${words}: ` : ""}${why}`);
      else for (const name of names) this.forget(name);
      this.answer.textContent = why ? "" : words || "";
      clearTimeout(this.fading);
      this.fading = setTimeout(() => {
        this.answer.textContent = "";
      }, 6000);
    }
    const said = [
      ...(this.lost.length
        ? [_("Not done: {lost}", { lost: this.lost.slice(-5).join(" · ") })]
        : []),
      ...this.model.notes,
    ];
    this.fault.replaceChildren(
      ...(said.length
        ? [
            `${said.join(" · ")} `,
            h(
              "button",
              {
                class: "small",
                onclick: () => {
                  this.lost = [];
                  this.model.notes = [];
                  this.hear();
                },
              },
              _("dismiss"),
            ),
          ]
        : []),
    );
  }

  // A verdict is on the disk: what was written for it need not be kept any longer.
  forget(name) {
    this.typed.delete(name);
    if (this.form?.sent && this.form.name === name) this.reason.value = "";
  }

  // --- the set and its approval

  showHead() {
    const status = this.model.status;
    if (!this.dirty) this.rules.value = status.rules || "";
    this.quorum.value = status.quorum || 1;
    const state = status.state
      ? h(
          "span",
          {
            class: `state ${status.state}`,
            title: _(
              "open: not all decided · provisional: decided, not signed · approved: signed by a quorum · stale: data or definitions have changed",
            ),
          },
          status.state,
        )
      : null;
    const first = h(
      "div",
      { class: "line" },
      h("h2", {}, status.set || _("Review")),
      howComputed("review", _("a review")),
      state,
      status.edits ? h("span", { class: "warn", title: status.edits }, _("unsaved edits")) : null,
      h(
        "span",
        { class: "note" },
        status.set
          ? ngettext(
              "{decided} of {count} feature of the set decided",
              "{decided} of {count} features of the set decided",
              status.members,
              {
                decided: formatCount(status.members - status.undecided),
                count: formatCount(status.members),
              },
            )
          : _("no set yet: verdicts are for this table; Save… stores the ticked features as a set"),
      ),
      h(
        "span",
        { class: "note", title: status.store },
        ngettext(
          "{reviewed} of {count} feature reviewed",
          "{reviewed} of {count} features reviewed",
          status.total || 0,
          { reviewed: formatCount(status.judged || 0), count: formatCount(status.total || 0) },
        ),
      ),
      h("span", { class: "fill" }),
      h(
        "button",
        {
          class: "small",
          title: _("Name of the reviewer"),
          onclick: () => document.dispatchEvent(new CustomEvent("explorer:rename")),
        },
        status.who ? _("as {who}", { who: status.who }) : _("who are you?"),
      ),
      this.publishing(),
      h(
        "button",
        {
          class: "small",
          title: _("All verdicts with their evidence, as a file that can be imported elsewhere"),
          onclick: () => this.send({ type: "export" }),
        },
        _("export"),
      ),
      h(
        "button",
        {
          class: "small",
          title: _("Add the verdicts of a file that was exported here or elsewhere"),
          onclick: () => this.file.click(),
        },
        _("import"),
      ),
      this.file,
    );
    const second = status.set
      ? h(
          "div",
          { class: "line" },
          h(
            "button",
            {
              class: status.mine ? "small" : "primary",
              ...unavailable(
                !status.mine &&
                  (status.hindrances.join("\n") ||
                    (status.edits && _("Save the edits of the set first"))),
              ),
              onclick: () => this.named(() => this.send({ type: "approve", on: !status.mine })),
            },
            status.mine ? _("withdraw my approval") : _("Approve {set}", { set: status.set }),
          ),
          h(
            "label",
            { class: "note" },
            `${_("{count} of", { count: status.approvers.length })} `,
            this.quorum,
            status.approvers.length
              ? ` ${_("approve: {approvers}", { approvers: status.approvers.join(", ") })}`
              : ` ${_("have to approve")}`,
          ),
          ...status.hindrances.map((text) => h("span", { class: "note" }, text)),
          ...(status.outdated || []).slice(0, 2).map((text) => h("span", { class: "warn" }, text)),
        )
      : null;
    const failed = status.failed ? h("p", { class: "warn", role: "alert" }, status.failed) : null;
    this.head.replaceChildren(...[first, second, failed].filter((line) => line !== null));
  }

  // The button to cancel stays the same one while it says how far it is: a press must find it
  // again.
  showBusy() {
    const { done, total } = this.model.busy;
    if (total !== undefined && this.cancel?.isConnected) {
      this.cancel.textContent = _("publishing {done} of {total} · cancel", { done, total });
    } else this.showHead();
  }

  // Why nothing can be published now.
  unpublished() {
    const { set, edits } = this.model.status;
    if (!set) return _("Save the ticked features as a set first");
    return edits ? _("Save the edits of the set first") : "";
  }

  publishing() {
    const { done, total } = this.model.busy;
    this.cancel =
      total === undefined
        ? null
        : h(
            "button",
            { class: "small", onclick: () => this.send({ type: "cancel" }) },
            total
              ? _("publishing {done} of {total} · cancel", { done, total })
              : _("publishing … · cancel"),
          );
    if (this.cancel) return this.cancel;
    return h(
      "button",
      {
        class: "small",
        ...unavailable(
          this.unpublished(),
          _(
            "A zip: report with a page a feature, Markdown, JSON, features.yaml, a script that makes the map again, the map as one file, the verdicts",
          ),
        ),
        onclick: () =>
          this.send({ type: "publish", base: `${location.origin}${location.pathname}` }),
      },
      _("publish"),
    );
  }

  read() {
    const file = this.file.files?.[0];
    if (!file) return;
    this.file.value = "";
    if (file.size > 24e6) {
      this.lost.push(
        _("{name} has {size} MB, 24 at most here: explorer review … import", {
          name: file.name,
          size: Math.round(file.size / 1e6),
        }),
      );
      this.hear();
      return;
    }
    const reader = new FileReader();
    reader.onload = () =>
      this.send({ type: "merge", data: String(reader.result).split(",")[1] || "" });
    reader.readAsDataURL(file);
  }

  // --- the lines

  // Only lines that changed are sent.
  /** @param {ServerEvent} event */
  take({ lines, whole, queue, people, apply }) {
    if (whole) this.known = {};
    for (const [name, line] of Object.entries(lines)) {
      if (line) this.known[name] = line;
      else delete this.known[name];
    }
    this.told = { queue, people, apply };
    this.arrange();
  }

  matches(name) {
    const line = this.known[name] || {};
    return {
      queue: this.queued.has(name),
      apart: line.letter === "≠",
      conflict: Boolean(line.conflict),
      proposal: Boolean(line.proposal),
      outdated: Boolean(line.outdated),
      all: true,
    };
  }

  arrange() {
    const { queue, people, apply } = this.told;
    this.queued = new Set(queue);
    this.people = people.slice(0, 6);
    const by = new Map(this.model.features.map((feature) => [feature.name, feature]));
    const order = [
      ...queue.filter((name) => by.has(name)),
      ...this.model.features.map(({ name }) => name).filter((name) => !this.queued.has(name)),
    ];
    const counts = Object.fromEntries(
      VIEWS.map(([key]) => [key, order.filter((name) => this.matches(name)[key]).length]),
    );
    // nothing to do in a view: show all of them rather than an empty page
    this.view = this.wanted && counts[this.wanted] ? this.wanted : counts.queue ? "queue" : "all";
    const inTable =
      this.view === "queue" || this.view === "apart"
        ? order
        : this.model.features.map(({ name }) => name);
    this.rows = inTable
      .filter((name) => this.matches(name)[this.view])
      .map((name) => by.get(name))
      .filter(
        ({ name, label }) =>
          !this.search ||
          name.toLowerCase().includes(this.search) ||
          label.toLowerCase().includes(this.search),
      );
    this.chosen = new Set([...this.chosen].filter((name) => by.has(name)));
    this.views.replaceChildren(
      ...switchButtons(
        VIEWS.map(([key, text]) => [
          key,
          `${text} ${formatCount(counts[key])}`,
          undefined,
          counts[key] ? undefined : _("No feature is in this view"),
        ]),
        this.view,
        (view) => {
          this.wanted = view;
          this.list.scrollTop = 0;
          this.arrange();
        },
      ),
    );
    const proposed = this.rows
      .filter(({ name }) => this.known[name]?.proposal)
      .map(({ name }) => name);
    const some =
      this.view === "proposal" && proposed.length
        ? h(
            "button",
            {
              class: "primary small-primary",
              onclick: () =>
                this.named(() => this.send({ type: "approve_proposals", names: proposed })),
            },
            ngettext("Approve {count} proposal", "Approve {count} proposals", proposed.length, {
              count: formatCount(proposed.length),
            }),
          )
        : null;
    const settle = apply
      ? h(
          "button",
          {
            class: "small",
            title: _("Tick the features as the verdicts say; Ctrl+Z undoes it"),
            onclick: () => this.send({ type: "apply" }),
          },
          _("apply {apply} to the set", { apply: formatCount(apply) }),
        )
      : null;
    const picked = this.chosen.size
      ? h(
          "span",
          { class: "note" },
          `${_("{size} chosen", { size: formatCount(this.chosen.size) })} `,
          h(
            "button",
            {
              class: "small",
              onclick: () => {
                this.chosen.clear();
                this.arrange();
              },
            },
            _("none"),
          ),
        )
      : null;
    this.many.replaceChildren(...[some, settle, picked].filter((line) => line !== null));
    this.titles.replaceChildren(
      h("span", {}),
      h("span", {}, _("feature")),
      h("span", {}, _("set")),
      ...this.people.map((who) => h("span", { class: "by", title: who }, who)),
      h("span", { class: "wide" }, _("reason, proposal or conflict")),
    );
    this.list.parentElement?.style.setProperty(
      "--by",
      this.people.length ? `repeat(${this.people.length}, 44px)` : " ",
    );
    this.inner.style.height = `${this.rows.length * LINE}px`;
    this.inner.replaceChildren();
    this.nothing.textContent = this.rows.length
      ? ""
      : this.search
        ? _("No feature matches “{search}” here.", { search: this.search })
        : _("Nothing here.");
    this.draw();
    this.showForm();
  }

  draw() {
    if (!this.rows) return;
    const first = Math.max(0, Math.floor(this.list.scrollTop / LINE) - AHEAD);
    const last = Math.min(
      this.rows.length,
      Math.ceil((this.list.scrollTop + this.list.clientHeight) / LINE) + AHEAD,
    );
    const present = new Map(childrenOf(this.inner).map((node) => [Number(node.dataset.at), node]));
    for (const [at, node] of present) if (at < first || at >= last) node.remove();
    for (let at = first; at < last; at++) {
      if (!present.has(at)) this.inner.append(this.line(this.rows[at], at));
    }
  }

  line(feature, at) {
    const { name, label, unit } = feature;
    const line = this.known[name] || {};
    const box = h("input", {
      type: "checkbox",
      tabIndex: -1,
      checked: this.chosen.has(name),
      "aria-label": _("Choose {label}", { label }),
      onclick: (event) => {
        event.stopPropagation();
        this.choose(at, event.target.checked, event.shiftKey);
      },
    });
    const said = this.people.map((who) => {
      const given = line.by?.[who];
      return h(
        "span",
        {
          class: "by",
          role: "gridcell",
          title: given
            ? `${who}: ${given.words}\n${given.reason}`
            : _("{who}: no verdict", { who }),
        },
        given
          ? h("i", { class: `mark ${given.letter}` }, given.letter)
          : h("i", { class: "mark none" }, "·"),
      );
    });
    const words = line.conflict
      ? h("span", { class: "wide warn", role: "gridcell" }, line.conflict)
      : line.letter
        ? h(
            "span",
            { class: "wide", role: "gridcell" },
            line.outdated ? h("span", { class: "warn" }, `${line.outdated}: `) : null,
            line.reason || line.words,
          )
        : line.proposal
          ? h(
              "span",
              { class: "wide note", role: "gridcell" },
              this.view === "proposal" ? "" : `${_("proposed:")} `,
              h("b", {}, line.proposal.words),
              ` · ${line.proposal.why}`,
            )
          : h("span", { class: "wide", role: "gridcell" });
    const node = h(
      "div",
      {
        class: `line row${name === this.current ? " on" : ""}`,
        role: "row",
        "aria-selected": String(name === this.current),
        style: `top:${at * LINE}px`,
        title: [
          name,
          line.words,
          line.reason,
          line.proposal
            ? _("proposed: {words} ({why})", { words: line.proposal.words, why: line.proposal.why })
            : "",
        ]
          .filter(Boolean)
          .join("\n"),
        onclick: () => this.look(name),
      },
      h("span", { role: "gridcell" }, box),
      h(
        "span",
        { class: "name", role: "rowheader" },
        label,
        unit ? h("span", { class: "note" }, ` ${unit}`) : null,
      ),
      h(
        "span",
        {
          class: "member",
          role: "gridcell",
          title: this.model.members.includes(name) ? _("in the set") : _("not in the set"),
        },
        this.model.members.includes(name) ? "✓" : "",
      ),
      ...said,
      words,
    );
    node.dataset.at = at;
    node.dataset.name = name;
    return node;
  }

  choose(at, on, range) {
    const before = range ? this.rows.findIndex(({ name }) => name === this.last) : -1;
    const from = before >= 0 ? before : at;
    for (let k = Math.min(from, at); k <= Math.max(from, at); k++) {
      this.chosen[on ? "add" : "delete"](this.rows[k].name);
    }
    this.last = this.rows[at].name;
    this.arrange();
  }

  look(name) {
    this.current = name;
    for (const node of childrenOf(this.inner)) {
      node.classList.toggle("on", node.dataset.name === name);
    }
    this.asked = name;
    this.holdForm();
    this.send({ type: "look", name });
  }

  // What is typed while another feature is on its way must not become a word about the one before.
  holdForm() {
    if (this.form) this.form.node.inert = this.form.name !== this.current;
  }

  key(event) {
    if (isTyping(event) || event.ctrlKey || event.metaKey) return;
    const at = this.rows.findIndex(({ name }) => name === this.current);
    const go = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: this.rows.length - 1,
      PageDown: at + 10,
      PageUp: at - 10,
    }[event.key];
    if (event.key === " " && at >= 0) this.choose(at, !this.chosen.has(this.rows[at].name), false);
    else if (event.key === "Enter" && at >= 0) {
      this.send({ type: "feature", name: this.rows[at].name });
    } else if (go !== undefined && this.rows.length) this.step(go);
    else return;
    event.preventDefault();
  }

  step(to) {
    const at = Math.min(Math.max(to, 0), this.rows.length - 1);
    const top = at * LINE;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    else if (top + LINE > this.list.scrollTop + this.list.clientHeight) {
      this.list.scrollTop = top + LINE - this.list.clientHeight;
    }
    this.draw();
    this.look(this.rows[at].name);
  }

  // --- one feature

  showDetail() {
    const detail = this.model.detail;
    if (!this.current || !this.asked) this.current = detail.name || null;
    for (const node of childrenOf(this.inner)) {
      node.classList.toggle("on", node.dataset.name === this.current);
    }
    if (!detail.name) {
      this.detail.replaceChildren(
        h(
          "p",
          { class: "note" },
          _(
            "Choose a feature: ↑ ↓ move between the lines, K keep, D drop, T transform, M merge, F defer. Space chooses several.",
          ),
        ),
      );
      return;
    }
    // news from others must not take the form away from under somebody who writes
    if (!this.form || this.form.name !== detail.name || !this.form.node.isConnected) {
      this.makeForm(detail);
    }
    this.showKnown(detail);
    this.showHistory(detail);
    this.showForm();
    this.holdForm();
    if (this.asked === detail.name) this.asked = null;
    if (this.waiting && detail.name === this.current) this.judge(this.waiting);
  }

  makeForm(detail) {
    const option = (value, words) => h("option", { value }, words);
    const begin = this.typed.get(detail.name) || detail.mine || {};
    const keep = () =>
      this.typed.set(detail.name, {
        reason: this.reason.value,
        recipe: this.recipe.value,
        into: this.into.value,
        confidence: this.confidence.value,
      });
    this.reason = h("textarea", {
      rows: 3,
      "aria-label": _("Reason"),
      placeholder: _("Reason, in your own words"),
      value: this.typed.get(detail.name)?.reason || "",
      oninput: keep,
    });
    this.recipe = h(
      "select",
      { "aria-label": _("Recipe"), onchange: keep },
      option("", _("recipe …")),
      ...detail.recipes.map((recipe) =>
        option(recipe, recipe === detail.recipe ? _("{recipe} (suggested)", { recipe }) : recipe),
      ),
    );
    this.recipe.value = begin.recipe || detail.recipe;
    this.into = h(
      "select",
      { "aria-label": _("Feature to merge into"), onchange: keep },
      option("", _("into …")),
      ...detail.targets.map(([name, label]) => option(name, label)),
    );
    this.into.value = begin.into || detail.into;
    this.confidence = h(
      "select",
      { "aria-label": _("Confidence"), onchange: keep },
      option("", _("confidence")),
      ...detail.confidences.map((word) => option(word, word)),
    );
    this.confidence.value = begin.confidence || "";
    this.cite = h(
      "select",
      { "aria-label": _("Cite a comparison") },
      option("", this.model.cited.length ? _("cite a comparison") : _("no comparison to cite")),
      ...this.model.cited.map(({ key, name }) => option(key, name)),
    );
    this.cite.disabled = !this.model.cited.length;
    this.buttons = h("div", { class: "line decide" });
    const node = h(
      "div",
      { class: "form", onkeydown: (event) => this.leaveForm(event) },
      this.buttons,
      h("div", { class: "line" }, this.recipe, this.into, this.confidence),
      this.reason,
      this.cite,
    );
    this.form = { name: detail.name, node, sent: false };
    this.aboutNode = h("div");
    this.historyNode = h("div");
    this.detail.replaceChildren(this.aboutNode, node, this.historyNode);
  }

  leaveForm(event) {
    const chosen = event.key === "Enter" && event.target.tagName === "SELECT";
    if (event.key === "Escape") event.stopPropagation();
    else if (!chosen) return;
    event.preventDefault();
    this.list.focus({ preventScroll: true });
  }

  showKnown(detail) {
    const picture = h("div", { class: "picture" });
    picture.innerHTML = detail.picture; // drawn by the server from counts
    this.aboutNode.replaceChildren(
      h(
        "div",
        { class: "line" },
        h(
          "h2",
          {},
          detail.label,
          detail.unit ? h("span", { class: "note" }, ` ${detail.unit}`) : null,
        ),
        h("span", { class: "fill" }),
        h(
          "button",
          { class: "small", onclick: () => this.send({ type: "feature", name: detail.name }) },
          _("Feature tab"),
        ),
      ),
      ...(detail.description ? [h("p", { class: "note" }, detail.description)] : []),
      picture,
      h(
        "p",
        { class: "note" },
        detail.title,
        detail.sampled
          ? ` · ${_("of a random sample of {sampled} rows", { sampled: formatCount(detail.sampled) })}`
          : "",
      ),
      h(
        "dl",
        { class: "figures" },
        ...detail.figures.flatMap(([words, value]) => [h("dt", {}, words), h("dd", {}, value)]),
      ),
      ...(detail.proposal
        ? [
            h(
              "p",
              { class: "proposal" },
              h("b", {}, _("Proposed: {words}", { words: detail.proposal.words })),
              h("span", { class: "note" }, ` ${detail.proposal.why}`),
            ),
          ]
        : []),
    );
  }

  showHistory(detail) {
    this.historyNode.replaceChildren(
      h("h3", {}, detail.history.length ? _("History") : _("No verdict yet")),
      ...detail.history.map((given) =>
        h(
          "div",
          { class: "given", title: given.at },
          h(
            "div",
            {},
            h("b", {}, given.who),
            ` ${given.words}`,
            h(
              "span",
              { class: "note" },
              ` ${[given.confidence, given.set, given.time].filter(Boolean).join(" · ")}`,
            ),
          ),
          given.reason
            ? h("div", {}, given.reason)
            : h("div", { class: "note" }, _("no reason written")),
          h(
            "div",
            { class: "note" },
            [
              ngettext(
                "Evidence: {count} saved result",
                "Evidence: {count} saved results",
                given.evidence,
                { count: given.evidence },
              ),
              given.suggested
                ? _("the rules proposed {suggested}", { suggested: given.suggested })
                : "",
              given.other_data ? _("on other data") : "",
            ]
              .filter(Boolean)
              .join(" · "),
          ),
        ),
      ),
      ...(detail.mine && detail.mine.decision !== "defer"
        ? [
            h(
              "button",
              {
                class: "small",
                onclick: () => this.send({ type: "take_back", name: detail.name }),
              },
              _("withdraw my verdict"),
            ),
          ]
        : []),
    );
  }

  showForm() {
    if (!this.buttons || !this.model.detail.name) return;
    const many = this.chosen.size;
    const { mine } = this.model.detail;
    this.buttons.replaceChildren(
      ...this.model.detail.decisions.map(([letter, decision, label]) =>
        h(
          "button",
          {
            class: `decision${!many && mine && mine.decision === decision ? " on" : ""}`,
            title: many
              ? _("{letter}: {decision}, all {count} chosen", {
                  letter,
                  decision: label,
                  count: many,
                })
              : `${letter}: ${label}`,
            onclick: () => this.judge(decision),
          },
          h("u", {}, letter),
          h("span", {}, `${label}${many ? ` ${many}` : ""}`),
        ),
      ),
    );
  }

  judgeByKey(event) {
    const decision = decisionOf(event);
    if (!decision || document.documentElement.dataset.tab !== "Review") return;
    // a feature that is not in sight is not judged by a key
    if (!this.chosen.size && !this.rows.some(({ name }) => name === this.current)) return;
    event.preventDefault();
    this.judge(decision);
  }

  // The next line comes at once; a mark appears when the verdict is on the disk, and what was not
  // kept is said.
  judge(decision) {
    this.waiting = null;
    this.named(() => {
      const names = this.chosen.size ? [...this.chosen] : [this.current];
      const filled = this.form && this.form.name === this.current;
      if (!filled && names.length === 1 && ["transform", "merge"].includes(decision)) {
        this.waiting = decision;
        return;
      }
      const more = filled ? { confidence: this.confidence.value } : {};
      if (decision === "transform") more.recipe = this.recipe.value;
      if (decision === "merge") more.into = this.into.value;
      const lacks =
        decision === "transform" && !more.recipe
          ? this.recipe
          : decision === "merge" && !more.into
            ? this.into
            : null;
      if (lacks) {
        lacks.focus();
        this.answer.textContent =
          decision === "merge"
            ? _("Choose the feature that replaces it, press Enter, then M again")
            : _("Choose a recipe, press Enter, then T again");
        return;
      }
      this.send({
        type: "judge",
        names,
        decision,
        reason: filled ? this.reason.value : "",
        cite: filled && this.cite.value ? [this.cite.value] : [],
        ...more,
      });
      const at = this.rows.findIndex(({ name }) => name === names[names.length - 1]);
      const many = this.chosen.size > 0;
      this.chosen.clear();
      if (filled && this.form) this.form.sent = true;
      if (many) this.arrange();
      else if (this.rows.length > 1) this.step(at + 1 < this.rows.length ? at + 1 : at - 1);
      this.list.focus({ preventScroll: true });
    });
  }
}

/**
 * @param {import("../../ui/types/page.js").Rendered<Parameters, Message, ServerEvent>} component
 */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new ReviewPage(model, el, lifetimeOf({ model, view }));
}
