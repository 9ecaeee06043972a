// On a plain page, without Jupyter: a stand-in for anywidget's model, and how to show a widget with it.

/** A model that holds a widget's state: get, set, on, off and save_changes, as anywidget has them. */
export function pageModel(state) {
  const held = { ...state };
  const listeners = new Map();
  return {
    get: (name) => held[name],
    set(name, value) {
      if (held[name] === value) return;
      held[name] = value;
      for (const listener of listeners.get(`change:${name}`) ?? []) listener();
    },
    save_changes() {},
    on(event, listener) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event).add(listener);
    },
    off: (event, listener) => listeners.get(event)?.delete(listener),
  };
}

/** Show a widget in an element; gives the model, by which the page can read and change its state. */
export function showWidget(render, el, state) {
  const model = pageModel(state);
  render({ model, el });
  return model;
}
