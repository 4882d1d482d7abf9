// Who judges, and the keys K D T M F on the feature that is looked at.

import { _ } from "../../core/gettext.js";
import { h, openDialog } from "../../ui/dom.js";
import { decisionOf } from "../../ui/keys.js";

const WHO = "explorer-reviewer";

// The name is asked once in a browser; a login of the server gives it without asking.
export class Identity {
  /**
   * @param {import("../../feature/feature_list.js").FeatureList["model"]} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.then = null;
    this.input = h("input", {
      "aria-label": _("Your name as reviewer"),
      placeholder: _("as others know you"),
      maxLength: 80,
      required: true,
    });
    this.cancel = h("button", { class: "pill", onclick: () => this.dialog.close() }, _("Cancel"));
    this.cancel.setAttribute("type", "button");
    this.dialog = h(
      "dialog",
      {
        class: "who",
        onclose: () => {
          this.then = null;
        },
      },
      h(
        "form",
        {
          method: "dialog",
          onsubmit: (event) => {
            event.preventDefault();
            this.take();
          },
        },
        h("h2", { class: "minor" }, _("Who is reviewing?")),
        h(
          "p",
          { class: "note" },
          _("Verdicts and sets are saved with your name. This browser remembers it."),
        ),
        this.input,
        h(
          "div",
          { class: "row" },
          this.cancel,
          h("span", { class: "fill" }),
          h("button", { class: "primary" }, _("Use this name")),
        ),
      ),
    );
    root.append(this.dialog);
    // other tabs of the centre ask by an event: they are scripts of their own
    const ask = (event) => {
      if (this.known(event.detail)) event.detail();
    };
    const rename = () => {
      if (!model.reviewer.fixed) this.ask(null);
    };
    document.addEventListener("explorer:who", ask, { signal: lifetime });
    document.addEventListener("explorer:rename", rename, { signal: lifetime });
    const stored = localStorage.getItem(WHO);
    if (stored && !model.reviewer.name) model.send_msg({ type: "reviewer", name: stored });
  }

  // Tells whether the name is known; asks for it when it is not, and goes on then.
  known(action) {
    if (this.model.reviewer.name) return true;
    this.ask(action);
    return false;
  }

  ask(action) {
    this.then = action;
    this.input.value = localStorage.getItem(WHO) || "";
    openDialog(this.dialog);
  }

  take() {
    const name = this.input.value.trim();
    if (!name) return;
    const then = this.then;
    localStorage.setItem(WHO, name);
    this.model.send_msg({ type: "reviewer", name });
    this.then = null;
    this.dialog.close();
    const wait = () => {
      if (this.model.reviewer.name !== name) setTimeout(wait, 30);
      else if (then) then();
    };
    wait();
  }
}

/**
 * @param {import("../../feature/feature_list.js").FeatureList} list
 * @param {KeyboardEvent} event
 */
export function judgeByKey(list, event) {
  const decision = decisionOf(event);
  // the Review tab has a form of its own for it
  if (!decision || document.documentElement.dataset.tab === "Review") return;
  const { current } = list.model;
  if (!current && !list.onBlock) return;
  event.preventDefault();
  if (list.onBlock) judgeBlock(list, decision);
  else if (current) judge(list, current, decision);
}

/**
 * All columns of a block in one step; each column is transformed or merged by itself.
 *
 * @param {import("../../feature/feature_list.js").FeatureList} list
 * @param {string} decision
 */
function judgeBlock(list, decision) {
  const row = list.strips.find(({ block }) => block?.name === list.onBlock);
  if (!row) return;
  if (decision === "transform" || decision === "merge") {
    list.tell(_("Open the block and choose a column: each is transformed or merged by itself."));
    return;
  }
  if (!list.identity.known(() => judgeBlock(list, decision))) return;
  const names = row.members.map(({ feature }) => feature.name);
  list.send({ type: "verdict_many", names, decision });
}

/**
 * A transform takes the suggested recipe, a merge the nearest feature; without one, the Review tab
 * asks for it.
 *
 * @param {import("../../feature/feature_list.js").FeatureList} list
 * @param {string} name
 * @param {string} decision
 */
function judge(list, name, decision) {
  if (!list.identity.known(() => judge(list, name, decision))) return;
  const index = list.features.findIndex((feature) => feature.name === name);
  const look = list.looks[index] || {};
  const more =
    decision === "transform"
      ? { recipe: look.transform }
      : decision === "merge"
        ? { into: look.nearest }
        : {};
  if (Object.values(more).some((value) => !value)) list.send({ type: "look", name, tab: "Review" });
  else list.send({ type: "verdict", name, decision, ...more });
}

/**
 * @param {import("../../feature/feature_list.js").FeatureList} list
 * @param {any} feature
 */
export function verdictMark(list, feature) {
  const node = h("button", {
    class: "verdict",
    tabIndex: -1,
    onclick: () => list.send({ type: "look", name: feature.name, tab: "Review" }),
  });
  const mark = () => {
    const verdict = list.verdicts[feature.name];
    node.className = verdict
      ? `verdict ${verdict.letter === "≠" ? "apart" : verdict.letter}${verdict.mine ? "" : " others"}${verdict.outdated ? " outdated" : ""}`
      : "verdict unjudged";
    node.textContent = verdict ? verdict.letter : "·";
    node.title = verdict
      ? [verdict.words, verdict.reason, verdict.outdated].filter(Boolean).join("\n")
      : _("No verdict yet: K keep, D drop, T transform, M merge, F defer");
    node.setAttribute(
      "aria-label",
      verdict ? _("Verdict: {words}", { words: verdict.words }) : _("No verdict"),
    );
  };
  mark();
  Object.assign(node, { mark });
  return node;
}
