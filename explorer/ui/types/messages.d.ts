// Made by tests/ui/test_message_types.py from the views in Python; not to be edited.

/** JSON that a view sends to its script. */
export type Data = any;

export interface HeaderBarParameters {
  earlier: any[];
  header: Data;
  help: any[];
  name: string | null;
  saved: Data;
  told: Data;
}

export type HeaderBarMessage =
  | { type: "cancel" }
  | { type: "clear" }
  | { type: "dismiss" }
  | { type: "help" }
  | { type: "invert" }
  | { type: "open_file"; text: string }
  | { type: "redo" }
  | { type: "reopen"; key: string }
  | { type: "save_file" }
  | { type: "sessions" }
  | { type: "step"; by: number }
  | { type: "store"; which: "a" | "b" }
  | { type: "tab"; name: "Map" | "Rows" | "Feature" | "Together" | "Compare" | "Experiment" | "Models" | "Review" }
  | { type: "theme" }
  | { type: "tool"; name: string }
  | { type: "tray"; on: boolean }
  | { type: "undo" };

export interface ModelsPageParameters {
  name: string | null;
  strip: Data;
}

export type ModelsPageMessage =
  | { type: "view"; name: "performance" | "drift" | "engagement" | "ranking" };

export interface ComparePageParameters {
  asked: Data;
  busy: Data;
  detail: Data;
  error: string;
  groups: Data;
  kept: any[];
  name: string | null;
  result: Data;
  saved: Data;
  view: Data;
}

export type ComparePageMessage =
  | { type: "cancel" }
  | { type: "compare" }
  | { type: "feature"; name: string }
  | { type: "layout"; name: "list" | "volcano" }
  | { type: "look"; name: string }
  | { type: "open"; key: string }
  | { type: "order"; name: "label" | "order" | "value" | "p" | "missing" }
  | { type: "save"; form: string }
  | { type: "set"; [option: string]: any }
  | { type: "without"; name: string };

export interface DriftPageParameters {
  busy: string;
  error: string;
  look: Data;
  name: string | null;
  offers: Data;
  result: Data;
  saved: Data;
  setup: Data;
  stopped: boolean;
}

export type DriftPageMessage =
  | { type: "compute" }
  | { type: "look"; feature: string; place: number }
  | { type: "map"; how: string }
  | { type: "panel"; name: string }
  | { type: "ready" }
  | { type: "save"; form: string }
  | { type: "save_plot"; name: string }
  | { type: "select"; place: number }
  | { type: "set"; [option: string]: any }
  | { type: "stop" };

export interface EngagementPageParameters {
  busy: string;
  chosen: Data;
  error: string;
  items: Data;
  name: string | null;
  offers: Data;
  result: Data;
  saved: Data;
  setup: Data;
  stopped: boolean;
}

export type EngagementPageMessage =
  | { type: "choose"; item: string | null; mode?: "replace" | "add" | "remove" | "intersect" }
  | { type: "compute" }
  | { type: "ready" }
  | { type: "save"; form: string }
  | { type: "save_plot" }
  | { type: "segment"; segment: string | null }
  | { type: "set"; [option: string]: any }
  | { type: "stop" }
  | { type: "window"; start: number; stop: number; sort: "low" | "corrected" | "shrunk" | "mean" | "n" | "item"; search: string };

export interface EffectMapViewParameters {
  busy: boolean;
  card: Data;
  chosen: any[];
  name: string | null;
  picture: string;
  saved: Data;
  sight: Data;
}

export type EffectMapViewMessage =
  | { type: "before"; names: string[] }
  | { type: "compare"; number: number }
  | { type: "feature"; name: string }
  | { type: "look"; [option: string]: string }
  | { type: "pick"; number: number; mode: "replace" | "add" | "remove" | "intersect" }
  | { type: "regions"; regions: number | "few clusters" | "clusters" | "many clusters" }
  | { type: "save"; form: string; scale?: number }
  | { type: "size"; width: number; height: number; ratio: number };

export interface GridViewParameters {
  busy: string;
  card: Data;
  error: string;
  name: string | null;
  saved: Data;
  stopped: boolean;
  window: Data;
}

export type GridViewMessage =
  | { type: "compute" }
  | { type: "open"; name: string; metric?: string | null; arm?: string | null }
  | { type: "save"; form: string }
  | { type: "set"; unit: string }
  | { type: "stop" }
  | { type: "window"; start: number; stop: number; sort: string; search: string; metric?: string | null; arm?: string | null };

export interface ExperimentPageParameters {
  answer: Data;
  busy: string;
  detail: Data;
  error: string;
  grid_shown: boolean;
  name: string | null;
  needed: Data;
  offers: Data;
  result: Data;
  saved: Data;
  segments: Data;
  setup: Data;
  stopped: boolean;
}

export type ExperimentPageMessage =
  | { type: "back" }
  | { type: "compute" }
  | { type: "drop_metric"; place: number }
  | { type: "look"; [option: string]: string | null }
  | { type: "metric"; place: number | null; metric: Record<string, any> }
  | { type: "need"; effect: string }
  | { type: "noise"; seed: number | null }
  | { type: "plot"; name: "forest" | "values" | "time" }
  | { type: "ready" }
  | { type: "save"; form: string }
  | { type: "save_plot"; name: string }
  | { type: "select"; compare?: boolean }
  | { type: "set"; [option: string]: any }
  | { type: "stop" }
  | { type: "window"; start: number; stop: number; sort: "size" | "z" | "difference" | "p" | "segment"; search: string };

export interface ColumnRolesParameters {
  name: string | null;
  roles: any[];
  status: Data;
  summary: Data;
}

export type ColumnRolesMessage =
  | { type: "confirm" }
  | { type: "numbers" }
  | { type: "open" }
  | { type: "project" }
  | { type: "role"; names: string[]; role: string; of?: string }
  | { type: "undo" };

export type ColumnRolesEvent =
  | { type: "columns"; columns: any[]; examples: Record<string, string> | null };

export interface FeatureListParameters {
  as_numbers: any[];
  block_looks: Data;
  blocks: any[];
  color: string | null;
  columns: Data;
  counting: Data;
  current: string | null;
  features: any[];
  looks: any[];
  methods: any[];
  name: string | null;
  order: Data;
  reasons: any[];
  review: Data;
  reviewer: Data;
  selected: boolean;
  status: Data;
  ticked: any[];
  told: Data;
}

export type FeatureListMessage =
  | { type: "apply" }
  | { type: "color"; name: string | null }
  | { type: "counting"; on: boolean }
  | { type: "defaults" }
  | { type: "look"; name: string; tab?: "Map" | "Rows" | "Feature" | "Together" | "Compare" | "Experiment" | "Models" | "Review" | null }
  | { type: "method"; name: string }
  | { type: "open_set"; name: string }
  | { type: "order"; key: "table" | "ticked" | "role" | "name" | "missing" | "gaussian" | "outliers" | "redundancy" | "difference" | "relevance"; target?: string | null }
  | { type: "parameter"; name: string; text: string }
  | { type: "policy"; scale?: "standard" | "robust" | "none" | null; missing?: "median" | "indicator" | "drop" | null }
  | { type: "project" }
  | { type: "ready" }
  | { type: "reviewer"; name: string }
  | { type: "rows"; rows: "same" | "all" | "shown" | "selected" }
  | { type: "save_set"; name: string; rationale: string }
  | { type: "set"; key: string }
  | { type: "tick"; name: string; on: boolean }
  | { type: "tick_many"; names: string[]; on: boolean; only?: boolean }
  | { type: "untick" }
  | { type: "verdict"; name: string; decision: string; [option: string]: any }
  | { type: "verdict_many"; names: string[]; decision: string }
  | { type: "visible"; names: string[] }
  | { type: "weight"; name: string; text: string };

export type FeatureListEvent =
  | { type: "looks"; looks: any[] }
  | { type: "part"; place: number; heights: string }
  | { type: "marks"; marks: Record<string, any>; whole: boolean }
  | { type: "keys"; key: string; values: Record<string, any>; words: string };

export interface FeaturePageParameters {
  asked: Data;
  chart: Data;
  choices: Data;
  error: Data;
  feature: Data;
  levels: Data;
  marks: Data;
  name: string | null;
}

export type FeaturePageMessage =
  | { type: "after"; on: boolean }
  | { type: "color"; on: boolean }
  | { type: "edit"; attribute: string; value: string }
  | { type: "keep"; low: number | null; high: number | null }
  | { type: "level"; level: string | null; on: boolean }
  | { type: "look"; name: string }
  | { type: "missing"; column: string }
  | { type: "normal"; on: boolean }
  | { type: "range"; ends: [number, number] | null }
  | { type: "ready" }
  | { type: "scale"; name: "linear" | "log" | "rank" }
  | { type: "select"; definition: Record<string, any> }
  | { type: "test" }
  | { type: "tick"; on: boolean }
  | { type: "transform"; name: string | null }
  | { type: "unfold" }
  | { type: "within"; column: string };

export interface MapCanvasParameters {
  explanation: Data;
  file: ArrayBuffer;
  fly: Data;
  found_levels: Data;
  frame: ArrayBuffer;
  frame_info: Data;
  has_pictures: boolean;
  home: Data;
  hover: Data;
  making: Data;
  mark: Data;
  name: string | null;
  overlay: Data;
  picture: Data;
  pictures: Data;
  regions: Data;
  second: ArrayBuffer;
  second_map: Data;
  tool: string;
  trusted: Data;
}

export type MapCanvasMessage =
  | { type: "above"; level: number }
  | { type: "box"; polygon: [number, number][]; mode: "replace" | "add" | "remove" | "intersect"; pane?: number }
  | { type: "clear" }
  | { type: "click"; x: number; y: number; radius: number; pane?: number }
  | { type: "color"; [option: string]: any }
  | { type: "compare" }
  | { type: "embedding"; key: string }
  | { type: "example"; row: number }
  | { type: "explain"; on: boolean }
  | { type: "find_level"; text: string }
  | { type: "hover"; x: number; y: number; radius: number; unit?: number; pane?: number }
  | { type: "lasso"; polygon: [number, number][]; mode: "replace" | "add" | "remove" | "intersect"; pane?: number }
  | { type: "layer"; name: "trust" | "change" | "drift" | null }
  | { type: "level"; code: number; alone: boolean }
  | { type: "look"; name: string }
  | { type: "making" }
  | { type: "one_level"; code: number; alone: boolean }
  | { type: "pick"; code: number; mode: "replace" | "add" | "remove" | "intersect" }
  | { type: "picture"; form: string; scale: number; plain: boolean; width: number; height: number }
  | { type: "ready" }
  | { type: "region"; level: number; number: number; mode: "replace" | "add" | "remove" | "intersect" }
  | { type: "regions" }
  | { type: "rows" }
  | { type: "second_map"; on?: boolean; [option: string]: any }
  | { type: "view"; seq: number; moving: boolean; keep: boolean; x_range: [number, number]; y_range: [number, number]; x_view: [number, number]; y_view: [number, number]; width: number; height: number; packed?: boolean; anew?: boolean }
  | { type: "whole" };

export interface PerformancePageParameters {
  busy: string;
  calibration: any[];
  detail: Data;
  error: string;
  name: string | null;
  offers: Data;
  picture: ArrayBuffer;
  result: Data;
  saved: Data;
  setup: Data;
  sight: Data;
  slices: Data;
  stopped: boolean;
  where: Data;
}

export type PerformancePageMessage =
  | { type: "compute" }
  | { type: "drop"; name: string }
  | { type: "model"; name: string }
  | { type: "pair"; a: string; b: string; metric?: string | null }
  | { type: "plot"; name: string }
  | { type: "predict"; name: string; column: string }
  | { type: "ready" }
  | { type: "region"; number: number; mode?: "replace" | "add" | "remove" | "intersect" }
  | { type: "save"; form: string }
  | { type: "save_plot" }
  | { type: "set"; [option: string]: any }
  | { type: "size"; width: number; height: number; ratio: number }
  | { type: "slice"; by: string; label: string; mode?: "replace" | "add" | "remove" | "intersect" }
  | { type: "stop" }
  | { type: "suggest" }
  | { type: "threshold"; value: number };

export interface RankingPageParameters {
  busy: string;
  error: string;
  lines: Data;
  name: string | null;
  offers: Data;
  result: Data;
  saved: Data;
  setup: Data;
  stopped: boolean;
}

export type RankingPageMessage =
  | { type: "compute" }
  | { type: "curve"; name: string }
  | { type: "place"; row: number; column: number; mode?: "replace" | "add" | "remove" | "intersect" }
  | { type: "ready" }
  | { type: "save"; form: string }
  | { type: "save_plot"; name: string }
  | { type: "set"; [option: string]: any }
  | { type: "stop" };

export interface RelationsPageParameters {
  choices: Data;
  chosen: Data;
  error: Data;
  inflation: Data;
  matrix: Data;
  missing: Data;
  name: string | null;
  near: Data;
  pair: Data;
  relation: Data;
  relevance: Data;
  unusual: Data;
}

export type RelationsPageMessage =
  | { type: "box"; x: [number, number]; y: [number, number]; mode: "replace" | "add" | "remove" | "intersect" }
  | { type: "clear" }
  | { type: "drop"; names: string[] }
  | { type: "far"; by: string }
  | { type: "group"; column: string }
  | { type: "look"; name: string }
  | { type: "open"; row: number }
  | { type: "pair"; one: string; other: string }
  | { type: "pick"; row: number }
  | { type: "see"; section: string }
  | { type: "select"; definition: Record<string, any> }
  | { type: "shade"; name: "rank" | "log" }
  | { type: "size"; width: number; height: number }
  | { type: "target"; name: string }
  | { type: "unusual" }
  | { type: "whole"; on: boolean };

export interface ReviewPageParameters {
  busy: Data;
  cited: any[];
  detail: Data;
  features: any[];
  members: any[];
  name: string | null;
  notes: any[];
  saved: Data;
  status: Data;
  told: Data;
}

export type ReviewPageMessage =
  | { type: "apply" }
  | { type: "approve"; on: boolean }
  | { type: "approve_proposals"; names: string[] }
  | { type: "cancel" }
  | { type: "export" }
  | { type: "feature"; name: string }
  | { type: "judge"; names: string[]; decision: string; reason: string; cite: string[]; [option: string]: any }
  | { type: "look"; name: string }
  | { type: "merge"; data: string }
  | { type: "publish"; base: string }
  | { type: "quorum"; quorum: number }
  | { type: "ready" }
  | { type: "rules"; text: string }
  | { type: "take_back"; name: string };

export type ReviewPageEvent =
  | { type: "lines"; lines: Record<string, any>; whole: boolean; queue: string[]; people: string[]; apply: number };

export interface RowsPageParameters {
  columns: Data;
  looked: Data;
  name: string | null;
  page: Data;
  saved: Data;
}

export type RowsPageMessage =
  | { type: "columns"; names: string[] | null }
  | { type: "export"; form: string }
  | { type: "feature"; name: string }
  | { type: "go"; row: number }
  | { type: "invert" }
  | { type: "page"; first: number; size: number }
  | { type: "sort"; column: string | null };

export interface RowsPanelParameters {
  columns: Data;
  found: Data;
  name: string | null;
  rows: Data;
  saved: Data;
}

export type RowsPanelMessage =
  | { type: "add_strip"; column: string }
  | { type: "all"; column: string }
  | { type: "clear" }
  | { type: "color"; column: string }
  | { type: "compare" }
  | { type: "export"; form: string }
  | { type: "export_labels"; form: string }
  | { type: "filter"; expression: string; mode?: "replace" | "add" | "remove" | "intersect" | null }
  | { type: "find"; text: string }
  | { type: "forget"; which: "a" | "b" }
  | { type: "go"; row: number }
  | { type: "invert" }
  | { type: "keep" }
  | { type: "label"; column: string; level: string; author: string }
  | { type: "levels"; column: string; level: string | null; on: boolean }
  | { type: "map_rows"; which: "shown" | "selected" }
  | { type: "name"; which: "a" | "b"; name: string }
  | { type: "only"; column: string; level: string | null }
  | { type: "pick_level"; column: string; level: string }
  | { type: "pick_saved"; name: string; mode: "replace" | "add" | "remove" | "intersect" }
  | { type: "range"; column: string; ends: [number, number] | null }
  | { type: "relabel"; column: string; level: string; name: string }
  | { type: "remove_saved"; name: string }
  | { type: "remove_strip"; column: string }
  | { type: "rename_saved"; name: string; called: string }
  | { type: "save_rows"; name: string; author: string }
  | { type: "select_level"; column: string; level: string | null; mode?: "replace" | "add" | "remove" | "intersect" }
  | { type: "select_range"; column: string; ends: [number, number]; mode?: "replace" | "add" | "remove" | "intersect" }
  | { type: "store"; which: "a" | "b" }
  | { type: "switch"; name: string; on: boolean }
  | { type: "table" }
  | { type: "unfilter"; name: string }
  | { type: "unfold"; column: string }
  | { type: "unlabel"; column: string; level: string | null };

export interface RowCardParameters {
  card: Data;
  name: string | null;
  nearest: Data;
}

export type RowCardMessage =
  | { type: "close" }
  | { type: "go"; row: number }
  | { type: "look"; name: string }
  | { type: "place" };

export interface ChartsParameters {
  charts: Data;
  columns: Data;
  name: string | null;
  numbers: Data;
}

export type ChartsMessage =
  | { type: "add"; chart: "histogram" | "bars" | "scatter" | "line" }
  | { type: "box"; place: number; x: [number, number] | null; y: [number, number] | null; mode?: "replace" | "add" | "remove" | "intersect" | null }
  | { type: "change"; place: number; chart: "histogram" | "bars" | "scatter" | "line"; x: string; y: string | null }
  | { type: "levels"; column: string; level: string | null; on: boolean }
  | { type: "numbers"; place: number }
  | { type: "only"; column: string; level: string | null }
  | { type: "range"; column: string; ends: [number, number] | null }
  | { type: "remove"; place: number }
  | { type: "select_level"; column: string; level: string | null; mode?: "replace" | "add" | "remove" | "intersect" }
  | { type: "select_range"; column: string; ends: [number, number]; mode?: "replace" | "add" | "remove" | "intersect" }
  | { type: "unfold"; column: string };
