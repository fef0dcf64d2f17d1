"""Strategies that the server does not stand yet, each with the reason. They run all the same, and one that passes is an error, unless its
reason begins with "sometimes"."""

SILENCE = 'sometimes: what a body has brought buys its sender four grace periods of silence, in a stop as well'

KNOWN_FAULTS = {
    'http1: smallest one-byte chunks': SILENCE,
    'http1: smallest chunk extensions': SILENCE,
    'signalr over long polling: owe messages': 'sometimes: polls that nobody reads hold up a stop until their send_timeout',
    'signalr over WebSockets: owe messages to a stateful client':
        'sometimes: what a hub sends to a stateful client that does not read outlives the client',
}


def known_reason(name, faults):
    """Why it is known that this strategy fails, or None."""
    return KNOWN_FAULTS.get(name)
