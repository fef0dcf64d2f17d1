#include "app/server.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include "io/sockets.hpp"
#include "observe/log.hpp"

namespace saker::app {

server::server(const settings& from, const http::connection_options& options,
               const proxy_protocol* proxies)
    : tls_(from.tls.certificates.empty() ? nullptr : std::make_unique<io::tls_server>(from.tls)),
      workers_(from.threads ? from.threads : io::usable_cpus(), options, tls_.get(), proxies) {
  const auto count = static_cast<unsigned>(workers_.workers().size());
  for (const auto& endpoint : from.endpoints) {
    binding bound(endpoint, count, from.unix_socket_mode);
    if (bound.is_shared()) socket_files_.push_back(endpoint.host);
    urls_.push_back(bound.url());
    deal(bound);
  }
}

void server::deal(binding& bound) {
  const auto& all = workers_.workers();
  for (const auto& address : bound.release()) {
    if (address.size() == 1 && bound.is_shared()) {
      all.front()->listen_for(address.front(), bound.is_secure(), all);
      continue;
    }
    for (std::size_t i = 0; i < address.size(); ++i) {
      all[i]->listen(address[i], bound.is_secure());
    }
  }
}

bool server::finish(worker_group::clock::time_point stopped_at, std::chrono::milliseconds timeout) {
  constexpr std::chrono::hours longest{24 * 365};
  const auto cut_off =
      workers_.finish(stopped_at + std::min<std::chrono::milliseconds>(timeout, longest));
  const bool all_ended = !cut_off.holds_stop();
  if (!cut_off.empty()) {
    observe::log(all_ended ? observe::log_level::debug : observe::log_level::warning,
                 "The stop has cut off " + cut_off.text() + ".");
  }
  for (const auto& file : socket_files_) std::remove(file.c_str());
  return all_ended || timeout == std::chrono::milliseconds(0);
}

websocket_metrics server::metrics() const {
  websocket_metrics all;
  for (const auto& each : workers_.workers()) all += each->websocket_metrics();
  return all;
}

}  // namespace saker::app
