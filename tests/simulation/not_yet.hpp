#pragma once

namespace saker::simulation::not_yet {

// What the simulation has found and nobody has mended yet: each is left out of the worlds until it
// is, so that the seeds of the tests find what is new. Nothing else is left out.

/// A hub connection over a WebSocket whose client sends calls and reads nothing stays for ever when
/// the socket is lost: the transport waits for room in the input.
inline constexpr bool floods_of_hub_calls = true;
/// A proxy of the caller that is kept beyond the call, and asked for a value, points into the call.
inline constexpr bool asking_a_kept_caller = true;
/// Over HTTP/2 the rate of a request's body is held against the client while its handler does not
/// read.
inline constexpr bool slow_readers_of_http2_bodies = true;

}  // namespace saker::simulation::not_yet
