"""Commands: the sub-commands of `explorer`, a file each; the only room beside `cli` that prints."""
