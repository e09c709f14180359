"""WHO IS WOKEN: streams that read on in the log of events, each with the rights its viewer has at that moment."""
