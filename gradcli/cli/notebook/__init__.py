"""The commands in a notebook: ``%load_ext gradcli`` makes a magic of each of them."""
