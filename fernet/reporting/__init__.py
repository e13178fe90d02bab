"""Tables, figures and the report; they read saved results only."""
