// Nodes, files and dialogs.

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else if (key in node && key !== "list" && key !== "role") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

// What is said where CSV is saved.
export const saveTitle = (form, title) =>
  form === "csv"
    ? `${title}. In CSV, text that a spreadsheet would run as a formula gets an apostrophe before it.`
    : title;

// A file of the server, or one that came as a message.
export function saveFile({ name, path, data }) {
  const page = location.pathname.replace(/\/?$/, "/");
  if (path || data) h("a", { href: data || page + path, download: name }).click();
}

// Keys of the page sleep while a dialog is open, wherever in the page it is.
export function openDialog(dialog) {
  if (!dialog.dataset.watched) {
    dialog.dataset.watched = "1";
    dialog.addEventListener("close", () => {
      delete document.documentElement.dataset.dialog;
    });
  }
  document.documentElement.dataset.dialog = "1";
  dialog.showModal();
}
