"""`python cli.py ...` runs the command line from the source tree; once installed, `fernet ...` does the same."""

from fernet.commands import main

if __name__ == "__main__":
    main()
