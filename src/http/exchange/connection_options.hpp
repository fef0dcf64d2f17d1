#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <saker/async/task.hpp>
#include <saker/http/exchange/limits.hpp>
#include <saker/http/exchange/problem_details.hpp>

#include "http/exchange/connection_slots.hpp"

namespace saker {
class http_context;
}

namespace saker::http {

/// What one read of requests may bring.
inline constexpr std::size_t request_portion = 8 * 1024;

/// What all connections of a server have in common, whatever their protocol. Owned by the server,
/// unchanged while it runs.
struct connection_options {
  std::function<task<void>(http_context&)> application;  ///< A request_delegate.
  http_limits limits;
  bool add_server_header = true;
  bool include_exception_details = false;
  problem_details_options problem_details;
  /// A proxy that ends TLS may leave https in the `:scheme` of HTTP/2 (RFC 9113, section 8.3.1).
  bool allow_alternate_schemes = false;
  /// Who is connected, and who is upgraded, where the limits ask for it.
  std::shared_ptr<connection_slots> connections = std::make_shared<connection_slots>();
  std::shared_ptr<connection_slots> upgraded = std::make_shared<connection_slots>();
};

/// The place of an upgraded connection, or null where none is asked for. Throws http_error 503 when
/// all are taken.
std::unique_ptr<async::disposable> take_upgraded_slot(const connection_options& options);

}  // namespace saker::http
