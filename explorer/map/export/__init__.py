"""A map as a picture that stands by itself: axes, legend, caption; PNG, SVG, PDF; HoloViews."""
