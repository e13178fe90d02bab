"""`python cli.py ...`: the command line without installing it. `fernet ...` is the same thing installed."""

from fernet.commands import main

if __name__ == "__main__":
    main()
