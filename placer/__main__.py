"""``python -m placer`` is the command ``placer``."""

from placer.cli import main

if __name__ == "__main__":
    main()
