// How long a component is on the page: what it listens to beside its own nodes ends with it.

/** @type {WeakMap<object, AbortController>} */
const controllers = new WeakMap();

/**
 * A signal that is aborted when the component goes, or is drawn anew in the same view. Listeners on
 * the document and the window take it as an option; observers and clocks are ended by `whenOver`.
 *
 * @param {{model: {on(event: "remove", callback: () => void): void}, view: object}} component
 */
export function lifetimeOf({ model, view }) {
  controllers.get(view)?.abort();
  const controller = new AbortController();
  controllers.set(view, controller);
  model.on("remove", () => controller.abort());
  return controller.signal;
}

/**
 * @param {AbortSignal} signal
 * @param {() => void} end
 */
export function whenOver(signal, end) {
  signal.addEventListener("abort", end, { once: true });
}

/**
 * Observe a node, by a ResizeObserver say, until the component goes.
 *
 * @template Options
 * @param {AbortSignal} signal
 * @param {{observe(node: Element, options?: Options): void, disconnect(): void}} observer
 * @param {Element} node
 * @param {Options} [options]
 */
export function observeFor(signal, observer, node, options) {
  observer.observe(node, options);
  whenOver(signal, () => observer.disconnect());
}
