#pragma once

#include <any>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <saker/http/exchange/context.hpp>
#include <saker/signalr/transports/request_info.hpp>

namespace saker::signalr {

/// Keeps whom a connection belongs to: its user, the request that began it, and what the
/// application has noted of it.
///
/// Owner: the connection. Thread rule: its loop.
class connection_caller {
 public:
  void begin(http_context& context) {
    user_ = context.shared_user();
    first_request_ = &context;
  }
  const std::shared_ptr<const claims_principal>& user() const noexcept { return user_; }
  void set_user(std::shared_ptr<const claims_principal> user) noexcept { user_ = std::move(user); }

  /// Copied from the first request when somebody asks, or when that request ends.
  const request_info& request() {
    if (!request_) request_ = std::make_unique<const request_info>(*first_request_);
    return *request_;
  }
  /// Null: it has ended.
  http_context* first_request() const noexcept { return first_request_; }
  void end_first_request(bool is_needed) {
    if (first_request_ && is_needed) request();
    first_request_ = nullptr;
  }

  std::map<std::string, std::any>& items() {
    if (!items_) items_ = std::make_unique<std::map<std::string, std::any>>();
    return *items_;
  }

 private:
  std::shared_ptr<const claims_principal> user_ = std::make_shared<const claims_principal>();
  http_context* first_request_ = nullptr;
  std::unique_ptr<const request_info> request_;
  std::unique_ptr<std::map<std::string, std::any>> items_;
};

}  // namespace saker::signalr
