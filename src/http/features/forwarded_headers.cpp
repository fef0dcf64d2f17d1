#include <saker/http/features/forwarded_headers.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>

#include "http/features/forwarded_fields.hpp"
#include "io/ip_networks.hpp"

namespace saker {
namespace {

/// A host as a Host field may have it, with or without a port.
bool is_host(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~[]:").find(c) != std::string_view::npos;
  });
}

class trusted_proxies {
 public:
  explicit trusted_proxies(forwarded_headers_options options)
      : options_(std::move(options)), known_(options_.known_proxies) {}

  void apply(http_request& request) const {
    const auto entries = read(request.headers());
    const auto most = options_.forward_limit.value_or(std::numeric_limits<std::size_t>::max());
    auto peer = request.remote_endpoint();
    std::string client;
    std::string scheme;
    std::string host;
    for (std::size_t i = 0; i < std::min(most, entries.size()); ++i) {
      if (!known_.contains(peer)) break;
      const auto& entry = entries[i];
      if (options_.client && !entry.client.empty()) {
        auto endpoint = http::to_endpoint(entry.client);
        if (endpoint.empty()) break;
        peer = client = std::move(endpoint);
      }
      if (options_.scheme && !entry.scheme.empty()) {
        if (!equals_ignoring_case(entry.scheme, "http") &&
            !equals_ignoring_case(entry.scheme, "https")) {
          break;
        }
        scheme = equals_ignoring_case(entry.scheme, "https") ? "https" : "http";
      }
      if (options_.host && !entry.host.empty()) {
        if (!allows_host(entry.host)) break;
        host = entry.host;
      }
    }
    if (!client.empty()) request.set_remote_endpoint(std::move(client));
    if (!scheme.empty()) request.set_scheme(std::move(scheme));
    if (!host.empty()) request.set_host(std::move(host));
  }

 private:
  std::vector<http::forwarded_entry> read(const headers& fields) const {
    if (options_.fields == forwarded_fields::forwarded) return http::read_forwarded(fields);
    if (options_.require_header_symmetry && !http::is_x_forwarded_symmetric(fields)) return {};
    return http::read_x_forwarded(fields);
  }

  bool allows_host(std::string_view host) const {
    if (!is_host(host)) return false;
    if (options_.allowed_hosts.empty()) return true;
    const auto name = io::address_of(host);
    return std::any_of(options_.allowed_hosts.begin(), options_.allowed_hosts.end(),
                       [&](std::string_view each) {
                         if (!each.starts_with("*.")) return equals_ignoring_case(each, name);
                         each.remove_prefix(1);
                         return name.size() > each.size() &&
                                equals_ignoring_case(name.substr(name.size() - each.size()), each);
                       });
  }

  forwarded_headers_options options_;
  io::ip_networks known_;
};

}  // namespace

void forwarded_headers_options::validate() const {
  if (forward_limit && *forward_limit == 0) {
    throw std::invalid_argument("forwarded_headers_options::forward_limit must be 1 or more.");
  }
  for (const auto& each : allowed_hosts) {
    if (!is_host(each.starts_with("*.") ? each.substr(2) : each)) {
      throw std::invalid_argument("forwarded_headers_options::allowed_hosts: '" + each +
                                  "' is no host.");
    }
  }
}

middleware forwarded_headers(forwarded_headers_options options) {
  options.validate();
  const auto proxies = std::make_shared<const trusted_proxies>(std::move(options));
  return [proxies](http_context& context, next next) -> task<void> {
    proxies->apply(context.request());
    return next();
  };
}

}  // namespace saker
