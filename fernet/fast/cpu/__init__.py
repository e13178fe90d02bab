"""Fast versions for the processor: fewer passes over memory, larger matrix products, all cores."""
