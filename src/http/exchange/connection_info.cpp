#include <saker/http/exchange/connection_info.hpp>

#include "http/exchange/exchange.hpp"
#include "io/channel_security.hpp"

namespace saker {

connection_info::connection_info(http::exchange& exchange)
    : exchange_(exchange), security_(exchange.security()) {}
connection_info::connection_info(const connection_info&) = default;
connection_info::~connection_info() = default;

std::string connection_info::remote_endpoint() const { return exchange_.remote_endpoint(); }

network_address connection_info::remote_address() const {
  return network_address::parse(exchange_.remote_endpoint());
}

network_address connection_info::local_address() const {
  return network_address::parse(exchange_.local_endpoint());
}

std::string_view connection_info::tls_version() const noexcept {
  return security_ ? security_->version : std::string_view();
}

std::string_view connection_info::tls_cipher() const noexcept {
  return security_ ? security_->cipher : std::string_view();
}

std::string_view connection_info::server_name() const noexcept {
  return security_ ? std::string_view(security_->server_name) : std::string_view();
}

bool connection_info::is_resumed() const noexcept { return security_ && security_->resumed; }

const certificate* connection_info::client_certificate() const noexcept {
  return security_ && security_->client_certificate ? &*security_->client_certificate : nullptr;
}

}  // namespace saker
