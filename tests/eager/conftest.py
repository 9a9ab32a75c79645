"""micrograd's test file is run by test_micrograd.py, which skips it where torch is missing."""

collect_ignore = ["micrograd_test_engine.py"]
