"""The Feature tab: one feature with its histogram, QQ plot, Gaussian check and outliers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import param
from panel.custom import Child

from explorer.core.errors import ExplorerError
from explorer.feature.cards import basis_in_words, feature_card
from explorer.feature.feature_answers import compute_answer
from explorer.feature.feature_counts import BarCounter, kept_range, missing_choices, typed_range
from explorer.feature.plots import FeaturePlots
from explorer.features.catalogue.catalogue_keys import value_from_text
from explorer.session.rows.level_filter import kept_levels
from explorer.session.rows.strips import count_strip
from explorer.state import actions
from explorer.ui.component import SessionComponent
from explorer.ui.page_loop import LatestTask, Schedule
from explorer.ui.strip_card import range_in_words, strip_card

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.profile.profile import FeatureProfile
    from explorer.session.session import Session

__all__ = ["FeaturePage"]

_COUNTED = {"selection", "filters", "maps"}
_MARKED = {"features", "policy", "color", "filters", "theme", "views"}
_LEVELS = ("categorical", "boolean")


class FeaturePage(SessionComponent):
    """The Feature tab.

    Parameters
    ----------
    session, schedule
        As `SessionComponent` has them.
    wait : bool
        Whether the browser is still to be told of this view: after the first build nothing more is
        shown until its script says it is ready, since a plot that the browser does not know yet
        loses what is sent to it.
    """

    _files = "page"

    feature = param.Dict(default={}, doc="The cards of the current feature.")
    chart = param.Dict(default={}, doc="What the plots show, in words, and how.")
    levels = param.Dict(
        default={}, doc="Levels with counts of population and selection, of a category."
    )
    marks = param.Dict(default={}, doc="What is chosen of this feature: ticked, colour, transform.")
    asked = param.Dict(default={}, doc="What was computed on request: within, test, missing.")
    choices = param.Dict(default={}, doc="Columns that can be asked by; the same all the time.")
    error = param.Dict(default={}, doc="Why an edit was refused: attribute, words.")
    histogram = Child(
        default=None, allow_None=True, doc="The histogram; none before the tab is first opened."
    )
    qq = Child(default=None, allow_None=True, doc="The QQ plot.")

    def __init__(
        self, session: Session, schedule: Schedule, wait: bool = False, **params: Any
    ) -> None:
        super().__init__(session, schedule, choices=missing_choices(session.table), **params)
        self._name = ""
        self._profile: FeatureProfile | None = None
        self._unfolded = False
        self._view = session.state.document.views.feature  # as it is shown
        self._ready, self._behind = not wait, False
        self._typed: tuple[str, list[float], list[float | None]] | None = None
        self._plots = FeaturePlots()
        self._counter = BarCounter(session.table, session.rows)
        self._counts: LatestTask[tuple[str, str], tuple[str, str, Any]] = LatestTask(
            schedule, self._counted, self._show_counts
        )
        self._answers: LatestTask[tuple[str, str, str], tuple[str, dict[str, Any]]] = LatestTask(
            schedule,
            lambda request: (request[0], compute_answer(session.table, session.rows, *request)),
            self._show_answer,
        )
        self.refresh(frozenset({"feature", "tab"}))

    def refresh(self, changed: frozenset[str]) -> None:
        """Follow a change of the session; called on the event loop."""
        document = self._session.state.document
        if document.tab != "Feature" and not self._name:
            return  # nothing is built before somebody looks
        if self._held():
            self._behind = True
            return
        if document.feature is None and document.tab == "Feature":
            # said in the state, so that a link opens the same one whatever is ticked meanwhile
            self._session.state.act(actions.look_at, name=self._name or self._first(), tab=None)
            document = self._session.state.document
        name = document.feature or self._name or self._first()
        if self._behind or name != self._name or changed & {"profiles", "catalogue"}:
            self.show(name)
            return
        if changed & _MARKED:
            self._mark()
        if "theme" in changed:
            self._draw()
        if "views" in changed:
            self._follow_view()
        if changed & _COUNTED:
            self._count()

    def show(self, name: str) -> None:
        """Show a feature; called on the event loop.

        While the browser is not ready or another tab is open this is put off; then the feature of
        the state is shown.

        Raises
        ------
        UnknownName
            If the table has no such feature.
        """
        self._session.table.columns.feature(name)
        self._behind = self._held()
        if self._behind:
            return
        # one message to the browser instead of one a parameter
        with param.parameterized.batch_call_watchers(self):
            if name != self._name:
                self._plots.bars, self._unfolded = None, False
                self.param.update(levels={}, asked={}, error={})
            self._name, self._profile = name, self._session.profile(name)
            self._view = self._session.state.document.views.feature
            self.feature = feature_card(self._session.table, name, self._profile)
            self._mark()
            self._draw()
        self._count()
        self._split_missing()

    # --- what the page sends

    def on_ready(self) -> None:
        """Show what has changed since the first build: the browser now has the view."""
        self._ready = True
        if self._behind:
            self.refresh(frozenset())

    def on_look(self, name: str) -> None:
        """Look at another feature."""
        self._session.state.act(actions.look_at, name=name)

    def on_tick(self, on: bool) -> None:
        """Put the feature into the set or take it out."""
        self._session.state.act(actions.toggle_feature, name=self._name, on=on)

    def on_color(self, on: bool) -> None:
        """Colour the map by the feature, or by density again."""
        self._do(lambda: self._session.color_by(self._name if on else None))

    def on_scale(self, name: actions.HistogramScale) -> None:
        """Show the histogram linear, log or rank; remembered for the next features."""
        self._session.state.act(actions.set_feature_view, scale=name)

    def on_normal(self, on: bool) -> None:
        """Draw the fitted normal or not; remembered."""
        self._session.state.act(actions.set_feature_view, normal=on)

    def on_after(self, on: bool) -> None:
        """Show the QQ plot after the suggested transform, or as the feature is."""
        self._session.state.act(actions.set_feature_view, transformed=on)

    def on_range(self, ends: tuple[float, float] | None) -> None:
        """Keep only a closed range of the feature, or all of it again."""
        name = f"column:{self._name}"
        if ends is not None and self._profile is not None and self._plots.figure.edges.size:
            low, high = kept_range(
                (ends[0], ends[1]), self._plots.figure.edges, self._profile.min, self._profile.max
            )
            self._session.state.act(
                actions.add_filter, id=name, column=self._name, range=(low, high)
            )
        elif ends is None and self._session.rows.column_filter(self._name) is not None:
            self._session.state.act(actions.remove_filter, id=name)

    def on_keep(self, low: float | None, high: float | None) -> None:
        """Keep only the values between two typed ends, both closed; None is an open end."""
        profile = self._profile
        if profile is not None and profile.min is not None and profile.max is not None:
            if low is not None and high is not None:
                low, high = min(low, high), max(low, high)
            ends = typed_range(low, high, profile.min, profile.max)
            self._typed = self._name, list(ends), [low, high]
            name = f"column:{self._name}"
            self._session.state.act(actions.add_filter, id=name, column=self._name, range=ends)

    def on_level(self, level: str | None, on: bool) -> None:
        """Show or hide the rows of one level."""
        coded = self._session.table.columns.levels(self._name)
        chosen = kept_levels(self._session.rows.column_filter(self._name), coded)
        chosen[coded.code_of(level)] = on
        self._session.rows.filter_levels(self._name, chosen)

    def on_unfold(self) -> None:
        """List more levels, or the largest alone again."""
        self._unfolded = not self._unfolded
        self._count()

    def on_transform(self, name: str | None) -> None:
        """Use a transform of the feature in the next projection, which ticks it; or none."""
        present = self._session.state.document.policy.transform
        others = {name: recipe for name, recipe in present.items() if name != self._name}
        chosen = others if name is None else {**others, self._name: name}
        document = self._session.state.document
        if name is None or self._name in document.features:
            self._session.state.act(actions.set_policy, transform=chosen)
            return
        # it is to be used, so it is ticked: of a feature that is not, a transform changes nothing
        self._session.state.act(
            actions.open_set,
            name=document.set,
            features=[*document.features, self._name],
            policy={"transform": chosen},
        )

    def on_select(self, definition: dict[str, Any]) -> None:
        """Select the rows of a definition: they are marked on the map."""
        self._session.state.act(actions.select, selection=definition)

    def on_within(self, column: str) -> None:
        """Check the residuals within the groups of a category."""
        self._answers.submit(("within", self._name, column))

    def on_test(self) -> None:
        """Compute a p-value of a stated sample."""
        self._answers.submit(("test", self._name, ""))

    def on_missing(self, column: str) -> None:
        """Split the missing cells by a category or a time; remembered for the next features."""
        self._session.state.act(actions.set_feature_view, missing_by=column or None)

    def on_edit(self, attribute: str, value: str) -> None:
        """Change what the catalogue says of the feature; a wrong value is refused in words."""
        try:
            read = value_from_text(self._name, attribute, value) if value.strip() else None
            # what another role named, this one does not
            more = {"of": None} if attribute == "role" else {}
            self._session.edit_features({self._name: {attribute: read, **more}})
        except ExplorerError as error:
            self.error = {"attribute": attribute, "words": str(error), "value": value}
        else:
            self.error = {}

    # --- what is shown

    def _held(self) -> bool:
        """Whether the browser would lose what is sent to the plots, or nobody looks at them."""
        away = self._session.state.document.tab != "Feature"
        return bool(self._name) and (away or not self._ready)

    def _first(self) -> str:
        ticked = self._session.state.document.features
        return ticked[0] if ticked else self._session.table.column_names[0]

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except ExplorerError as error:
            self.error = {"attribute": "", "words": str(error), "value": ""}

    def _mark(self) -> None:
        document = self._session.state.document
        present = self._session.rows.column_filter(self._name)
        range_ = list(present.range) if present and present.on and present.range else None
        self.marks = {
            "ticked": self._name in document.features,
            "colours": document.color.column == self._name,
            "transform": document.policy.transform.get(self._name, ""),
            "kept": range_,
            "kept_words": range_in_words(self._session.table, self._name, range_) if range_ else "",
            "missing_column": document.views.feature.missing_by or "",
            "fields": self._fields(range_),
            "basis": basis_in_words(self._profile, filtered=bool(document.active_filters)),
        }

    def _fields(self, range_: list[float] | None) -> list[float | None]:
        """Return the ends as they were typed, or as somebody would type them.

        An end that leaves nothing out is empty.
        """
        profile = self._profile
        if range_ is None or profile is None:
            return [None, None]
        if self._typed is not None and self._typed[:2] == (self._name, list(range_)):
            return self._typed[2]
        return [
            end if end != extreme else None
            for end, extreme in zip(range_, (profile.min, profile.max), strict=True)
        ]

    def _follow_view(self) -> None:
        """Draw the plots as the state says, where that has changed."""
        before, self._view = self._view, self._session.state.document.views.feature
        if replace(before, missing_by=None) != replace(self._view, missing_by=None):
            if before.scale != self._view.scale:
                self._plots.bars = None
            self._draw()
            self._count()
        if before.missing_by != self._view.missing_by:
            self._split_missing()

    def _split_missing(self) -> None:
        column, profile = self._view.missing_by, self._profile
        if column and profile is not None and profile.missing:
            self._answers.submit(("missing", self._name, column))
        elif not column:
            self.asked = {key: value for key, value in self.asked.items() if key != "missing"}

    def _draw(self) -> None:
        """Show the plots of the present feature; they are built when the tab is first looked at."""
        theme = self._session.state.document.theme
        self.chart = self._plots.draw(
            self._profile, self._scales(), self._view, self._kept(), theme
        )
        if self.histogram is None:
            histogram, qq = self._plots.panes(self.on_range)
            self.param.update(histogram=histogram, qq=qq)

    def _scales(self) -> list[str]:
        scales: list[str] = self.feature.get("scales", [])
        return [] if self._has_levels() else scales

    def _has_levels(self) -> bool:
        return self._profile is not None and self._profile.kind in _LEVELS

    def _kept(self) -> tuple[float, float] | None:
        range_ = self.marks.get("kept")
        return (range_[0], range_[1]) if range_ else None

    # --- counts of population and selection

    def _count(self) -> None:
        """Count in a thread, where the profile's own counts are not those of the rows shown."""
        if self._has_levels():
            self._counts.submit((self._name, ""))
        elif self._differs():
            self._counts.submit((self._name, self._plots.figure.scale))
        elif self._plots.bars is not None:
            self._plots.bars = None
            self._draw()

    def _differs(self) -> bool:
        """Whether the rows shown are not those of the profile, or some of them are selected."""
        document, profile = self._session.state.document, self._profile
        if profile is None or self._plots.figure.edges.size == 0:
            return False
        filtered = bool(document.active_filters)
        return filtered or document.selection is not None or profile.sampled is not None

    def _counted(self, request: tuple[str, str]) -> tuple[str, str, Any]:
        name, scale = request
        if not scale:
            selecting = self._session.rows.selection() is not None
            card = strip_card(
                self._session.table,
                self._session.rows,
                count_strip(self._session.table, self._session.rows, name),
                selecting,
                self._unfolded,
            )
            return name, scale, card
        profile = self._session.profile(name)
        assert profile is not None  # a profile that was there does not go away
        return name, scale, self._counter.count(name, profile.histograms[scale].edges)

    def _show_counts(self, counted: tuple[str, str, Any]) -> None:
        name, scale, counts = counted
        if name != self._name:
            return  # somebody went on in the meantime
        if self._held():
            self._behind = True
            return
        if not scale:
            self.levels = counts
        elif scale == self._plots.figure.scale and self._differs():
            self._plots.bars = counts
            self._draw()

    # --- on request

    def _show_answer(self, answer: tuple[str, dict[str, Any]]) -> None:
        what, result = answer
        if what == "missing" and not self._view.missing_by:
            return  # nobody asks for it any more
        if result["name"] == self._name:
            self.asked = {**self.asked, what: result}
            self._mark()
