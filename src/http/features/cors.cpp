#include <saker/http/features/cors.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include "http/message/origins.hpp"
#include "http/message/vary.hpp"

namespace saker {
namespace {

bool has(const std::vector<std::string>& entries, std::string_view wanted) {
  return std::find(entries.begin(), entries.end(), wanted) != entries.end();
}

std::string joined(const std::vector<std::string>& entries) {
  std::string text;
  for (const auto& each : entries) text.append(text.empty() ? "" : ", ").append(each);
  return text;
}

/// What a preflight is told: everything asked for where everything is allowed, since with
/// credentials a '*' would mean nothing but itself.
void answer_list(headers& answer, const char* name, const std::vector<std::string>& allowed,
                 std::string_view asked) {
  const auto value = has(allowed, "*") ? std::string(asked) : joined(allowed);
  if (!value.empty()) answer.set(name, value);
}

class cors_policy {
 public:
  explicit cors_policy(cors_options options)
      : options_(std::move(options)),
        origins_(options_.allowed_origins),
        any_origin_(has(options_.allowed_origins, "*")) {}

  bool allows(std::string_view origin) const {
    if (!options_.allowed_origins.empty() && origins_.allows(origin)) return true;
    return options_.is_origin_allowed && options_.is_origin_allowed(origin);
  }

  /// What every answer says.
  void mark(headers& answer, std::string_view origin) const {
    answer.set("Access-Control-Allow-Origin", any_origin_ ? "*" : origin);
    if (options_.allow_credentials) answer.set("Access-Control-Allow-Credentials", "true");
  }
  /// Caches must not give one origin's answer to another.
  void mark_as_varying(headers& answer) const {
    if (!any_origin_) http::vary_by(answer, "Origin");
  }
  void expose(headers& answer) const {
    if (!options_.exposed_headers.empty()) {
      answer.set("Access-Control-Expose-Headers", joined(options_.exposed_headers));
    }
  }
  void answer_preflight(const headers& asked, headers& answer) const {
    answer_list(answer, "Access-Control-Allow-Methods", options_.allowed_methods,
                asked.get("Access-Control-Request-Method"));
    answer_list(answer, "Access-Control-Allow-Headers", options_.allowed_headers,
                asked.get("Access-Control-Request-Headers"));
    if (options_.preflight_max_age) {
      answer.set("Access-Control-Max-Age", std::to_string(options_.preflight_max_age->count()));
    }
  }

 private:
  cors_options options_;
  http::allowed_origins origins_;
  bool any_origin_;
};

}  // namespace

void cors_options::validate() const {
  if (allow_credentials && has(allowed_origins, "*")) {
    throw std::invalid_argument(
        "cors_options::allow_credentials needs origins that are named; browsers refuse '*' with "
        "credentials.");
  }
  if (preflight_max_age && preflight_max_age->count() < 0) {
    throw std::invalid_argument("cors_options::preflight_max_age must be 0 or more.");
  }
}

middleware cors_middleware(cors_options options) {
  options.validate();
  const auto policy = std::make_shared<const cors_policy>(std::move(options));
  return [policy](http_context& context, next next) -> task<void> {
    const auto& asked = context.request().headers();
    const auto origin = asked.get("Origin");
    if (origin.empty()) return next();
    const bool allowed = policy->allows(origin);
    auto& response = context.response();
    if (context.request().method() == "OPTIONS" &&
        asked.contains("Access-Control-Request-Method")) {
      response.set_status(204);
      policy->mark_as_varying(response.headers());
      if (allowed) {
        policy->mark(response.headers(), origin);
        policy->answer_preflight(asked, response.headers());
      }
      return {};
    }
    // At the last moment, so that an answer to an error has it too.
    response.on_starting([policy, allowed, origin = std::string(origin)](http_response& starting) {
      policy->mark_as_varying(starting.headers());
      if (!allowed) return;
      policy->mark(starting.headers(), origin);
      policy->expose(starting.headers());
    });
    return next();
  };
}

}  // namespace saker
