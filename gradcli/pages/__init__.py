"""Pages that explain: files of HTML that hold everything they need, and compute in the browser.

`skeleton.py` is the frame of every page, and the only place where texts are escaped.  Each kind of page has a file of
its own.  A page computes with gradcli's own code: `tape_script.py` writes the tape of an expression as JavaScript,
and `programs.py` takes the functions that ``gradcli export --to javascript`` writes.  Styles and scripts are
hand-written files in ``assets``; nothing is loaded when a page is opened.
"""
