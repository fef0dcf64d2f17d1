#pragma once

// The features of Saker's other libraries, only declared: where a program uses one without its
// header, the compiler shows the line that says what to include and link.

namespace saker {

class jwt_bearer;  // Include <saker/authentication.hpp> and link saker::authentication.
class jwt_issuer;  // Include <saker/authentication.hpp> and link saker::authentication.

namespace signalr {

class hub;             // Include <saker/signalr.hpp> and link saker::signalr.
class defaults;        // Include <saker/signalr.hpp> and link saker::signalr.
class map_connection;  // Include <saker/signalr.hpp> and link saker::signalr.
template <class Hub>
class map_hub;  // Include <saker/signalr.hpp> and link saker::signalr.
template <class Hub>
class hub_context;  // Include <saker/signalr.hpp> and link saker::signalr.

class redis_backplane;           // Include <saker/redis.hpp> and link saker::redis.
struct redis_backplane_options;  // Include <saker/redis.hpp> and link saker::redis.

}  // namespace signalr
}  // namespace saker
