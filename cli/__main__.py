"""`python -m cli` is `cpod`."""

from cli.main import main

if __name__ == "__main__":
    main()
