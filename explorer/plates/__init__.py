"""Plates: a map as a picture that stands by itself, for a paper, a talk or a notebook.

plate      what is on it: the frame of the map, axes, legend, title, caption
legend     what the colours mean, with exact counts
caption    which rows are drawn, and everything that made the map, in words
layout     where each part goes, in pixels; lettering: how wide words are
figure     the parts drawn by Matplotlib; output: PNG, SVG and PDF as bytes and files
notebook   a live map as a HoloViews object
"""
