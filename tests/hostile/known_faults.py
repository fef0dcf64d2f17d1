"""Strategies that the server does not stand yet, each with the reason. They run all the same, and one that passes is an error, unless its
reason begins with "sometimes"."""

UNTAKEN = 'an answer that is complete, and not taken, is not given up at min_response_data_rate'
GENERATORS = 'sometimes: a stream of a hub that yields without waiting goes on without its client, and holds the loop'
UNREAD = 'sometimes: what a hub sends to a client that does not read holds the loop, and outlives the client'

KNOWN_FAULTS = {
    'http1: owe events': UNTAKEN,
    'tls: owe HTTP/1 events': UNTAKEN,
    'tls: owe HTTP/1 ok': 'sometimes: ' + UNTAKEN,
    'tls: owe HTTP/1 whole bodies': 'sometimes: ' + UNTAKEN,
    'http1: owe heads of downloads': 'sometimes: the handler of HEAD of an endless stream holds the loop when others are pipelined behind it',
    'http1: smallest one-byte chunks': 'sometimes: the rate of a body counts from its beginning, so that a fast start buys silence, in a stop as well',
    'http1: smallest chunk extensions': 'sometimes: as with one-byte chunks',
    'signalr over WebSockets: owe items of endless streams': GENERATORS,
    'signalr over WebSockets: owe items of streams': GENERATORS,
    'signalr over Server-Sent Events: streams and their cancellations': GENERATORS,
    'signalr over long polling: streams and their cancellations': GENERATORS,
    'signalr over long polling: owe items of streams': GENERATORS,
    'signalr over long polling: vanish in a stream': GENERATORS,
    'signalr over long polling: owe messages': UNREAD,
    'signalr over WebSockets: owe messages to a stateful client': UNREAD,
    'signalr over WebSockets: MessagePack, errors': UNREAD,
}

# Where these, and others like them, show nothing but a stop that is late, or a descriptor that stays.
LATE_STOPS = {
    'signalr over ': 'sometimes: a blocked transport of a hub is not ended by its time limits once a stop has begun',
    'websocket over ': 'sometimes: a send that waits for a client is not ended by its time limit once a stop has begun',
}


def known_reason(name, faults):
    """Why it is known that this strategy fails, or None."""
    if name in KNOWN_FAULTS:
        return KNOWN_FAULTS[name]
    late = faults and all(fault.startswith('the stop') or 'descriptors are left' in fault for fault in faults)
    return next((reason for begin, reason in LATE_STOPS.items() if late and name.startswith(begin)), None)
