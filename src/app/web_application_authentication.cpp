#include <utility>

#include <saker/app/web_application.hpp>
#include <saker/http/features/jwt_bearer.hpp>

namespace saker {

web_application& web_application::use_jwt_bearer(jwt_bearer_options options) {
  const auto& hubs = query_token_routes();
  return use(jwt_bearer_middleware(std::move(options), [&hubs](const http_context& context) {
    return hubs.find(context.request().method(), context.request().path()).handler != nullptr;
  }));
}

}  // namespace saker
