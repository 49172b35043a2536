"""``python -m vnfdr`` is the command line."""

from vnfdr.cli import main

if __name__ == "__main__":
    main()
