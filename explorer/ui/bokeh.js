// What Bokeh has to be told so that a view can send messages.

// Of what came with the last change, Bokeh (3.9) thinks that the server does not know it until
// anything else has been sent: a view that is the first to speak would send itself whole, which
// fails, and so would all that it says later.
export function introduce(view) {
  view?.model?.document?._new_models?.clear();
}

// A view inside a view that is opened later brings the definition of its class with it. The first
// message after that writes out all that is new, and a class cannot be written: no message would
// ever leave the page again. The definition has done its work by then.
export function forgetDefinitions() {
  for (const page of window.Bokeh.documents) {
    for (const model of page._all_models.values()) {
      if (model._defs && model._defs.length) model.setv({ _defs: [] }, { silent: true });
    }
  }
}
