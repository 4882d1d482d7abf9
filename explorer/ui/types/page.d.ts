// What the scripts of the page have in common: what Panel gives them, and what `h` takes.

import type { Data } from "./messages.js";

export type { Data } from "./messages.js";

/** A parameter that has changed, or the end of the component. */
export type News<Parameters> = (keyof Parameters & string) | "remove";

/**
 * What Panel gives a component: its parameters, news of them, and a way to answer. An event of the
 * server comes as it is, or as the data of one of the browser.
 */
export type Model<Parameters, Message, Event = never> = Parameters & {
  on(event: "msg:custom", callback: (event: Event & { data?: Event }) => unknown): void;
  on(event: News<Parameters> | News<Parameters>[], callback: () => unknown): void;
  send_msg(message: Message): void;
  get_child(name: string): HTMLElement;
};

/** The argument of `render`. */
export interface Rendered<Parameters, Message, Event = never> {
  model: Model<Parameters, Message, Event>;
  view: object;
  el: HTMLElement;
}

/** What the parts of a view get of it: `send` passes a message on to the server. */
export interface Page<Parameters, Message> {
  model: Model<Parameters, Message>;
  lifetime: AbortSignal;
  send(message: Message): void;
}

/** A page that reads a log: `Component` in ui/analysis/analysis_view.py. */
export type AnalysisPage = Page<
  {
    setup: Data;
    offers: Data;
    result: Data;
    busy: string;
    stopped: boolean;
    error: string;
    saved: Data;
  },
  | { type: "stop" }
  | { type: "compute" }
  | { type: "save"; form: string }
  | { type: "set"; [option: string]: any }
>;

/** An event whose target is known, since the listener hangs on a field or a button. */
export type EventOf<Name extends keyof HTMLElementEventMap, Node> = HTMLElementEventMap[Name] & {
  readonly target: Node;
};

/** Attributes and properties of a node, and its listeners as `onclick`. */
export type Attributes<Node> = {
  [Name in keyof HTMLElementEventMap as `on${Name}`]?: (event: EventOf<Name, Node>) => unknown;
} & { [name: string]: unknown };

export type Child = Node | string | number | null | undefined | false;

/** How a gesture combines with the present selection. */
export type Mode = "replace" | "add" | "remove" | "intersect";

export type Point = [number, number];
/** Lower and upper end. */
export type Range = [number, number];

/** A node that says by itself how it looks now. */
export type Marked = HTMLElement & { mark(): void };

declare global {
  interface Window {
    /** Bokeh, of whose documents the page is made. */
    Bokeh?: any;
  }
  interface DocumentEventMap {
    /** From the Feature tab: the feature before or after. */
    "explorer:step": CustomEvent<number>;
    /** Asks for the reviewer's name, and calls back when it is known. */
    "explorer:who": CustomEvent<() => void>;
    "explorer:rename": Event;
    /** Opens the dialog with the roles of the columns. */
    "explorer:columns": Event;
  }
}
