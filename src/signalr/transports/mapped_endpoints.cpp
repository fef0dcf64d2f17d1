#include "signalr/transports/mapped_endpoints.hpp"

#include <saker/http/pipeline/query_token_routes.hpp>

#include <string>
#include <utility>

namespace saker::signalr {
namespace {

std::string below(std::string_view pattern, std::string_view name) {
  std::string path(pattern);
  while (path.ends_with('/')) path.pop_back();
  return path.append("/").append(name);
}

}  // namespace

void mapped_endpoints::map(feature_host& host, std::string_view pattern,
                           std::unique_ptr<connection_endpoint> endpoint) {
  auto& kept =
      *host.services().get_or_add<mapped_endpoints>().endpoints_.emplace_back(std::move(endpoint));
  auto& with_query_token = host.services().get_or_add<query_token_routes>();
  const auto add = [&](std::string_view path, request_delegate handler) {
    with_query_token.add(path);
    host.routes().add(path, {}, std::move(handler));
  };
  add(below(pattern, "negotiate"),
      [&kept](http_context& context) { return kept.answer_negotiate(context); });
  add(pattern, [&kept](http_context& context) { return kept.answer(context); });
  if (!kept.options().enable_authentication_refresh) return;
  add(below(pattern, "refresh"),
      [&kept](http_context& context) { return kept.answer_refresh(context); });
}

connection_metrics mapped_endpoints::metrics() const {
  connection_metrics all;
  for (const auto& each : endpoints_) all += each->metrics();
  return all;
}

connection_metrics metrics(const feature_host& host) {
  const auto* const mapped = host.services().find<mapped_endpoints>();
  return mapped ? mapped->metrics() : connection_metrics();
}

}  // namespace saker::signalr
