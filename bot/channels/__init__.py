"""One file a channel: vendor payload to Incoming, Outgoing to vendor call."""
