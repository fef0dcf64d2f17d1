#include "http/exchange/connection_options.hpp"

#include <saker/http/message/error.hpp>

namespace saker::http {

std::unique_ptr<async::disposable> take_upgraded_slot(const connection_options& options) {
  const auto most = options.limits.max_concurrent_upgraded_connections;
  if (!most) return nullptr;
  auto slot = options.upgraded->take(*most);
  if (slot) return slot;
  throw http_error(503,
                   "Request cannot be upgraded because the server has already opened the maximum "
                   "number of upgraded connections.");
}

}  // namespace saker::http
