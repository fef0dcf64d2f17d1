#include <saker/http/pipeline/query_token_routes.hpp>

namespace saker {

void query_token_routes::add(std::string_view pattern) {
  routes_.add(pattern, {}, [](http_context&) { return task<void>(); });
}

bool query_token_routes::contains(const http_context& context) const {
  const auto& request = context.request();
  return routes_.find(request.method(), request.path()).handler != nullptr;
}

}  // namespace saker
