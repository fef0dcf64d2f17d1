#pragma once

namespace saker::simulation::not_yet {

// What the simulation has found and nobody has mended yet: each is left out of the worlds until it
// is, so that the seeds of the tests find what is new. Nothing else is left out.

/// A hub connection over a WebSocket whose client sends calls and reads nothing stays for ever when
/// the socket is lost: the transport waits for room in the input.
inline constexpr bool floods_of_hub_calls = true;
/// Over HTTP/2 a request whose handler reads its body slowly can end with INTERNAL_ERROR though all
/// of the body has come, or wait for very long (seeds 79 and 117): not cleared up. While this is
/// false HTTP/2 requests have no bodies here.
inline constexpr bool slow_readers_of_http2_bodies = true;

}  // namespace saker::simulation::not_yet
