#pragma once

#ifndef SAKER_SIGNALR
#error "Link saker::signalr: target_link_libraries(app PRIVATE saker::signalr)"
#endif

#include <string>
#include <string_view>
#include <utility>

#include <saker/http/pipeline/feature_host.hpp>
#include <saker/signalr/transports/connection_context.hpp>
#include <saker/signalr/transports/connection_options.hpp>

namespace saker::signalr {

/// Maps a handler of SignalR connections, without a hub, to a pattern, and their negotiation to
/// `/negotiate` below it.
///
/// Owner: the caller, until `add`. Thread rule: that of feature_host; the handler is called on the
/// loop of each connection. Errors: an option out of range, an empty handler, a malformed pattern
/// or one that was mapped before throws `std::invalid_argument` when it is added.
///
/// Example:
/// ```cpp
/// app.add(signalr::map_connection("/bytes", [](signalr::connection_context& connection) {
///   return connection.write(std::as_bytes(std::span("hello", 5)));
/// }));
/// ```
class map_connection {
 public:
  map_connection(std::string_view pattern, connection_handler handler,
                 connection_options options = {})
      : pattern_(pattern), handler_(std::move(handler)), options_(std::move(options)) {}

  void add_to(feature_host& host) &&;

 private:
  std::string pattern_;
  connection_handler handler_;
  connection_options options_;
};

}  // namespace saker::signalr
