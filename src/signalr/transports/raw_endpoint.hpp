#pragma once

#include <memory>
#include <stdexcept>
#include <utility>

#include <saker/signalr/transports/connection_context.hpp>

#include "signalr/transports/connection.hpp"
#include "signalr/transports/connection_endpoint.hpp"

namespace saker::signalr {

/// Connections that a handler of the user's serves, without a hub.
class raw_endpoint final : public connection_endpoint {
 public:
  raw_endpoint(connection_handler handler, connection_options options)
      : connection_endpoint(without_reconnects(std::move(options))), handler_(std::move(handler)) {
    if (!handler_) throw std::invalid_argument("The handler of a connection must not be empty.");
  }

  task<void> run(std::shared_ptr<connection> on) override {
    connection_context context(std::move(on));
    auto handling = handler_(context);
    co_await handling;
  }

 private:
  // Only the hub protocol can tell what was lost with a socket.
  static connection_options without_reconnects(connection_options options) {
    options.allow_stateful_reconnects = false;
    return options;
  }

  connection_handler handler_;
};

}  // namespace saker::signalr
