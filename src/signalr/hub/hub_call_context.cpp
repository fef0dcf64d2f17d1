#include <saker/signalr/hub/hub.hpp>

#include "signalr/hub/hub_connection.hpp"

namespace saker::signalr {

hub_call_context::hub_call_context(hub_connection& connection)
    : connection_(&connection), user_(connection.on().user()) {}

const std::string& hub_call_context::connection_id() const noexcept { return connection_->id(); }

const std::string& hub_call_context::user_identifier() const noexcept {
  return connection_->user_id();
}

std::map<std::string, std::any>& hub_call_context::items() const noexcept {
  return connection_->on().items();
}

transport_type hub_call_context::transport() const noexcept {
  return connection_->on().transport();
}

std::string_view hub_call_context::protocol() const noexcept {
  return connection_->protocol().name();
}

const request_info& hub_call_context::request() const noexcept {
  return connection_->on().request();
}

std::stop_token hub_call_context::connection_aborted() const noexcept {
  return connection_->on().closed();
}

void hub_call_context::abort() const { connection_->abort(); }

}  // namespace saker::signalr
